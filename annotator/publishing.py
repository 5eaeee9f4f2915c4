"""Makes HITs of units: draws catch images, orders the pictures, lays out the sheet of masks.

NotPublishable: the study cannot be published as asked; its text says what to do.
"""

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from PIL import Image as Pillow

from annotator import storage
from annotator.drawing import keyed
from annotator.models import Exemplar, Hit, HitType, Image, Layer, Network, Place, Study, Unit
from annotator.publishers.base import Publisher
from annotator.publishers.registry import PUBLISHERS
from annotator.seam import Dissection, open_dissection

SHEET_COLUMNS = 8
MINUTES_ASSUMED = 4  # a HIT, before a pilot has measured it
HOURLY_CENTS = 1200


class NotPublishable(Exception):
    """The study cannot be published as asked."""


@dataclass(frozen=True)
class Plan:
    """What publishing would do.

    Attributes:
        units: without a HIT yet.
        places: to add, for new HITs and for those that wanted fewer answers.
    """

    units: list[Unit]
    hits: list[Hit]
    assignments: int
    places: int
    reward_cents: int

    @property
    def cost_cents(self) -> int:
        return self.places * self.reward_cents


def reward_for(hourly_cents: int, minutes: float = MINUTES_ASSUMED) -> int:
    """Cents for a HIT of so many minutes, rounded up: a rate is a floor, not a wish."""
    return -int(-hourly_cents * minutes // 60)


def plan(study: Study, assignments: int, reward_cents: int) -> Plan:
    """What is left to publish of a study.

    Raises:
        NotPublishable: nothing is dissected yet, or fewer answers are asked for than are wanted.
    """
    units = list(
        Unit.objects.filter(layer__network__study=study)
        .exclude(hits__kind=Hit.Kind.NAMING)
        .order_by("layer__network__position", "layer__position", "number")
        .select_related("layer__network")
    )
    hits = list(Hit.objects.filter(unit__layer__network__study=study))
    if not units and not hits:
        raise NotPublishable(f"Study {study} has no units yet: run `dissect {study}` first.")
    if assignments < 1:
        raise NotPublishable(f"A HIT needs at least 1 answer, got --assignments {assignments}.")
    if hits and assignments < study.assignments_wanted:
        raise NotPublishable(
            f"Study {study} wants {study.assignments_wanted} answers a HIT already; places are "
            f"added, never taken away: --assignments {study.assignments_wanted} or more."
        )
    more = assignments - study.assignments_wanted if hits else 0
    places = len(units) * assignments + len(hits) * more
    return Plan(units, hits, assignments, places, reward_cents)


def carry_out(
    study: Study, wanted: Plan, publisher: str = "local", progress: Callable[[int], Any] = int
) -> None:
    """Publish: units that have no HIT get one, HITs that want more answers get places.

    Safe to repeat: a run that was stopped goes on where it was.
    """
    if not wanted.units and not wanted.places:
        return
    market = PUBLISHERS[publisher]()
    hit_type = _hit_type(study, wanted.reward_cents, publisher)
    with transaction.atomic():
        Study.objects.filter(pk=study.pk).update(assignments_wanted=wanted.assignments)
        _add_places(wanted.hits, wanted.assignments)
    study.refresh_from_db()
    for layer, units in _by_layer(wanted.units):
        source = _Source(layer)
        for unit in units:
            _publish_unit(study, source, unit, hit_type, market)
            progress(1)


def _hit_type(study: Study, reward_cents: int, publisher: str) -> HitType:
    found, _ = HitType.objects.get_or_create(
        study=study,
        reward_cents=reward_cents,
        publisher=publisher,
        defaults={
            "title": "Name what a group of pictures has in common",
            "description": (
                "Look at about sixty small pictures with a highlighted region. Say in a few words "
                "what the regions have in common, mark those that do not fit, choose a category."
            ),
            "keywords": "image, annotation, concept, category",
        },
    )
    return found


def _by_layer(units: Iterable[Unit]) -> Iterable[tuple[Layer, list[Unit]]]:
    groups: dict[int, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.layer_id, []).append(unit)
    for found in groups.values():
        yield found[0].layer, found


class _Source:
    """A layer's dissection: low candidates and masks of its units."""

    def __init__(self, layer: Layer) -> None:
        network: Network = layer.network
        self.dissection: Dissection = open_dissection(network.dissection)
        self.facts = next(
            facts for facts in self.dissection.manifest["layers"] if facts["name"] == layer.name
        )
        self.table = self.dissection.table(self.facts)
        tiles = {p["place"]: p["tile"] for p in self.dissection.pictures()}
        self.images: dict[int, Image] = {
            image.place: image
            for image in network.study.images.all()
            if tiles.get(image.place) == image.tile
        }


def _publish_unit(
    study: Study, source: _Source, unit: Unit, hit_type: HitType, market: Publisher
) -> None:
    top = list(unit.exemplars.filter(role=Exemplar.Role.TOP).order_by("rank"))
    catch = _catch_exemplars(study, source, unit, top)
    shown = sorted([*top, *catch], key=lambda one: keyed(study.key, "slot", unit.pk, one.image_id))
    for slot, exemplar in enumerate(shown):
        exemplar.slot = slot
    sheet = mask_sheet(source.dissection.masks(source.facts, unit.number), shown)
    name = f"{hashlib.sha256(sheet).hexdigest()}.png"
    storage.keep(f"sheets/{name}", lambda: sheet)
    with transaction.atomic():
        Exemplar.objects.bulk_update(top, ["slot"])
        Exemplar.objects.bulk_create(catch)
        hit = Hit.objects.create(
            unit=unit, hit_type=hit_type, masks=name, mask_columns=SHEET_COLUMNS
        )
        _add_places([hit], study.assignments_wanted)
        market.publish(hit)


def _catch_exemplars(
    study: Study, source: _Source, unit: Unit, top: list[Exemplar]
) -> list[Exemplar]:
    """Catch images drawn by a keyed hash from the unit's lowest scores, with borrowed regions.

    Raises:
        NotPublishable: the unit has too few low images.
    """
    row = {name: source.table[f"low_{name}"][unit.number] for name in ("image", "score", "y", "x")}
    candidates = np.flatnonzero(row["image"] >= 0).tolist()
    if len(candidates) < study.catch_count:
        raise NotPublishable(
            f"Unit {unit.number} of {unit.layer} has {len(candidates)} images low enough for "
            f"{study.catch_count} catch images beside its {len(top)} top images: dissect more "
            "images, or show fewer (--top)."
        )
    chosen = sorted(
        candidates, key=lambda at: keyed(study.key, "catch", unit.pk, row["image"][at])
    )[: study.catch_count]
    lent = _borrowed_masks(study, source, unit, top)
    return [
        Exemplar(
            unit=unit,
            image=source.images[int(row["image"][at])],
            role=Exemplar.Role.CATCH,
            rank=None,
            score=float(row["score"][at]),
            peak_y=int(row["y"][at]),
            peak_x=int(row["x"][at]),
            mask=mask,
            coverage=float(source.table["coverage"][unit.number][mask]),
        )
        for at, mask in zip(chosen, lent, strict=True)
    ]


def _borrowed_masks(study: Study, source: _Source, unit: Unit, top: list[Exemplar]) -> list[int]:
    """Regions for the catch images, from top images of the unit that the HIT does not show.

    Each is the one nearest in area to that of a random shown image, so that neither area nor
    a repeated shape tells a catch image.
    """
    coverage = source.table["coverage"][unit.number]
    spare = list(range(len(top), len(coverage)))
    lent = []
    for number in range(study.catch_count):
        like = coverage[keyed(study.key, "mask", unit.pk, number) % len(top)]
        nearest = min(spare, key=lambda mask: (abs(coverage[mask] - like), mask))
        spare.remove(nearest)
        lent.append(nearest)
    return lent


def mask_sheet(masks: np.ndarray, shown: list[Exemplar]) -> bytes:
    """The HIT's regions in slot order as one PNG: opaque where the unit looks, else transparent.

    A region that is empty is drawn whole: a picture dimmed all over shows nothing.

    Args:
        masks: (images, side, side) bool, the unit's regions by mask number.
        shown: in slot order.
    """
    side = masks.shape[1]
    rows = -(-len(shown) // SHEET_COLUMNS)
    cells = np.zeros((rows * SHEET_COLUMNS, side, side), dtype=np.uint8)
    for slot, exemplar in enumerate(shown):
        region = masks[exemplar.mask]
        cells[slot] = region if region.any() else 1
    sheet = cells.reshape(rows, SHEET_COLUMNS, side, side).swapaxes(1, 2)
    picture = Pillow.fromarray(sheet.reshape(rows * side, SHEET_COLUMNS * side), mode="P")
    picture.putpalette([0, 0, 0, 255, 255, 255])
    file = io.BytesIO()
    picture.save(file, "PNG", bits=1, transparency=0, optimize=False)
    return file.getvalue()


def _add_places(hits: list[Hit], wanted: int) -> None:
    """Places up to the number of answers wanted."""
    have = dict(Place.objects.filter(hit__in=hits).values_list("hit").annotate(most=Max("number")))
    Place.objects.bulk_create(
        Place(hit=hit, number=number)
        for hit in hits
        for number in range(have.get(hit.pk, 0) + 1, wanted + 1)
    )
    Hit.objects.filter(pk__in=[hit.pk for hit in hits]).exclude(status=Hit.Status.DISPOSED).update(
        status=Hit.Status.ASSIGNABLE
    )
