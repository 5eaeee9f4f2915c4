"""Rows to dissect and back: the only place that imports dissect, inside the task.

RunError: what was asked does not fit the study; its text says what to do.
"""

import logging
import os
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from tqdm import tqdm

from annotator.models import Network, Run, Study
from annotator.seam import SeamError, load_dissection, open_dissection
from dissect.dissection import Settings, dissect, image_facts
from dissect.errors import DissectError
from dissect.images import ImageList, find_images
from dissect.layers import layer_infos
from dissect.networks import Network as Loaded
from dissect.networks import load_network
from dissect.store import Store, store_at

log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 1.0


class RunError(Exception):
    """What was asked does not fit the study."""


class LostRun(Exception):
    """Another worker has taken this run; whatever this one would write is void."""


def dissect_run(run: Run) -> None:
    """Do a claimed run and set it DONE or FAILED.

    A run whose network is in the study already, from the same weights, images and settings, is
    done at once.
    """
    progress = _Progress(run)
    try:
        network = _dissected(run, progress)
    except LostRun:
        log.warning("Run %s was taken over by another worker; this one stops.", run.pk)
        return
    except (DissectError, SeamError, RunError) as error:
        run.write(status=Run.Status.FAILED, error=str(error), finished_at=Now())
        return
    except Exception as error:
        run.write(
            status=Run.Status.FAILED, error=f"{type(error).__name__}: {error}", finished_at=Now()
        )
        raise
    finally:
        progress.close()
    run.write(status=Run.Status.DONE, network=network, stage="", error="", finished_at=Now())


def _dissected(run: Run, progress: "_Progress") -> Network:
    asked = run.asked
    wanted = Settings(top=asked["top"], segment=asked["segment"])
    images = find_images(asked["images"])
    study = _fitted(run.study, images, wanted)
    loaded = load_network(asked["network"], asked.get("weights"))
    layer_infos(loaded, asked["layers"])  # an unknown layer stops here, before the long part
    if known := _already_there(study, loaded, asked["layers"]):
        return known
    prefix = f"dissections/{study.name}/{run.pk}"
    store = store_at(f"{settings.DISSECTIONS_URL}/{study.name}/{run.pk}")
    if not _is_finished(prefix, store, loaded):
        dissect(loaded, asked["layers"], images, store, wanted, asked["device"], progress)
    progress("storing rows", 0, 1)
    with transaction.atomic():
        return load_dissection(study, prefix, _free_name(study, loaded))


def _fitted(study: Study, images: ImageList, wanted: Settings) -> Study:
    """The study, bound to these images and settings by its first run.

    Raises:
        RunError: it is bound to others.
    """
    facts, asked = image_facts(images), {"top": wanted.top, "segment": wanted.segment}
    first = Study.objects.filter(pk=study.pk, image_list_sha256="")
    first.update(
        image_source=os.path.abspath(images.source),
        image_count=facts["count"],
        image_list_sha256=facts["sha256"],
        dissect_settings=asked,
        top_count=wanted.top,
    )
    study.refresh_from_db()
    if study.image_list_sha256 != facts["sha256"]:
        raise RunError(
            f"Study {study.name!r} is over {study.image_count} images from {study.image_source}; "
            f"{images.source} has {facts['count']} and is another list. Networks are compared on "
            "the same images only: take the same ones, or another study."
        )
    if study.dissect_settings != asked:
        raise RunError(
            f"Study {study.name!r} was dissected with {_said(study.dissect_settings)}, not "
            f"{_said(asked)}: take the same settings, or another study."
        )
    return study


def _said(values: dict[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in values.items())


def _already_there(study: Study, loaded: Loaded, layers: list[str]) -> Network | None:
    same = study.networks.filter(spec=loaded.spec, weights_sha256=loaded.weights_sha256).first()
    if same is None:
        return None
    have = [layer.name for layer in same.layers.all()]
    if missing := [layer for layer in layers if layer not in have]:
        raise RunError(
            f"Study {study.name!r} already has {same.name} with layers {', '.join(have)}; "
            f"{', '.join(missing)} would change it. Ask for all layers at once in another study."
        )
    return same


def _is_finished(prefix: str, store: Store, loaded: Loaded) -> bool:
    """Whether an earlier try at this very run wrote all its files before its rows."""
    if not store.has("manifest.json"):
        return False
    written = open_dissection(prefix).manifest["network"]
    return bool(written["weights_sha256"] == loaded.weights_sha256)


def _free_name(study: Study, loaded: Loaded) -> str:
    """The network's spec, told apart from other weights of the same spec."""
    taken = set(study.networks.values_list("name", flat=True))
    if loaded.spec not in taken:
        return loaded.spec
    return f"{loaded.spec} ({loaded.weights} {loaded.weights_sha256[:8]})"


class _Progress:
    """Tells the terminal (a bar), and the run's row once a second, which renews its lease."""

    def __init__(self, run: Run) -> None:
        self.run, self.stage, self.written_at = run, "", 0.0
        self.bar: tqdm | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.close()
            self.stage, self.written_at = stage, 0.0
            self.bar = tqdm(total=total, desc=stage, disable=None)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)
        if time.monotonic() - self.written_at >= WRITE_EVERY_SECONDS or done == total:
            self.written_at = time.monotonic()
            if not self.run.write(stage=stage, done_count=done, total_count=total):
                raise LostRun

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
