"""Binds a study to the images and settings of its first dissection, and checks later ones."""

import os
from collections.abc import Collection, Mapping
from typing import Any

from annotator.models import Study
from dissect.format.manifest import ImageFacts


class StudyMismatch(Exception):
    """A dissection does not fit the study."""


def bind_study(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Bind a study to the images and settings of its first dissection; check later ones.

    Thread-safe: of two first dissections, one binds the study and the other is checked.

    Args:
        images: facts of the image list, as a manifest has them.
        settings: options that are the same for every network of a study, such as `top`.
        compared: the settings that must agree; None is all of them.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    unbound = Study.objects.filter(pk=study.pk, image_list_sha256="")
    unbound.update(
        image_source=_absolute(images.source),
        image_count=images.count,
        image_list_sha256=images.sha256,
        dissect_settings=settings,
        top_count=settings["top"],
    )
    study.refresh_from_db()
    check_binding(study, images, settings, compared)


def _absolute(source: str) -> str:
    """A path of this machine as every process finds it; an address, or a path elsewhere, as is."""
    return os.path.abspath(source) if os.path.exists(source) else source


def check_binding(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Check a dissection against the images and settings to which its study is bound, if to any.

    A study that is not bound takes any.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    if not study.image_list_sha256:
        return
    if study.image_list_sha256 != images.sha256:
        raise StudyMismatch(
            f"Study {study.name!r} is over {study.image_count} images from {study.image_source}; "
            f"{images.source} has {images.count} and is another list. Networks are compared "
            "on the same images only: name the study's images (--images), or take another study."
        )
    bound, new = (
        {name: value for name, value in values.items() if compared is None or name in compared}
        for values in (study.dissect_settings, settings)
    )
    if bound != new:
        raise StudyMismatch(
            f"Study {study.name!r} has the settings {_as_options(bound)}, not {_as_options(new)}: "
            "take the same settings, or another study."
        )


def _as_options(values: Mapping[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in values.items())
