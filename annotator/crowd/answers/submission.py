"""Submitting an answer: it is checked, its catch images are judged, and it fills the place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.answers.pictures import ShownExemplar, least_judged, shown_exemplars
from annotator.crowd.answers.traces import save_beside
from annotator.crowd.answers.validation import AnswerForm, Says, validated
from annotator.crowd.errors import (
    AnswerInvalid,
    AnswerRefused,
    CrowdError,
    NotOpen,
    TooFewJudged,
)
from annotator.crowd.scheduling.leases import locked, refresh_status, return_locked
from annotator.crowd.scheduling.redundancy import adapt
from annotator.models import Answer, Assignment, Attempt, Exemplar, Mark, Place, Study
from annotator.pay.ledger import owe_reward

Role = Exemplar.Role
JUDGED = (Role.TOP, Role.HELD_OUT)  # of a naming HIT, of a verification; never both in one
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class CatchCounts:
    """How many catch images were shown, and how many of them were marked."""

    shown: int
    marked: int


class Submitted(NamedTuple):
    """The answer that an assignment has after a submit.

    Attributes:
        is_new: it is the one that was just submitted.
        is_practice: its unit is for training or qualification.
    """

    answer: Answer
    is_new: bool
    is_practice: bool


def submit(assignment: Assignment, form: AnswerForm, looked_again: bool = False) -> Answer:
    """Submit an answer, as `submit_page` does, and return the one that the assignment has."""
    return submit_page(assignment, form, looked_again).answer


def submit_page(
    assignment: Assignment, form: AnswerForm, looked_again: bool = False, trace: object = None
) -> Submitted:
    """Submit an answer, which fills the assignment's place and is owed its reward. Idempotent.

    The first answer stays. A late one, whose lease has ended, is stored and paid like any other; it
    is surplus if somebody else has taken the place. Every complete attempt is kept, also a refused
    one.

    Args:
        looked_again: the worker was refused once and insists that the rest fits.
        trace: the last part of the trace, saved whatever comes of the answer.

    Raises:
        AnswerInvalid: a part is missing or wrong; nothing is stored.
        TooFewJudged: too many pictures are hidden; the assignment is returned with that reason.
        AnswerRefused: catch policy `block`, and a catch image is left; the attempt is stored.
        NotOpen: the assignment was returned.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        save_beside(assignment, trace)
        outcome = _outcome(assignment, form, looked_again)
    if isinstance(outcome, CrowdError):
        raise outcome  # after the commit, so that the return, the attempt and the trace stay
    return outcome


def _outcome(
    assignment: Assignment, form: AnswerForm, looked_again: bool
) -> Submitted | CrowdError:
    """What comes of a submit, whose assignment is locked: an answer, or why there is none."""
    is_practice = assignment.is_practice  # type: ignore[attr-defined]
    if assignment.status not in Assignment.OPEN:
        if first := Answer.objects.filter(assignment=assignment).first():
            return Submitted(first, is_new=False, is_practice=is_practice)
        if assignment.status == Assignment.Status.RETURNED:
            return NotOpen(_("You have skipped this set, so it takes no answer any more."))
    shown = shown_exemplars(assignment)
    # Pictures that the worker hid are not judged, so they are in none of the counts.
    exemplars = {slot: exemplar for slot, exemplar in shown.items() if not exemplar.is_hidden}
    hidden = shown.keys() - exemplars.keys()
    form = replace(form, marked=form.marked - hidden)
    try:
        form = validated(form, exemplars, verifies=assignment.hit.concept)
    except AnswerInvalid as error:
        return error
    if refusal := _too_few_judged(assignment, len(hidden), len(shown)):
        return_locked(assignment, f"judged {len(exemplars)} of {len(shown)} pictures")
        return refusal
    catch_at_first, is_refused = _attempt(assignment, form, exemplars, looked_again)
    if is_refused:
        return AnswerRefused(_look_again())
    answer = _store(assignment, form, exemplars, catch_at_first)
    return Submitted(answer, is_new=True, is_practice=is_practice)


def _too_few_judged(assignment: Assignment, hidden: int, shown: int) -> CrowdError | None:
    """The error of an answer that judges too few pictures, or None."""
    if shown - hidden >= least_judged(assignment.worker.study, shown):
        return None
    sentence = _(
        "You hid %(hidden)s of the %(shown)s pictures, too many for an answer. The set was "
        "skipped: someone else will do it."
    )
    return TooFewJudged(sentence % {"hidden": hidden, "shown": shown})


def _attempt(
    assignment: Assignment,
    form: AnswerForm,
    exemplars: Mapping[int, ShownExemplar],
    looked_again: bool,
) -> tuple[CatchCounts, bool]:
    """Store one attempt. Returns the catch counts of the first, and whether this one is refused."""
    earlier = list(assignment.attempts.order_by("number"))
    number = len(earlier) + 1
    catch = _catch_counts(exemplars, form.marked, form.says)
    policy = assignment.worker.study.catch_policy
    is_refused = _refuses(policy, catch, number, looked_again)
    Attempt.objects.create(
        assignment=assignment,
        number=number,
        form=attempted(form) | {"looked_again": looked_again},
        was_refused=is_refused,
    )
    if earlier:
        first = earlier[0].form
        catch = _catch_counts(exemplars, frozenset(first["marked"]), first["says"])
    return catch, is_refused


def attempted(form: AnswerForm) -> dict[str, Any]:
    """What an attempt keeps of a form: all but the remark, which stands with the answer alone."""
    columns = asdict(form) | {"marked": sorted(form.marked)}
    del columns["remark"]
    return columns


def _store(
    assignment: Assignment,
    form: AnswerForm,
    exemplars: Mapping[int, ShownExemplar],
    catch_at_first: CatchCounts,
) -> Answer:
    answer = Answer.objects.create(
        assignment=assignment,
        says=form.says,
        concept=form.concept,
        group=form.group,
        second_group=form.second_group,
        remark=form.remark,
        catch_shown=catch_at_first.shown,
        catch_marked_at_first=catch_at_first.marked,
        is_surplus=not _fill_place(assignment),
        **answer_counts(exemplars, form),
    )
    Mark.objects.bulk_create(
        Mark(answer=answer, exemplar_id=exemplars[slot].pk) for slot in sorted(form.marked)
    )
    Assignment.objects.filter(pk=assignment.pk).update(
        status=Assignment.Status.SUBMITTED, submitted_at=Now()
    )
    owe_reward(assignment, assignment.is_practice)  # type: ignore[attr-defined]
    refresh_status([assignment.hit_id])
    adapt(assignment.hit, assignment.worker.study)
    return answer


def _fill_place(assignment: Assignment) -> bool:
    """Fill the place. False if somebody else has filled it or holds its lease."""
    place = Place.objects.filter(pk=assignment.place_id)
    own = place.filter(claim_number=assignment.claim_number, is_filled=False)
    return (own | place.free()).update(is_filled=True, leased_until=None) == 1


def answer_counts(exemplars: Mapping[int, ShownExemplar], form: AnswerForm) -> dict[str, int]:
    """Count the pictures that fit by role when an answer is submitted, as columns of Answer.

    If nothing is in common, nothing fits, and the repeats ask nothing: their counts are 0 of 0.
    Catch images are counted apart.

    Args:
        exemplars: what was shown and not hidden, by slot.
    """
    judged = _slots(exemplars, *JUDGED)
    repeats, random = _slots(exemplars, Role.REPEAT), _slots(exemplars, Role.RANDOM)
    has_concept = form.says != Says.NOTHING
    return {
        "shown": len(judged),
        "fitting": len(judged - form.marked) if has_concept else 0,
        "repeat_shown": len(repeats) if has_concept else 0,
        "repeat_marked": len(repeats & form.marked) if has_concept else 0,
        "random_shown": len(random),
        "random_fitting": len(random - form.marked),
    }


def _slots(exemplars: Mapping[int, ShownExemplar], *roles: str) -> set[int]:
    return {slot for slot, exemplar in exemplars.items() if exemplar.role in roles}


def _catch_counts(
    exemplars: Mapping[int, ShownExemplar], marked: frozenset[int], says: str
) -> CatchCounts:
    """Count the catch images, and the marked ones, in a submitted answer.

    If nothing is in common, no picture can fail to fit, so a catch image asks nothing: the counts
    are 0 of 0, neither for nor against the worker.

    Args:
        exemplars: everything that the HIT shows, by slot.
    """
    if says == "nothing":
        return CatchCounts(0, 0)
    slots = {slot for slot, exemplar in exemplars.items() if exemplar.role == Exemplar.Role.CATCH}
    return CatchCounts(len(slots), len(slots & marked))


def _look_again() -> str:
    """The sentence that refuses an answer for its catch images; it names no picture."""
    return _(
        "Some pictures may need a second look. Please go through all of them again, mark those "
        "that do not fit, and submit once more."
    )


def _refuses(policy: str, counts: CatchCounts, attempt: int, looked_again: bool) -> bool:
    """Whether the catch images refuse this attempt to submit, counted from 1.

    Policy `block` refuses an answer that leaves a catch image unmarked, at most MAX_ATTEMPTS - 1
    times. A worker who was refused once may insist that the rest fits.
    """
    if policy != Study.CatchPolicy.BLOCK or counts.marked == counts.shown:
        return False
    insists = looked_again and attempt > 1
    return attempt < MAX_ATTEMPTS and not insists
