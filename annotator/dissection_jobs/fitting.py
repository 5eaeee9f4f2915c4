"""Whether what a run asks for fits its study. RunError's text says what to do where it does not."""

import os
from typing import Any

from annotator.dissection_jobs.jobs import Job
from annotator.models import Network, Study
from dissect.dissection.settings import Settings
from dissect.dissection.writer import image_facts
from dissect.images.image_list import ImageList
from dissect.networks.directions import directions_sha256


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


def control_of(study: Study, job: Job, asked: dict[str, Any]) -> Network | None:
    """The network that a run is a control of; None where it is none.

    Raises:
        RunError: it is one, but of a network or layer that the study does not have.
    """
    option = next((name for name in ("random_directions", "random_images") if asked.get(name)), "")
    if not option:
        return None
    said = f"--{option.replace('_', '-')}"
    same = study.networks.filter(
        spec=job.network.spec,
        weights_sha256=job.network.weights_sha256,
        condition__in=[Network.Condition.TRAINED, Network.Condition.UNTRAINED],
    ).first()
    if same is None:
        raise RunError(
            f"{said} is a control of {job.network.spec}, which study {study.name!r} does not have: "
            f"dissect it first, without {said}."
        )
    have = [layer.name for layer in same.layers.all()]
    if missing := [layer for layer in job.layers if layer not in have]:
        raise RunError(
            f"{said} is a control of {same.name}, which has layers {', '.join(have)} in study "
            f"{study.name!r}, not {', '.join(missing)}."
        )
    return same


def already_there(study: Study, job: Job, asked: dict[str, Any]) -> Network | None:
    """The network that the study has already of what a run asks for.

    Raises:
        RunError: it has fewer layers there.
    """
    same = next((there for there in study.networks.all() if _is_same(there, job, asked)), None)
    if same is None:
        return None
    have = [layer.name for layer in same.layers.all()]
    if missing := [layer for layer in job.layers if layer not in have]:
        raise RunError(
            f"Study {study.name!r} already has {same.name} with layers {', '.join(have)}; "
            f"{', '.join(missing)} would change it. Ask for all layers at once in another study."
        )
    return same


def _is_same(there: Network, job: Job, asked: dict[str, Any]) -> bool:
    facts = there.manifest.get("network", {})
    if (there.spec, there.weights_sha256) != (job.network.spec, job.network.weights_sha256):
        return False
    if there.condition != condition_of(job, asked):
        return False
    if there.condition == Network.Condition.RANDOM_IMAGES:
        origin = facts["origin"]
        return (origin["count"], origin["seed"]) == (asked["random_images"], asked["seed"])
    directions = (facts.get("directions") or {}).get("sha256")
    return bool(directions == directions_sha256(job.network.directions))


def condition_of(job: Job, asked: dict[str, Any]) -> str:
    return Network.Condition.RANDOM_IMAGES if asked.get("random_images") else job.network.condition


def free_name(study: Study, job: Job, asked: dict[str, Any]) -> str:
    """The network's spec and condition, told apart from others of the same name in the study."""
    network, condition = job.network, condition_of(job, asked)
    name = network.spec
    if condition == Network.Condition.DIRECTIONS:
        name += f", directions of {network.origin['source']}"
    elif condition != Network.Condition.TRAINED and condition not in name:
        name += f", {condition}"
    taken = set(study.networks.values_list("name", flat=True))
    if name not in taken:
        return name
    if (seed := asked.get("seed", 0)) and f"{name}, seed {seed}" not in taken:
        return f"{name}, seed {seed}"
    digest = directions_sha256(network.directions) or network.weights_sha256
    return f"{name} ({network.weights} {digest[:8]})"
