"""Adaptive redundancy: a unit whose group has no majority may get more answers (METHODS.md).

Off unless a study says how many answers a unit may get. It looks at groups alone, never at
precision, and headline numbers use each unit's first k answers.
"""

from collections import Counter
from collections.abc import Sequence

from annotator.crowd.scheduling.leases import add_places
from annotator.models import Answer, Hit, KnownAnswer, Place, Study


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
