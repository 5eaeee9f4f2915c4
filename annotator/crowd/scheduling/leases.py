"""Leases: workers take free places of HITs, renew their leases, and return them.

An assignment holds its place as long as the place carries its claim number and the lease lasts by
the database's clock. Locks are taken in one order everywhere: assignment, place, HIT.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    When,
)
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from annotator.crowd.access.mixed_crowds import refuse_mixing
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotOpen
from annotator.crowd.scheduling.gates import refuse_unpayable
from annotator.database.prepared_queries import Parameter, PreparedQuery
from annotator.free_text import tidy
from annotator.models import Assignment, Hit, KnownAnswer, Place, Worker
from annotator.models.gold import FOR_PRACTICE
from annotator.models.hit import NOT_LEASED
from annotator.models.rows import only_row

PATHS = (
    "pk",
    "claim_number",
    "hit_id",
    "hit__unit_id",
    "hit__status",
    "hit__hit_type__lease_seconds",
    "hit__hit_type__reward_cents",
)
# It joins nothing: PostgreSQL plans six tables for longer than all that a request reads besides.
LOCKED = PreparedQuery(
    Assignment.objects.filter(pk=Parameter("assignment"))
    .annotate(
        at_work_until=Coalesce("submitted_at", Now()),
        is_practice=Exists(KnownAnswer.objects.filter(FOR_PRACTICE, unit=OuterRef("unit"))),
    )
    .select_for_update(of=("self",), no_key=True)
)
RELATED = ("hit", "unit", "worker")  # an assignment is always of the same ones
# What is left of the lease that an assignment holds, or a lapsed one: below 0; else None.
LEASE_LEFT = Case(
    When(
        place__claim_number=F("claim_number"),
        place__is_filled=False,
        then=ExpressionWrapper(F("place__leased_until") - Now(), DurationField()),
    )
)
RENEWED_AFTER = 0.05  # of a lease: so a page that saves every few seconds writes no row for it


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
    """The free place of each HIT that the next worker would lease, in one query.

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


def accept(worker: Worker, hit: Hit) -> Assignment:
    """Lease a HIT's free place to a worker who accepts it, as an assignment.

    Raises:
        AlreadyWorked: the worker has had this unit before.
        NoPlace: no place is free, or the HIT is withdrawn.
        MixedCrowd: the study has workers of the other kind.
        StudyPaused, BudgetSpent: the study hands out nothing at the moment.
    """
    refuse_mixing(worker.study_id, worker.kind)
    before = Assignment.objects.filter(worker=worker, unit_id=hit.unit_id)
    try:
        with transaction.atomic():
            refuse_unpayable(worker, hit.hit_type.reward_cents)
            if earlier := before.first():
                raise AlreadyWorked(earlier)
            while place := free_places([hit.pk]).get(hit.pk):
                if assignment := claim(worker, place):
                    assignment.hit = hit
                    return assignment
    except IntegrityError as error:  # the same worker, in two tabs at once
        if earlier := before.first():
            raise AlreadyWorked(earlier) from error
        raise
    raise NoPlace(_("Somebody else has taken this one; please take the next."))


def claim(worker: Worker, place: FreePlace) -> Assignment | None:
    """Lease a place that was free a moment ago; None if somebody was faster.

    Call it in a transaction. Nothing is asked here: neither whether the worker has had the unit
    (then the database refuses the row), nor whether the study hands out anything.
    """
    unclaimed = Place.objects.free().filter(pk=place.pk, claim_number=place.claim_number)
    until = Now() + place.lease
    if not unclaimed.update(leased_until=until, claim_number=F("claim_number") + 1):
        return None
    assignment = Assignment.objects.create(
        hit_id=place.hit,
        unit_id=place.unit,
        worker=worker,
        place_id=place.pk,
        claim_number=place.claim_number + 1,
    )
    if place.is_last or place.hit_status != Hit.Status.ASSIGNABLE:
        refresh_status([place.hit])
    return assignment


def holds(assignment: Assignment) -> bool:
    """Whether the assignment holds the lease of its place."""
    return _own_place(assignment).filter(leased_until__gte=Now()).exists()


def _own_place(assignment: Assignment) -> QuerySet[Place]:
    """The assignment's place, unless it is filled or somebody else has claimed it."""
    return Place.objects.filter(
        pk=assignment.place_id, claim_number=assignment.claim_number, is_filled=False
    )


def extend(assignment: Assignment) -> bool:
    """Restart an assignment's lease. False if it is closed or somebody else has its place.

    A lapsed lease is renewed as well, as long as nobody has taken the place.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if assignment.status not in Assignment.OPEN:
            return False
        until = Now() + assignment.hit.hit_type.lease
        if not _own_place(assignment).update(leased_until=until):
            return False
        if assignment.status == Assignment.Status.EXPIRED:
            assignment.status = Assignment.Status.ACCEPTED
            assignment.save(update_fields=["status"])
        refresh_status([assignment.hit_id])
    return True


def give_back(assignment: Assignment, reason: str = "") -> None:
    """End a lease: return an assignment unanswered; its place is free at once. Idempotent.

    Args:
        reason: in the worker's words; cut after 200 characters.

    Raises:
        NotOpen: it has been answered.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if assignment.status == Assignment.Status.RETURNED:
            return
        if assignment.status not in Assignment.OPEN:
            raise NotOpen(_("You have already submitted this set, so it cannot be skipped."))
        return_locked(assignment, tidy(reason)[:200])


def return_locked(assignment: Assignment, reason: str) -> None:
    """Return an open assignment that the transaction has locked: its lease ends at once."""
    _own_place(assignment).update(leased_until=None)
    assignment.status = Assignment.Status.RETURNED
    assignment.return_reason = reason
    assignment.save(update_fields=["status", "return_reason"])
    refresh_status([assignment.hit_id])


def expire_assignments() -> int:
    """Mark assignments whose lease of a place is over as expired; returns how many.

    The status only informs people: the places have been free since their leases ended.
    """
    accepted = Assignment.objects.filter(status=Assignment.Status.ACCEPTED)
    holding = Place.objects.filter(
        pk=OuterRef("place"),
        claim_number=OuterRef("claim_number"),
        is_filled=False,
        leased_until__gte=Now(),
    )
    return sum(_expire(assignment) for assignment in accepted.exclude(Exists(holding)))


def _expire(assignment: Assignment) -> bool:
    with transaction.atomic():
        assignment = locked(assignment)  # it may have been extended or answered meanwhile
        if assignment.status != Assignment.Status.ACCEPTED or holds(assignment):
            return False
        assignment.status = Assignment.Status.EXPIRED
        assignment.save(update_fields=["status"])
        refresh_status([assignment.hit_id])
    return True


def locked(assignment: Assignment) -> Assignment:
    """Lock an assignment, so that its lease stays as it is until the transaction ends.

    `at_work_until` is when it was submitted; if it was not, it is now by the database's clock.
    `is_practice` says whether its unit is for training or qualification. The HIT, the unit and the
    worker stay as they were loaded with `assignment`: read again what may have changed in them.
    """
    row: Assignment | None = only_row(LOCKED(assignment=assignment.pk))
    if row is None:
        raise Assignment.DoesNotExist
    for name in RELATED:
        if Assignment._meta.get_field(name).is_cached(assignment):
            setattr(row, name, getattr(assignment, name))
    return row


def refresh_status(hit_ids: Iterable[int]) -> None:
    """Set the status of HITs from the leases of their places; a disposed HIT stays disposed.

    The status is for people and filters. The places alone decide what may be accepted, because a
    lease ends without any write.
    """
    hits = Hit.objects.filter(pk__in=list(hit_ids)).exclude(status=Hit.Status.DISPOSED)
    # Locked before the places are read: otherwise two workers who fill the last two places at the
    # same moment would each see the other's still empty.
    locked_hits = hits.order_by("pk").select_for_update(no_key=True)
    statuses = dict(locked_hits.values_list("pk", "status"))
    unfilled = Place.objects.filter(hit__in=statuses, is_filled=False).order_by().values_list("hit")
    free_counts = dict(unfilled.annotate(free_count=Count("pk", filter=NOT_LEASED)))
    for pk, before in statuses.items():
        if free_counts.get(pk):
            status = Hit.Status.ASSIGNABLE
        elif pk in free_counts:
            status = Hit.Status.UNASSIGNABLE
        elif before == Hit.Status.REVIEWING:
            status = Hit.Status.REVIEWING
        else:
            status = Hit.Status.REVIEWABLE
        if status != before:
            Hit.objects.filter(pk=pk).update(status=status)


def renew_lease(assignment: Assignment) -> bool:
    """Renew the lease of an active worker: `extend`, by one UPDATE while the lease lasts.

    That changes neither the assignment's status nor the HIT's, so nothing is locked. A place that
    was returned or filled does not match the UPDATE. A lease that began less than RENEWED_AFTER
    of it ago is left as it is, where `assignment` was loaded with its LEASE_LEFT.
    """
    lease = assignment.hit.hit_type.lease
    left = getattr(assignment, "lease_left", None)
    is_accepted = assignment.status == Assignment.Status.ACCEPTED
    if is_accepted and left is not None and left > (1 - RENEWED_AFTER) * lease:
        return True
    held = _own_place(assignment).filter(leased_until__gte=Now())
    if is_accepted and held.update(leased_until=Now() + lease):
        return True
    return extend(assignment)
