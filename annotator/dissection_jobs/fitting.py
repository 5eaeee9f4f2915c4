"""Whether a dissection fits its study: the same images, the same settings, a network it lacks.

The text of a StudyMismatch says what to do where it does not fit.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from annotator.dissection_jobs.jobs import Job
from annotator.models import Network, Study
from dissect.format.manifest import ImageFacts
from dissect.networks.directions import directions_sha256


class StudyMismatch(Exception):
    """A dissection does not fit the study."""


def bind_study(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Bind a study to its images and settings by its first dissection; check every later one.

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
    """Check a dissection against what its study is bound to; a study that is not bound takes any.

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


def controlled_network(study: Study, job: Job) -> Network | None:
    """The network of the study that a run is a control of; None if the run is no control.

    Raises:
        StudyMismatch: the study lacks that network, or one of the layers.
    """
    option = job.request.control_option
    if not option:
        return None
    network = study.networks.filter(
        spec=job.network.spec,
        weights_sha256=job.network.weights_sha256,
        condition__in=[Network.Condition.TRAINED, Network.Condition.UNTRAINED],
    ).first()
    if network is None:
        raise StudyMismatch(
            f"{option} is a control of {job.network.spec}, which study {study.name!r} does not "
            f"have: dissect it first, without {option}."
        )
    layers, missing = _layers(network, job.layers)
    if missing:
        raise StudyMismatch(
            f"{option} is a control of {network.name}, which has layers {layers} in study "
            f"{study.name!r}, not {missing}."
        )
    return network


def existing_network(study: Study, job: Job) -> Network | None:
    """The network of the study that a run would dissect again; None if it is new.

    Raises:
        StudyMismatch: the study has it with fewer layers.
    """
    network = next((network for network in study.networks.all() if _is_same(network, job)), None)
    if network is None:
        return None
    layers, missing = _layers(network, job.layers)
    if missing:
        raise StudyMismatch(
            f"Study {study.name!r} already has {network.name} with layers {layers}; {missing} "
            "would change it. Dissect all layers at once into another study."
        )
    return network


def _layers(network: Network, wanted: Sequence[str]) -> tuple[str, str]:
    """The layers that a network has in its study, and the wanted ones that it lacks."""
    names = [layer.name for layer in network.layers.all()]
    return ", ".join(names), ", ".join(name for name in wanted if name not in names)


def _is_same(network: Network, job: Job) -> bool:
    facts, request = network.manifest.get("network", {}), job.request
    if (network.spec, network.weights_sha256) != (job.network.spec, job.network.weights_sha256):
        return False
    if network.condition != condition_of(job):
        return False
    if network.condition == Network.Condition.RANDOM_IMAGES:
        origin = facts["origin"]
        return (origin["count"], origin["seed"]) == (request.random_images, request.seed)
    directions = (facts.get("directions") or {}).get("sha256")
    return bool(directions == directions_sha256(job.network.directions))


def condition_of(job: Job) -> str:
    """What the units of a run's network are, one of Network.Condition."""
    if job.request.random_images:
        return Network.Condition.RANDOM_IMAGES
    return job.network.condition


def unused_name(study: Study, job: Job) -> str:
    """A name for a run's network that the study does not use: its spec, condition, seed, digest."""
    network, condition, seed = job.network, condition_of(job), job.request.seed
    name = network.spec
    if condition == Network.Condition.DIRECTIONS:
        name += f", directions of {network.origin['source']}"
    elif condition != Network.Condition.TRAINED and condition not in name:
        name += f", {condition}"
    used = set(study.networks.values_list("name", flat=True))
    if name not in used:
        return name
    if seed and f"{name}, seed {seed}" not in used:
        return f"{name}, seed {seed}"
    digest = directions_sha256(network.directions) or network.weights_sha256
    return f"{name} ({network.weights} {digest[:8]})"
