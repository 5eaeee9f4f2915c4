"""Leaves a worker out of results, or takes them back in: a person decides, and says why.

Their answers stay, paid as they were. Whoever decides should see neither what the worker called
things nor which pictures fitted: the pages and rules that lead here show neither.
"""

from django.db import transaction
from django.utils.timezone import now

from annotator.crowd.answers.validation import storable
from annotator.crowd.audit import Actor, note
from annotator.crowd.review.decisions import MAX_CHARACTERS, ReasonMissing, ReasonTooLong
from annotator.models import Worker


def exclude(worker: Worker, why: str, by: Actor) -> bool:
    """Leave a worker's answers out of results. False if they are out for that reason already.

    Raises:
        ReasonMissing: why says nothing; a report must be able to tell.
        ReasonTooLong: it would have to be cut.
    """
    why = " ".join(storable(why).split())
    if not any(character.isalnum() for character in why):
        raise ReasonMissing("An exclusion needs a reason, which reports will show.")
    if len(why) > MAX_CHARACTERS:
        raise ReasonTooLong(
            f"A reason has at most {MAX_CHARACTERS} characters; these are {len(why)}."
        )
    with transaction.atomic():
        found = _locked(worker)
        before = found.excluded_why if found.excluded_at else None
        if before == why:
            return False
        Worker.objects.filter(pk=found.pk).update(
            excluded_at=found.excluded_at or now(), excluded_why=why
        )
        note(found.study, by, "exclude", worker=found, excluded_why=[before, why])
    return True


def include(worker: Worker, by: Actor) -> bool:
    """Count an excluded worker's answers again. False if they are counted."""
    with transaction.atomic():
        found = _locked(worker)
        if found.excluded_at is None:
            return False
        Worker.objects.filter(pk=found.pk).update(excluded_at=None, excluded_why="")
        note(found.study, by, "include", worker=found, excluded_why=[found.excluded_why, None])
    return True


def _locked(worker: Worker) -> Worker:
    rows = Worker.objects.select_related("study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=worker.pk)
