"""A run as a loaded job: its request, network and images, the same for each of its shards."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from annotator.dissection_jobs.directions import stored_directions, with_directions
from annotator.job_requests import RunRequest
from annotator.models import Run
from dissect.dissection.settings import Settings
from dissect.images.image_list import ImageList, find_images, without
from dissect.networks.device import select_device
from dissect.networks.layers import in_running_order, layer_infos
from dissect.networks.numerics import Numerics
from dissect.networks.registry import Network, load_network
from dissect.receptive_fields.disc_diameters import FieldSettings
from dissect.storage.store import Store, store_at
from dissect.topk.results import TopKSettings
from dissect.topk.unit_sample import UnitSample


@dataclass(frozen=True)
class Job:
    """What a run needs to be done.

    Attributes:
        layers: in the order in which they run, in whichever order they were given.
        sample: the units of each layer that are shown; None: all.
        device: a torch.device, a type that this half does not name.
        skipped: places of images that the request leaves out; opening one is an ImagesError.
        prefix: the folder of the dissection in the storage; `store` is the same place.
    """

    request: RunRequest
    network: Network
    layers: tuple[str, ...]
    images: ImageList
    skipped: frozenset[int]
    settings: Settings
    sample: UnitSample | None
    device: Any
    prefix: str
    store: Store

    @property
    def wanted(self) -> TopKSettings:
        return self.settings.wanted(self.layers)


def job_of(run: Run) -> Job:
    """Load the job of a run: its network and images, once for several shards.

    Raises:
        BadRequest: the run's row cannot be read.
        DissectError: there is no such network, layer, image or device.
    """
    request, place = RunRequest.of(run.request), f"{run.study.name}/{run.pk}"
    directions = stored_directions(store_at(f"{settings.DISSECTIONS_URL}/{place}"), request)
    return _job(request, place, settings.DISSECTIONS_URL, directions)


@lru_cache(maxsize=1)
def _job(request: RunRequest, place: str, dissections: str, directions: bytes | None) -> Job:
    dissect_settings = settings_of(request)
    images = without(find_images(request.images), request.skip)
    network = load_network(request.network, request.weights, request.seed)
    if directions is not None:
        network = with_directions(network, request, directions)
    numerics = Numerics(**request.numerics.model_dump())
    network = replace(network, numerics=numerics, axes=request.axes)
    device = select_device(request.device)
    # What cannot be done is refused here, before the long pass.
    infos = layer_infos(network, request.layers)
    dissect_settings.check(network, infos, images)
    sample = UnitSample(request.sample, request.seed) if request.sample else None
    if sample and directions is not None:
        sample.check(infos)
    return Job(
        request=request,
        network=network,
        layers=in_running_order(network, request.layers),
        images=images,
        skipped=frozenset(images.paths.index(name) for name in request.skip),
        settings=dissect_settings,
        sample=sample,
        device=device,
        prefix=f"dissections/{place}",
        store=store_at(f"{dissections}/{place}"),
    )


def settings_of(request: RunRequest) -> Settings:
    """The settings that a loaded job shares with all others of its study, from its request."""
    return Settings(
        top=request.top,
        segment=request.segment,
        by=request.by,
        field=None if request.field is None else FieldSettings(**request.field.model_dump()),
        keep_duplicates=request.keep_duplicates,
    )
