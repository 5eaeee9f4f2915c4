"""From an analysis to the command line of `python -m dissect` that asks it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from annotator import storage
from annotator.models import Analysis, Network, Run, Study
from dissect.dissection.writer import DIRECTIONS_FILE
from dissect.images.image_list import find_images
from dissect.networks.builders import UNTRAINED
from dissect.networks.weights import file_sha256

WITHOUT_IMAGES = {"layers", "filters"}
WITHOUT_PICTURES = {"layers", "alike"}
OF_TWO = {"compare"}
TURNED = {Network.Condition.DIRECTIONS, Network.Condition.RANDOM_DIRECTIONS}
OF_DIRECTIONS = {"activations", "receptive-field", "concepts", "alike", "scenes"}


class Refused(Exception):
    """An analysis that cannot be asked as it stands; its text is one sentence."""


def arguments_of(analysis: Analysis, folder: Path) -> list[str]:
    """The command line of an analysis.

    Args:
        folder: what may be written on the way: pictures go to its folder `out`.

    Raises:
        Refused: its network was not dissected here, or an image or weights changed since.
    """
    asked, study = dict(analysis.asked), analysis.network.study
    found = _of_network(analysis.network)
    if analysis.kind in OF_TWO:
        found += _of_network(_other(study, asked.pop("other")))
    if analysis.kind not in WITHOUT_IMAGES:
        found += ["--device", _run_of(analysis.network).asked.get("device") or "auto"]
        found += ["--images", _images(study, asked.pop("images", None), folder)]
    if analysis.network.condition in TURNED and analysis.kind in OF_DIRECTIONS:
        # Those that were dissected, kept beside the dissection.
        kept = storage.read(f"{analysis.network.dissection}/{DIRECTIONS_FILE}")
        (folder / DIRECTIONS_FILE).write_bytes(kept)
        found.append(f"--directions={folder / DIRECTIONS_FILE}")
    if (image := asked.pop("image", None)) is not None:
        found += ["--image", _file(study, image, folder)]
    if (named := asked.pop("named", None)) is not None:
        (folder / "named.json").write_text(json.dumps(named))
        found += ["--named", str(folder / "named.json")]
    found += _options(asked)
    return found if analysis.kind in WITHOUT_PICTURES else [*found, f"--out={folder / 'out'}"]


def _of_network(network: Network) -> list[str]:
    asked = _run_of(network).asked
    found = [f"--network={asked['network']}"]
    weights = asked.get("weights")
    if weights == UNTRAINED and asked.get("seed"):
        raise Refused(
            f"{network} is untrained with seed {asked['seed']}; only seed 0 can be asked."
        )
    if weights and Path(weights).is_file() and file_sha256(Path(weights)) != network.weights_sha256:
        raise Refused(
            f"{weights} has changed since {network} was dissected: put the old weights back, or "
            "dissect the new ones into another study."
        )
    return [*found, f"--weights={weights}"] if weights else found


def _run_of(network: Network) -> Run:
    run = network.runs.filter(status=Run.Status.DONE).order_by("pk").first()
    if run is None:
        raise Refused(
            f"{network} was imported, so Unitscope has its pictures but not the network itself: "
            "dissect it here to ask more about it."
        )
    return run


def _other(study: Study, pk: int) -> Network:
    other = study.networks.filter(pk=pk).first()
    if other is None:
        raise Refused("The network to compare with is no longer in this study.")
    return other


def _images(study: Study, chosen: Sequence[str] | None, folder: Path) -> str:
    """What --images names: the study's whole list, one image, or a list of some."""
    if chosen is None:
        return study.image_source
    files = [_file(study, path, folder) for path in chosen]
    if len(files) == 1:
        return files[0]
    (folder / "images.txt").write_text("".join(f"{file}\n" for file in files))
    return str(folder / "images.txt")


def _file(study: Study, path: str, folder: Path) -> str:
    """Where an image of the study lies; one of a bucket or tar shard is copied to a file."""
    images = find_images(study.image_source)
    if path not in images.paths:
        raise Refused(f"{path} is no longer among the images of {study.image_source}.")
    file = images.file(images.paths.index(path))
    if isinstance(file, Path):
        return str(file)
    copy = folder / "images" / path.replace("://", "/")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(file.read())
    return str(copy)


def _options(asked: dict[str, Any]) -> Iterator[str]:
    for name, value in asked.items():
        if isinstance(value, list):
            words = [str(one) for one in value]
            if any(word.startswith("-") for word in words):
                raise Refused(f"--{name} takes no value that starts with a dash.")
            yield from [f"--{name}", *words]
        elif value is True:
            yield f"--{name}"
        elif value not in (None, False, ""):
            yield f"--{name}={value}"
