"""Takes, extends and gives back places.

A place is held by the assignment whose claim number it carries, as long as its lease lasts by
the database's clock. Locks are taken in one order everywhere: assignment, place, HIT.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.access.invitations import refuse_mixing
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotOpen
from annotator.models import Assignment, Hit, Place, Worker


def accept(worker: Worker, hit: Hit) -> Assignment:
    """Give a worker one free place of a HIT, for as long as the HIT type's lease.

    Raises:
        AlreadyWorked: the worker has had this unit before.
        NoPlace: no place is free, or the HIT is withdrawn.
        MixedCrowd: the study has workers of the other kind.
    """
    refuse_mixing(worker.study_id, worker.kind)
    before = Assignment.objects.filter(worker=worker, unit_id=hit.unit_id)
    try:
        with transaction.atomic():
            if earlier := before.first():
                raise AlreadyWorked(earlier)
            place = _take_a_place(hit)
            assignment = Assignment.objects.create(
                hit=hit,
                unit_id=hit.unit_id,
                worker=worker,
                place_id=place.pk,
                claim_number=place.claim_number,
            )
            refresh_status([hit.pk])
    except IntegrityError as error:  # the same worker, in two tabs at once
        if earlier := before.first():
            raise AlreadyWorked(earlier) from error
        raise
    return assignment


def _take_a_place(hit: Hit) -> Place:
    """Raise a free place's claim number; lapsed ones last, whose workers may still come back."""
    free = Place.objects.free().filter(hit=hit).exclude(hit__status=Hit.Status.DISPOSED)
    while place := free.order_by(F("leased_until").asc(nulls_first=True), "number").first():
        taken = Place.objects.free().filter(pk=place.pk, claim_number=place.claim_number)
        until = Now() + hit.hit_type.lease
        if taken.update(leased_until=until, claim_number=F("claim_number") + 1):
            place.claim_number += 1
            return place
    raise NoPlace(_("Somebody else has taken this one; please take the next."))


def holds(assignment: Assignment) -> bool:
    """Whether the assignment still has its place to itself."""
    mine = Place.objects.filter(pk=assignment.place_id, claim_number=assignment.claim_number)
    return mine.filter(is_filled=False, leased_until__gte=Now()).exists()


def extend(assignment: Assignment) -> bool:
    """Start the lease anew. False if the assignment is closed or its place is another's now.

    A lapsed lease comes back to life as long as nobody has taken the place.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if assignment.status not in Assignment.OPEN:
            return False
        mine = Place.objects.filter(
            pk=assignment.place_id, claim_number=assignment.claim_number, is_filled=False
        )
        if not mine.update(leased_until=Now() + assignment.hit.hit_type.lease):
            return False
        if assignment.status == Assignment.Status.EXPIRED:
            assignment.status = Assignment.Status.ACCEPTED
            assignment.save(update_fields=["status"])
        refresh_status([assignment.hit_id])
    return True


def give_back(assignment: Assignment, reason: str = "") -> None:
    """Return an assignment without an answer; its place is free at once. Twice is as good as once.

    Raises:
        NotOpen: it has been answered.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if assignment.status == Assignment.Status.RETURNED:
            return
        if assignment.status not in Assignment.OPEN:
            raise NotOpen(_("You have already answered this one, so it cannot be given back."))
        Place.objects.filter(
            pk=assignment.place_id, claim_number=assignment.claim_number, is_filled=False
        ).update(leased_until=None)
        assignment.status = Assignment.Status.RETURNED
        assignment.return_reason = reason[:200]
        assignment.save(update_fields=["status", "return_reason"])
        refresh_status([assignment.hit_id])


def expire_assignments() -> int:
    """Mark assignments that no longer hold their place, and return how many.

    Only for those who look: their places have been free since their leases ended.
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


def add_places(hit: Hit, count: int) -> None:
    """Make room for more answers: numbers go on where they end."""
    with transaction.atomic():
        Hit.objects.select_for_update(no_key=True).get(pk=hit.pk)
        last = hit.places.aggregate(last=Max("number"))["last"] or 0
        Place.objects.bulk_create(Place(hit=hit, number=last + 1 + more) for more in range(count))
        refresh_status([hit.pk])


def locked(assignment: Assignment) -> Assignment:
    """The assignment as it stands now, and nobody else changes it until the transaction ends."""
    rows = Assignment.objects.select_related("hit__hit_type", "unit__layer__network__study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=assignment.pk)


def refresh_status(hit_ids: Iterable[int]) -> None:
    """Write what HITs' places say about them; a disposed HIT stays disposed.

    The status is for people and filters. What may be accepted is decided by the places alone,
    since a lease ends without anybody writing it down.
    """
    hits = Hit.objects.filter(pk__in=list(hit_ids)).exclude(status=Hit.Status.DISPOSED)
    # Locked before looking at the places: else two workers who fill the last two places at the
    # same moment would each see the other's still empty.
    locked = hits.order_by("pk").select_for_update(no_key=True).values_list("pk", "status")
    statuses = dict(locked)
    places = Place.objects.filter(hit__in=statuses)
    free = set(places.free().values_list("hit", flat=True))
    unfilled = set(places.filter(is_filled=False).values_list("hit", flat=True))
    for pk, status in statuses.items():
        if pk in free:
            found = Hit.Status.ASSIGNABLE
        elif pk in unfilled:
            found = Hit.Status.UNASSIGNABLE
        elif status == Hit.Status.REVIEWING:
            found = Hit.Status.REVIEWING
        else:
            found = Hit.Status.REVIEWABLE
        if found != status:
            Hit.objects.filter(pk=pk).update(status=found)


def renew_lease(assignment: Assignment) -> bool:
    """As `leases.extend`; one UPDATE as long as the lease lasts, which is nearly always.

    A place that is still held changes neither the assignment's status nor the HIT's, so there is
    nothing to lock: given back or filled, it is no longer found here.
    """
    held = Place.objects.filter(
        pk=assignment.place_id,
        claim_number=assignment.claim_number,
        is_filled=False,
        leased_until__gte=Now(),
    )
    is_accepted = assignment.status == Assignment.Status.ACCEPTED
    if is_accepted and held.update(leased_until=Now() + assignment.hit.hit_type.lease):
        return True
    return extend(assignment)
