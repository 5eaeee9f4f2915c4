"""How many answers a unit gets: raised on a running study, or adaptive.

TooFewAnswers: fewer are asked for than a study wants already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling.leases import add_places, refresh_status
from annotator.models import Answer, Hit, KnownAnswer, Place, Study
from annotator.models.gold import practice


class TooFewAnswers(Exception):
    """Places are added, never taken away."""


def missing_places(hits: QuerySet[Hit], wanted: int) -> int:
    """How many places some HITs lack, to have so many each; HITs withdrawn not counted."""
    return sum(max(0, wanted - places) for _, places, _ in _places(hits))


def naming_hits(study: Study) -> QuerySet[Hit]:
    """The HITs that name a unit, practice left out: its places are made as workers come."""
    hits = Hit.objects.filter(unit__layer__network__study=study, kind=Hit.Kind.NAMING)
    return hits.exclude(practice("unit__"))


def raise_redundancy(study: Study, wanted: int, by: Actor) -> int:
    """Want so many answers of every unit; returns the places added. Safe to repeat.

    Raises:
        TooFewAnswers: the study wants more already.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if wanted < study.assignments_wanted:
            raise TooFewAnswers(
                f"Study {study} wants {study.assignments_wanted} answers a unit already; places "
                "are added, never taken away."
            )
        added = _add(naming_hits(study), wanted)
        before = study.assignments_wanted
        Study.objects.filter(pk=study.pk).update(assignments_wanted=wanted)
        if added or before != wanted:
            note(study, by, "raise redundancy", assignments_wanted=[before, wanted], places=added)
    return added


def raise_verifications(study: Study, hits: Iterable[Hit], wanted: int, by: Actor) -> int:
    """Let verification HITs have so many places each; returns the places added. Safe to repeat.

    What the study wants of every unit to name stays as it is.
    """
    with transaction.atomic():
        list(Study.objects.select_for_update(no_key=True).filter(pk=study.pk))
        found = Hit.objects.filter(pk__in=[hit.pk for hit in hits], kind=Hit.Kind.VERIFICATION)
        added = _add(found, wanted)
        if added:
            note(study, by, "raise verifications", answers=wanted, places=added)
    return added


def _add(hits: QuerySet[Hit], wanted: int) -> int:
    list(hits.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    new = [
        Place(hit_id=hit, number=number)
        for hit, places, last in _places(hits)  # locked: nobody adds beside us
        for number in range(last + 1, last + 1 + wanted - places)
    ]
    Place.objects.bulk_create(new)
    refresh_status({place.hit_id for place in new})
    return len(new)


def _places(hits: QuerySet[Hit]) -> list[tuple[int, int, int]]:
    """(HIT, places, the last one's number) of those HITs that places may be added to."""
    open_hits = hits.exclude(status=Hit.Status.DISPOSED)
    counted = open_hits.annotate(n=Count("places"), last=Max("places__number", default=0))
    return list(counted.order_by("pk").values_list("pk", "n", "last"))


def set_adaptive(study: Study, most: int | None, by: Actor) -> int:
    """Let units without a majority group get up to so many answers, or no longer; returns the
    places added at once.

    Once units have more answers than the study wants, headline numbers must go on with the first
    ones of each: then "no longer" is as many as the study wants, not None.

    Raises:
        TooFewAnswers: that is no more than every unit gets.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if most is not None and most <= study.assignments_wanted:
            raise TooFewAnswers(
                f"Every unit gets {study.assignments_wanted} answers; a unit without a majority "
                f"can get {study.assignments_wanted + 1} or more."
            )
        counts = [count for _, count, _ in _places(naming_hits(study))]
        if most is None and max(counts, default=0) > study.assignments_wanted:
            most = study.assignments_wanted
        if most == study.adaptive_most:
            return 0
        note(study, by, "adaptive redundancy", adaptive_most=[study.adaptive_most, most])
        Study.objects.filter(pk=study.pk).update(adaptive_most=most)
        study.adaptive_most = most
        ready = Hit.objects.filter(
            unit__layer__network__study=study,
            status__in=(Hit.Status.REVIEWABLE, Hit.Status.REVIEWING),
        )
        ready = ready.order_by("pk").select_for_update(no_key=True)
        return sum(adapt(hit, study) for hit in ready)


def wants_more(groups: Sequence[int | None], places: int, most: int | None) -> bool:
    """Whether a unit whose every place is answered should get one place more.

    Args:
        groups: of its counted answers; None for "nothing in common", which is no group, so a
            majority of it is none either: else stopping would depend on a precision of 0.
        places: that it has. most: that it may get; None where redundancy does not adapt.
    """
    if most is None or places >= most:
        return False
    votes = Counter(group for group in groups if group is not None)
    return 2 * max(votes.values(), default=0) <= len(groups)


def adapt(hit: Hit, study: Study) -> bool:
    """Add a place to a naming HIT that wants more, and say whether it did.

    Call it in the transaction that stored an answer, after the HIT's status was refreshed: that
    holds the HIT's lock, so of two last answers at once the later sees both.
    """
    if study.adaptive_most is None or hit.kind != Hit.Kind.NAMING:
        return False
    if hit.status == Hit.Status.DISPOSED:  # a late answer to it is kept, and that is all
        return False
    places = Place.objects.filter(hit=hit)
    if places.filter(is_filled=False).exists():
        return False
    if KnownAnswer.objects.filter(unit=hit.unit_id).exists():  # gets places as workers come
        return False
    answers = Answer.objects.counted().filter(assignment__hit=hit)
    groups = list(answers.values_list("group", flat=True))
    if not wants_more(groups, places.count(), study.adaptive_most):
        return False
    add_places(hit, 1)
    return True
