"""Free places: which place of a HIT a worker would take."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.db.models import F

from annotator.models import Hit, Place

PATHS = (
    "pk",
    "claim_number",
    "hit_id",
    "hit__unit_id",
    "hit__status",
    "hit__hit_type__lease_seconds",
    "hit__hit_type__reward_cents",
)


class FreePlace(NamedTuple):
    """A free place, with what taking it needs to know of its HIT.

    Attributes:
        pk, hit, unit: primary keys.
        is_last: no other place of the HIT is free.
    """

    pk: int
    claim_number: int
    hit: int
    unit: int
    hit_status: str
    lease_seconds: int
    reward_cents: int
    is_last: bool = True

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)


def free_places(hits: Collection[int]) -> dict[int, FreePlace]:
    """The place that the next worker would take of each HIT that has a free one, in one query.

    Lapsed ones come last, because their workers may still come back. HITs that are disposed of have
    none.
    """
    places = Place.objects.free().filter(hit__in=hits).exclude(hit__status=Hit.Status.DISPOSED)
    places = places.order_by(F("leased_until").asc(nulls_first=True), "number")
    first: dict[int, FreePlace] = {}
    for row in places.values_list(*PATHS):
        place = FreePlace(*row)
        if place.hit in first:
            first[place.hit] = first[place.hit]._replace(is_last=False)
        else:
            first[place.hit] = place
    return first
