"""The home page: a card for each study, with the next step of whoever looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotator.models import Layer, Network, Role, Study, Unit
from annotator.views.access import roles_in, studies_for, worker_of
from annotator.views.next_step import Step, next_step
from annotator.views.reader.exemplar_tiles import Tile, tiles_of
from annotator.views.study_status import StudyProgress, progress_of

PICTURES = 3  # of a card, each the best image of a unit


@dataclass(frozen=True)
class StudyCard:
    study: Study
    progress: StudyProgress
    tiles: list[Tile]
    step: Step | None


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Page: the studies of this visitor; an annotator's way back to work."""
    cards = _cards(request)
    return render(request, "home.html", {"worker": worker_of(request), "cards": cards})


def _cards(request: HttpRequest) -> list[StudyCard]:
    """A card for each study that some role gives access to, the newest first."""
    if not roles_in(request):
        return []
    allowed = (studies_for(request, role) for role in (Role.REQUESTER, Role.REVIEWER, Role.READER))
    names = Q(pk__in=[])
    for studies in allowed:
        names |= Q(pk__in=studies.values("pk"))
    studies = list(Study.objects.filter(names).order_by("-created_at", "-pk"))
    progress, tiles = progress_of(studies), _tiles(studies)
    return [
        StudyCard(
            study,
            progress[study.pk],
            tiles.get(study.pk, []),
            next_step(study.name, roles_in(request, study.name), progress[study.pk]),
        )
        for study in studies
    ]


def _tiles(studies: Iterable[Study]) -> dict[int, list[Tile]]:
    """The best image of PICTURES units for each study, by its pk, in a fixed number of queries.

    The units are spread over the deepest layers of the study's first trained networks.
    """
    trained = Q(network__condition=Network.Condition.TRAINED)
    layers = Layer.objects.filter(trained, network__study__in=[study.pk for study in studies])
    deepest: dict[int, dict[int, tuple[int, int]]] = {}
    order = layers.order_by("network__position", "position")
    rows = order.values_list("network__study", "network", "pk", "unit_count")
    for study, network, layer, unit_count in rows:
        deepest.setdefault(study, {})[network] = (layer, unit_count)
    selected = Q(pk__in=[])
    for by_network in deepest.values():
        for layer, number in _spread(list(by_network.values())[:PICTURES]):
            selected |= Q(layer=layer, number=number)
    units = Unit.objects.filter(selected).select_related("layer__network").prefetch_related("hits")
    units = list(units.order_by("layer__network__position", "number"))
    tiles = tiles_of(units, top=1)
    by_study: dict[int, list[Tile]] = {}
    for unit in units:
        by_study.setdefault(unit.layer.network.study_id, []).extend(tiles[unit.pk])
    return by_study


def _spread(layers: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """PICTURES pairs of a layer and a unit of it, the layers in turn.

    Args:
        layers: each with the count of its units.
    """
    pairs = []
    for place in range(PICTURES):
        layer, unit_count = layers[place % len(layers)]
        pairs.append((layer, (2 * place + 1) * unit_count // (2 * PICTURES)))
    return pairs
