"""Takes answers: checks them, judges catch images, fills the place, stores what was said."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.answers import catch_images
from annotator.crowd.answers.pictures import shown_exemplars
from annotator.crowd.answers.validation import AnswerForm, Says, validated
from annotator.crowd.errors import AnswerRefused, NotOpen
from annotator.crowd.scheduling.leases import locked, refresh_status
from annotator.crowd.scheduling.redundancy import adapt
from annotator.models import Answer, Assignment, Attempt, Exemplar, Mark, Place

Role = Exemplar.Role
JUDGED = (Role.TOP, Role.HELD_OUT)  # of a naming HIT, of a verification; never both in one


def submit(assignment: Assignment, said: AnswerForm, looked_again: bool = False) -> Answer:
    """Store an answer, and fill the assignment's place if that is still open to it.

    Submitting again gives the first answer. A late answer (the lease has ended) is stored like
    any other; it is surplus if the place has gone to somebody else. Every complete attempt is
    kept, the refused ones too.

    Args:
        looked_again: the worker, refused once, insists that the rest fits.

    Raises:
        AnswerInvalid: a part is missing or wrong; nothing is stored.
        AnswerRefused: catch policy `block`, and a catch image is left; the attempt is stored.
        NotOpen: the assignment was given back.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if first := Answer.objects.filter(assignment=assignment).first():
            return first
        if assignment.status == Assignment.Status.RETURNED:
            raise NotOpen(_("You have given this one back, so it takes no answer any more."))
        shown = shown_exemplars(assignment)
        # What the worker hid is not judged, so it is in none of the counts.
        exemplars = {slot: exemplar for slot, exemplar in shown.items() if not exemplar.is_hidden}
        hidden = shown.keys() - exemplars.keys()
        said = replace(said, marked=said.marked - hidden)
        said = validated(said, exemplars, given=assignment.hit.concept)
        first_catch, refused = _attempt(assignment, said, exemplars, looked_again)
        if not refused:
            return _store(assignment, said, exemplars, first_catch)
    raise AnswerRefused(catch_images.look_again())  # outside, so that the attempt stays


def _attempt(
    assignment: Assignment, said: AnswerForm, exemplars: Mapping[int, Exemplar], looked_again: bool
) -> tuple[catch_images.CatchCounts, bool]:
    """Keep one attempt. Returns what was caught at the first, and whether this one is refused."""
    earlier = list(assignment.attempts.order_by("number"))
    number = len(earlier) + 1
    catch = catch_images.catch_counts(exemplars, said.marked, said.says)
    policy = assignment.unit.layer.network.study.catch_policy
    refused = catch_images.refuses(policy, catch, number, looked_again)
    Attempt.objects.create(
        assignment=assignment,
        number=number,
        said=_as_json(said, looked_again),
        was_refused=refused,
    )
    if earlier:
        first = earlier[0].said
        catch = catch_images.catch_counts(exemplars, frozenset(first["marked"]), first["says"])
    return catch, refused


def _as_json(said: AnswerForm, looked_again: bool) -> dict[str, Any]:
    return asdict(said) | {"marked": sorted(said.marked), "looked_again": looked_again}


def _store(
    assignment: Assignment,
    said: AnswerForm,
    exemplars: Mapping[int, Exemplar],
    catch: catch_images.CatchCounts,
) -> Answer:
    answer = Answer.objects.create(
        assignment=assignment,
        says=said.says,
        concept=said.concept,
        group=said.group,
        second_group=said.second_group,
        catch_shown=catch.shown,
        catch_marked_at_first=catch.marked,
        is_surplus=not _fill_place(assignment),
        **answer_counts(exemplars, said),
    )
    Mark.objects.bulk_create(
        Mark(answer=answer, exemplar=exemplars[slot]) for slot in sorted(said.marked)
    )
    Assignment.objects.filter(pk=assignment.pk).update(
        status=Assignment.Status.SUBMITTED, submitted_at=Now()
    )
    refresh_status([assignment.hit_id])
    adapt(assignment.hit, assignment.unit.layer.network.study)
    return answer


def _fill_place(assignment: Assignment) -> bool:
    """Fill the place if it is still this assignment's, or free again. False: somebody has it."""
    place = Place.objects.filter(pk=assignment.place_id)
    mine = place.filter(claim_number=assignment.claim_number, is_filled=False)
    return (mine | place.free()).update(is_filled=True, leased_until=None) == 1


def answer_counts(exemplars: Mapping[int, Exemplar], said: AnswerForm) -> dict[str, int]:
    """The counts of an answer by the names of Answer's fields; catch images are counted apart.

    Where nothing is in common nothing fits, and the repeats are no question: 0 of 0.

    Args:
        exemplars: what was shown and not hidden, by slot.
    """
    judged = _slots(exemplars, *JUDGED)
    repeats, random = _slots(exemplars, Role.REPEAT), _slots(exemplars, Role.RANDOM)
    nothing = said.says == Says.NOTHING
    return {
        "shown": len(judged),
        "fitting": 0 if nothing else len(judged - said.marked),
        "repeat_shown": 0 if nothing else len(repeats),
        "repeat_marked": 0 if nothing else len(repeats & said.marked),
        "random_shown": len(random),
        "random_fitting": len(random - said.marked),
    }


def _slots(exemplars: Mapping[int, Exemplar], *roles: str) -> set[int]:
    return {slot for slot, exemplar in exemplars.items() if exemplar.role in roles}
