"""Whether what a run asks for fits its study. RunError's text says what to do where it does not."""

import os
from typing import Any

from annotator.models import Network, Study
from dissect.dissection import image_facts
from dissect.images import ImageList
from dissect.networks import Network as Loaded
from dissect.settings import Settings


class RunError(Exception):
    """What was asked does not fit the study."""


def fitted(study: Study, images: ImageList, wanted: Settings) -> Study:
    """The study, bound to these images and settings by its first run.

    Raises:
        RunError: it is bound to others.
    """
    facts, asked = image_facts(images), wanted.options()
    first = Study.objects.filter(pk=study.pk, image_list_sha256="")
    first.update(
        image_source=images.source if "://" in images.source else os.path.abspath(images.source),
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


def already_there(study: Study, loaded: Loaded, layers: list[str]) -> Network | None:
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


def free_name(study: Study, loaded: Loaded) -> str:
    """The network's spec, told apart from other weights of the same spec."""
    taken = set(study.networks.values_list("name", flat=True))
    if loaded.spec not in taken:
        return loaded.spec
    return f"{loaded.spec} ({loaded.weights} {loaded.weights_sha256[:8]})"
