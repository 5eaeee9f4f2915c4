"""Answers analyses: questions to a dissected network that are asked on a page.

A request becomes the command line of `python -m dissect`, which is run in this process. Its answer
is what `--format json` prints; the pictures that it writes go into the storage, named by their
content.
"""

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models.functions import Now
from tqdm import tqdm

from annotator import storage
from annotator.analysis_requests import analysis_request
from annotator.dissection_jobs.claims import working_on, write_claimed
from annotator.dissection_jobs.progress import RowProgress
from annotator.job_requests import BadRequest, RunRequest
from annotator.models import Analysis, Network, Run, Study
from annotator.models.claims import MAX_LOST
from dissect.commands.runner import run_command
from dissect.format.manifest import DIRECTIONS_FILE
from dissect.images.image_list import find_images
from dissect.images.path_lists import encode_path_list
from dissect.networks.builders import UNTRAINED
from dissect.networks.weights import file_sha256, split_weights

FOLDER = "analyses"  # of pictures in the storage
WITHOUT_IMAGES = {"layers", "filters"}  # kinds that look at no images
WITHOUT_PICTURES = {"layers", "alike"}
OF_DIRECTIONS = {"activations", "receptive-field", "concepts", "alike", "scenes"}
WITH_DIRECTIONS = {Network.Condition.DIRECTIONS, Network.Condition.RANDOM_DIRECTIONS}


class CannotAnswer(BadRequest):
    """An analysis cannot be answered as things are now; its text is one sentence."""


def analyse(analysis: Analysis) -> None:
    """Carry out a claimed analysis, or end it with a sentence that says why not."""
    with working_on(analysis, lambda error: _fail(analysis, error)):
        if analysis.lost_count >= MAX_LOST:
            _fail(
                analysis,
                f"{MAX_LOST} workers in a row were lost with it, the last one while "
                f"{analysis.stage or 'loading the network'}: they were killed from outside, or it "
                "needs more memory than they have. Ask again, or choose fewer units or images.",
            )
        else:
            _answer(analysis)


def _fail(analysis: Analysis, error: str) -> None:
    analysis.write(status=Analysis.Status.FAILED, error=error, finished_at=Now())


def _answer(analysis: Analysis) -> None:
    with tempfile.TemporaryDirectory(prefix="analysis-") as name:
        folder = Path(name)
        out = folder / "out"
        result = run_command(
            analysis.kind, arguments_of(analysis, folder), _progress_bars(analysis)
        )
        prefixes = {f"{out}/": "", f"{analysis.network.study.image_source}/": ""}
        result = plain(result, prefixes)
        pictures = dict(_stored_pictures(out))
    write_claimed(
        analysis,
        status=Analysis.Status.DONE,
        result=result,
        pictures=pictures,
        error="",
        finished_at=Now(),
    )


def _progress_bars(analysis: Analysis) -> Callable[..., Callable[[int, int], None]]:
    """Bars for a command, whose progress is written to the row as well and renews its lease."""

    def bar(what: str, unit: str = "image") -> Callable[[int, int], None]:
        terminal = tqdm(desc=what, unit=unit, disable=None)
        row = RowProgress(analysis)
        began: dict[str, Any] = {"began_at": Now(), "began_with": 0, "stage": what[:100]}

        def progress(done: int, total: int) -> None:
            terminal.total = total
            terminal.update(done - terminal.n)
            is_due = bool(began) or done == total
            row.write(is_due, done_count=done, total_count=total, **began)
            began.clear()
            if done == total:
                terminal.close()

        return progress

    return bar


def _stored_pictures(out: Path) -> Iterator[tuple[str, str]]:
    """Store what a command wrote: pairs of its name and its name in the storage."""
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
        storage.keep(f"{FOLDER}/{name}", lambda content=content: content)
        yield path.relative_to(out).as_posix(), name


def plain(value: Any, prefixes: Mapping[str, str]) -> Any:
    """The result of an analysis job as databases accept it: no NaN, no paths of this machine.

    Args:
        prefixes: the beginning of a text to what replaces it.

    >>> plain({"file": "/tmp/out/a.png", "score": math.nan}, {"/tmp/out/": ""})
    {'file': 'a.png', 'score': None}
    """
    if isinstance(value, dict):
        return {key: plain(item, prefixes) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, prefixes) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        for prefix, replacement in prefixes.items():
            if value.startswith(prefix):
                return replacement + value.removeprefix(prefix)
    return value


def arguments_of(analysis: Analysis, folder: Path) -> list[str]:
    """The command line of `python -m dissect` that carries out an analysis.

    Args:
        folder: a folder for input files; the command writes pictures to its subfolder `out`.

    Raises:
        BadRequest: the row cannot be read.
        CannotAnswer: the network was not dissected here, or an image or weights changed since.
    """
    network, study = analysis.network, analysis.network.study
    options = analysis_request(analysis.kind, analysis.request).options()
    arguments = _network_arguments(network)
    if (other := options.pop("other", None)) is not None:
        arguments += _network_arguments(_other_network(study, other, network))
    if analysis.kind not in WITHOUT_IMAGES:
        arguments += ["--device", _request_of(network).device]
        arguments += _image_arguments(network, options.pop("images", None), folder)
    if network.condition in WITH_DIRECTIONS and analysis.kind in OF_DIRECTIONS:
        path = folder / DIRECTIONS_FILE
        path.write_bytes(storage.read(f"{network.dissection}/{DIRECTIONS_FILE}"))
        arguments.append(f"--directions={path}")
    if (image := options.pop("image", None)) is not None:
        arguments += ["--image", _image_file(study, image, folder)]
    if (named := options.pop("named", None)) is not None:
        (folder / "named.json").write_text(json.dumps(named))
        arguments += ["--named", str(folder / "named.json")]
    if analysis.kind not in WITHOUT_PICTURES:
        arguments.append(f"--out={folder / 'out'}")
    return [*arguments, *_option_arguments(options)]


def _network_arguments(network: Network) -> list[str]:
    request = _request_of(network)
    arguments, weights = [f"--network={request.network}"], request.weights
    arguments += request.axes.arguments
    if not weights:
        return arguments
    if weights == UNTRAINED and request.seed:
        raise CannotAnswer(
            f"{network} is untrained with seed {request.seed}; analyses of untrained networks "
            "need seed 0."
        )
    path, address = split_weights(weights)
    if path.is_file() and file_sha256(path, address) != network.weights_sha256:
        raise CannotAnswer(
            f"{weights} has changed since {network} was dissected: put the old weights back, or "
            "dissect the new ones into another study."
        )
    return [*arguments, f"--weights={weights}"]


def _request_of(network: Network) -> RunRequest:
    """The request by which a network was dissected here."""
    run = network.runs.filter(status=Run.Status.DONE).order_by("pk").first()
    if run is None:
        raise CannotAnswer(
            f"{network} was imported, so Unitscope has its pictures but not the network itself: "
            "dissect it here first."
        )
    return RunRequest.of(run.request)


def _other_network(study: Study, pk: int, network: Network) -> Network:
    other = study.networks.filter(pk=pk).first()
    if other is None:
        raise CannotAnswer("The network to compare with is no longer in this study.")
    axes, own = _request_of(other).axes, _request_of(network).axes
    if axes.text and own.text and axes != own:
        raise CannotAnswer(
            f"{network} was dissected with {own.text}, {other} with {axes.text}; networks are "
            "compared with one setting of axes."
        )
    return other


def _image_arguments(network: Network, paths: Sequence[str] | None, folder: Path) -> list[str]:
    """The options of the images: the study's list without what its run skips, or some of them."""
    study = network.study
    if paths is None:
        skipped = _request_of(network).skip
        return ["--images", study.image_source, *(["--skip", *skipped] if skipped else [])]
    files = [_image_file(study, path, folder) for path in paths]
    if len(files) == 1:
        return ["--images", files[0]]
    (folder / "images.txt").write_bytes(encode_path_list(files))
    return ["--images", str(folder / "images.txt")]


def _image_file(study: Study, path: str, folder: Path) -> str:
    """The file of an image of the study; an image in a bucket or tar shard is copied to one."""
    images = find_images(study.image_source)
    if path not in images.paths:
        raise CannotAnswer(f"{path} is no longer among the images of {study.image_source}.")
    file = images.file(images.paths.index(path))
    if isinstance(file, Path):
        return str(file)
    copy = folder / "images" / path.replace("://", "/")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(file.read())
    return str(copy)


def _option_arguments(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, list):
            yield from [f"--{name}", *map(str, value)]
        else:
            yield f"--{name}" if value is True else f"--{name}={value}"
