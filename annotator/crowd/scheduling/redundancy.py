"""Redundancy: how many answers a unit gets. It can be raised on a running study, or be adaptive.

Adaptive redundancy gives a unit whose group has no majority more answers (METHODS.md). It is off
unless a study says how many answers a unit may get. It looks at groups alone, never at precision,
and headline numbers use each unit's first answers.

TooFewAnswers: a study wants more answers than somebody asks for, or must not want fewer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling.leases import refresh_status
from annotator.models import Answer, Hit, KnownAnswer, Place, Study
from annotator.models.audit import ADAPTIVE, LOWER, RAISE
from annotator.models.gold import practice


class TooFewAnswers(Exception):
    """The study wants more answers than somebody asks for, or must not want fewer."""


def missing_places(hits: QuerySet[Hit], wanted: int) -> int:
    """How many places HITs lack for a redundancy of `wanted`. Disposed HITs are not counted."""
    return sum(max(0, wanted - places) for _, places in _place_counts(hits))


def naming_hits(study: Study) -> QuerySet[Hit]:
    """The HITs whose redundancy grows as workers come: those that name a unit, no practice."""
    hits = Hit.objects.filter(unit__layer__network__study=study, kind=Hit.Kind.NAMING)
    return hits.exclude(practice("unit__"))


def raise_redundancy(study: Study, wanted: int, by: Actor) -> int:
    """Raise the redundancy of every unit by adding places; returns how many. Idempotent.

    Raises:
        TooFewAnswers: the study already wants more.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if wanted < study.assignments_wanted:
            raise TooFewAnswers(
                _(
                    "Study %(study)s wants %(wanted)s answers per unit already; places are added, "
                    "never taken away."
                )
                % {"study": study, "wanted": study.assignments_wanted}
            )
        added = _add(naming_hits(study), wanted)
        before = study.assignments_wanted
        Study.objects.filter(pk=study.pk).update(assignments_wanted=wanted)
        if added or before != wanted:
            note(study, by, RAISE, assignments_wanted=[before, wanted], places=added)
    return added


def lower_redundancy(study: Study, wanted: int, by: Actor) -> int:
    """Lower the redundancy of every unit, where nobody has taken a place yet. Idempotent.

    A place that somebody has or had stays, so a unit may end with more answers than wanted.

    Returns:
        The number of places that are dropped.

    Raises:
        TooFewAnswers: units without a majority may get no more than that already.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if study.adaptive_most is not None and wanted < study.assignments_wanted:
            raise TooFewAnswers(
                _(
                    "Units of study %(study)s without a majority get up to %(adaptive_most)s "
                    "answers: turn that off before you lower the answers of all."
                )
                % {"study": study, "adaptive_most": study.adaptive_most}
            )
        hits = naming_hits(study).exclude(status=Hit.Status.DISPOSED)
        surplus = {hit: count - wanted for hit, count in _place_counts(hits) if count > wanted}
        dropped = _untaken(surplus)
        Place.objects.filter(pk__in=dropped).delete()
        refresh_status(surplus)
        before = study.assignments_wanted
        Study.objects.filter(pk=study.pk).update(assignments_wanted=wanted)
        if dropped or before != wanted:
            change = {"assignments_wanted": [before, wanted], "places": -len(dropped)}
            note(study, by, LOWER, **change)
    return len(dropped)


def _untaken(surplus: Mapping[int, int]) -> list[int]:
    """Places that nobody ever took, the last of each HIT first, at most as many as its surplus.

    Whoever takes one at this moment keeps it: its row is locked, and is left out.
    """
    free = Place.objects.filter(hit__in=surplus, claim_number=0, is_filled=False)
    free = free.order_by("hit_id", "-number").select_for_update(skip_locked=True)
    left, dropped = dict(surplus), []
    for pk, hit in free.values_list("pk", "hit_id"):
        if left[hit] > 0:
            left[hit] -= 1
            dropped.append(pk)
    return dropped


def raise_verifications(study: Study, hits: Iterable[Hit], wanted: int, by: Actor) -> int:
    """Raise the redundancy of verification HITs; returns the places added. Idempotent.

    The number of answers that name a unit stays as it is.
    """
    with transaction.atomic():
        list(Study.objects.select_for_update(no_key=True).filter(pk=study.pk))
        pks = [hit.pk for hit in hits]
        added = _add(Hit.objects.filter(pk__in=pks, kind=Hit.Kind.VERIFICATION), wanted)
        if added:
            note(study, by, "raise verifications", answers=wanted, places=added)
    return added


def _add(hits: QuerySet[Hit], wanted: int) -> int:
    """Add the places that HITs lack to have `wanted` each; returns how many."""
    # Locked before places are counted, so that nobody else adds places meanwhile.
    list(hits.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    missing = {hit: wanted - places for hit, places in _place_counts(hits) if places < wanted}
    add_places_to(missing)
    return sum(missing.values())


def _place_counts(hits: QuerySet[Hit]) -> list[tuple[int, int]]:
    """(HIT, number of places) of the HITs that are not disposed of."""
    open_hits = hits.exclude(status=Hit.Status.DISPOSED)
    counted = open_hits.annotate(place_count=Count("places"))
    return list(counted.order_by("pk").values_list("pk", "place_count"))


def set_adaptive(study: Study, most: int | None, by: Actor) -> int:
    """Set the adaptive redundancy of units without a majority group; returns the places added.

    Args:
        most: the number of answers; None turns adaptive redundancy off. Once units have more
            answers than the study wants, it is stored as the number that the study wants, because
            headline numbers must keep using the first answers of each unit.

    Raises:
        TooFewAnswers: `most` is not above what every unit gets.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if most is not None and most <= study.assignments_wanted:
            raise TooFewAnswers(
                _(
                    "Every unit gets %(wanted)s answers; a unit without a majority can get "
                    "%(more)s or more."
                )
                % {"wanted": study.assignments_wanted, "more": study.assignments_wanted + 1}
            )
        counts = [count for _, count in _place_counts(naming_hits(study))]
        if most is None and max(counts, default=0) > study.assignments_wanted:
            most = study.assignments_wanted
        if most == study.adaptive_most:
            return 0
        note(study, by, ADAPTIVE, adaptive_most=[study.adaptive_most, most])
        Study.objects.filter(pk=study.pk).update(adaptive_most=most)
        study.adaptive_most = most
        ready = Hit.objects.filter(
            unit__layer__network__study=study,
            status__in=(Hit.Status.REVIEWABLE, Hit.Status.REVIEWING),
        )
        ready = ready.order_by("pk").select_for_update(no_key=True)
        return sum(adapt(hit, study) for hit in ready)


def wants_more(groups: Sequence[int | None], places: int, most: int | None) -> bool:
    """Whether adaptive redundancy gives a unit, whose every place is answered, one place more.

    Args:
        groups: those of its counted answers. None stands for "nothing in common", which cannot be
            the majority: otherwise stopping would depend on a precision of 0.
        places: the places that it has.
        most: the places that it may get; None if redundancy is not adaptive.
    """
    if most is None or places >= most:
        return False
    votes = Counter(group for group in groups if group is not None)
    return 2 * max(votes.values(), default=0) <= len(groups)


def adapt(hit: Hit, study: Study) -> bool:
    """Add a place to a naming HIT by adaptive redundancy. Returns whether it did.

    Call it in the transaction that stored an answer, after `refresh_status`, which holds the HIT's
    lock: of two last answers at the same time, the later one sees both. The setting and the HIT's
    status are read again, since they may have changed after `hit` and `study` were loaded.
    """
    most = Study.objects.values_list("adaptive_most", flat=True).get(pk=study.pk)
    if most is None or hit.kind != Hit.Kind.NAMING:
        return False
    if Hit.objects.filter(pk=hit.pk, status=Hit.Status.DISPOSED).exists():
        return False  # it keeps late answers but gets no more places
    places = Place.objects.filter(hit=hit)
    if places.filter(is_filled=False).exists():
        return False
    if KnownAnswer.objects.filter(unit=hit.unit_id).exists():  # gets places as workers come
        return False
    answers = Answer.objects.counted().filter(assignment__hit=hit)
    groups = list(answers.values_list("group", flat=True))
    if not wants_more(groups, places.count(), most):
        return False
    add_places(hit, 1)
    return True


def add_places(hit: Hit, count: int) -> None:
    """Raise the redundancy of a HIT: add places for more answers."""
    add_places_to({hit.pk: count})


def add_places_to(counts: Mapping[int, int]) -> None:
    """Raise the redundancy of HITs: add places, whose numbers continue those of each HIT.

    Args:
        counts: {HIT: number of places to add}.
    """
    with transaction.atomic():
        hits = Hit.objects.filter(pk__in=counts).order_by("pk")
        list(hits.select_for_update(no_key=True).values_list("pk"))  # nobody else adds places now
        highest = hits.annotate(highest=Max("places__number", default=0))
        Place.objects.bulk_create(
            Place(hit_id=hit, number=number)
            for hit, last in highest.values_list("pk", "highest")
            for number in range(last + 1, last + 1 + counts[hit])
        )
        refresh_status(counts)
