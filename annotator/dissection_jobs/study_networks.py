"""The networks of a run in its study: the one it controls, the one it repeats, the one it adds."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotator.dissection_jobs.loaded_jobs import Job
from annotator.dissection_reader.study_binding import StudyMismatch
from annotator.models import Network, Study
from dissect.format.manifest import Manifest
from dissect.networks.direction_files.files import directions_sha256


def controlled_network(study: Study, job: Job) -> Network | None:
    """The network in a run's study that the run is a control of; None if it is no control.

    Raises:
        StudyMismatch: the study lacks that network, or one of the layers.
    """
    option = job.request.control_option
    if not option:
        return None
    networks = study.networks.filter(
        spec=job.network.spec,
        weights_sha256=job.network.weights_sha256,
        condition__in=[Network.Condition.TRAINED, Network.Condition.UNTRAINED],
    )
    network = next((network for network in networks if _has_axes(network, job)), None)
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


def controlled_diameters(study: Study, job: Job) -> dict[str, dict[str, Any]] | None:
    """By layer, the diameters of discs of the network in the study that a run's control copies.

    None where the run is no control, or the study's regions are not discs.
    """
    network = controlled_network(study, job)
    if network is None:
        return None
    layers = Manifest.model_validate(network.manifest).layers
    return {layer.name: layer.field | {"of": network.name} for layer in layers if layer.field}


def existing_network(study: Study, job: Job) -> Network | None:
    """The network in a run's study that the run would dissect again; None if it is new.

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
    if kept := _not_skipped(network, job.request.skip):
        raise StudyMismatch(
            f"Study {study.name!r} already has {network.name}, dissected with image {kept[0]}: "
            "without it, dissect into another study."
        )
    return network


def _not_skipped(network: Network, names: Sequence[str]) -> list[str]:
    """Those of some images that a network was dissected with."""
    skipped = network.manifest.get("images", {}).get("skipped", ())
    paths = {image["image"] for image in skipped}
    return [name for name in names if name not in paths]


def _layers(network: Network, wanted: Sequence[str]) -> tuple[str, str]:
    """The layers that a network has in its study, and the wanted ones that it lacks."""
    names = [layer.name for layer in network.layers.all()]
    return ", ".join(names), ", ".join(name for name in wanted if name not in names)


def _is_same(network: Network, job: Job) -> bool:
    facts, request = network.manifest.get("network", {}), job.request
    if (network.spec, network.weights_sha256) != (job.network.spec, job.network.weights_sha256):
        return False
    if network.condition != _condition_of(job):
        return False
    if not _has_axes(network, job):
        return False
    if network.condition == Network.Condition.RANDOM_IMAGES:
        origin = facts["origin"]
        return (origin["count"], origin["seed"]) == (request.random_images, request.seed)
    if _sample(facts.get("origin", {})) != _sample(job.network.origin):
        return False
    directions = (facts.get("directions") or {}).get("sha256")
    return bool(directions == directions_sha256(job.network.directions))


def _has_axes(network: Network, job: Job) -> bool:
    """Whether the axes of its layers were told as the run tells them."""
    axes = network.manifest.get("network", {}).get("axes", {})
    return bool(axes == job.network.axes.facts())


def _sample(origin: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size and the seed of the sample of units that a network shows; None: all its units."""
    return (origin["sample"], origin["seed"]) if "sample" in origin else None


def _condition_of(job: Job) -> str:
    """What the units of the network that a run adds to its study are: a Network.Condition."""
    if job.request.random_images:
        return Network.Condition.RANDOM_IMAGES
    return job.network.condition


def unused_name(study: Study, job: Job) -> str:
    """A network name that a run's study lacks: the run's spec, condition, seed, digest."""
    network, condition, seed = job.network, _condition_of(job), job.request.seed
    name = network.spec
    if condition == Network.Condition.DIRECTIONS:
        name += f", directions of {network.origin['source']}"
        if sample := network.origin.get("sample"):
            name += f", sample of {sample}"
    elif condition != Network.Condition.TRAINED and condition not in name:
        name += f", {condition}"
    used = set(study.networks.values_list("name", flat=True))
    if name in used and network.axes.text:
        name += f", {network.axes.text}"
    if name not in used:
        return name
    if seed and f"{name}, seed {seed}" not in used:
        return f"{name}, seed {seed}"
    digest = directions_sha256(network.directions) or network.weights_sha256
    return f"{name} ({network.weights} {digest[:8]})"
