"""Takes answers: checks them, judges catch images, fills the place, stores what was said."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from annotator.crowd import catching
from annotator.crowd.adapting import adapt
from annotator.crowd.errors import AnswerInvalid, NotOpen, Refused
from annotator.crowd.leases import locked, refresh_status
from annotator.models import Answer, Assignment, Attempt, Exemplar, Mark, Place
from annotator.models.answer import Group

MOST_WORDS = 5
MOST_CHARACTERS = 100

Says = Answer.Says


@dataclass(frozen=True)
class Said:
    """What a worker says about a unit: the concept, its group, and the slots that do not fit."""

    concept: str
    group: int | None
    marked: frozenset[int]
    says: str = Says.CONCEPT


def submit(assignment: Assignment, said: Said, looked_again: bool = False) -> Answer:
    """Store an answer, and fill the assignment's place if that is still open to it.

    Submitting again gives the first answer. A late answer (the lease has ended) is stored like
    any other; it is surplus if the place has gone to somebody else. Every complete attempt is
    kept, the refused ones too.

    Args:
        looked_again: the worker, refused once, insists that the rest fits.

    Raises:
        AnswerInvalid: a part is missing or wrong; nothing is stored.
        Refused: catch policy `block`, and a catch image is left; the attempt is stored.
        NotOpen: the assignment was given back.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if first := Answer.objects.filter(assignment=assignment).first():
            return first
        if assignment.status == Assignment.Status.RETURNED:
            raise NotOpen("You have given this one back, so it takes no answer any more.")
        shown = shown_exemplars(assignment)
        # What the worker hid is not judged, so it is in none of the counts.
        exemplars = {slot: exemplar for slot, exemplar in shown.items() if not exemplar.is_hidden}
        hidden = shown.keys() - exemplars.keys()
        said = checked(replace(said, marked=said.marked - hidden), exemplars)
        first_catch, refused = _attempt(assignment, said, exemplars, looked_again)
        if not refused:
            return _store(assignment, said, exemplars, first_catch)
    raise Refused(catching.LOOK_AGAIN)  # outside, so that the attempt stays


def shown_exemplars(assignment: Assignment) -> dict[int, Exemplar]:
    """Everything the assignment's HIT shows, by slot; only what answers need of it is loaded."""
    hidden = Exists(assignment.reports.filter(exemplar=OuterRef("pk")))
    shown = Exemplar.objects.filter(unit=assignment.unit_id, slot__isnull=False)
    shown = shown.annotate(is_hidden=hidden)
    return {exemplar.slot: exemplar for exemplar in shown.order_by("slot").only("slot", "role")}


def checked(said: Said, exemplars: Mapping[int, Exemplar]) -> Said:
    """The answer with its words tidied; "nothing in common" has neither concept nor group.

    Raises:
        AnswerInvalid: with one sentence for each field that is missing or wrong.
    """
    if said.says == Says.NOTHING:
        said = replace(said, concept="", group=None)
    else:
        said = replace(said, concept=tidy(said.concept))
    errors = _errors(said, exemplars)
    if errors:
        raise AnswerInvalid(errors)
    return said


def _errors(said: Said, exemplars: Mapping[int, Exemplar]) -> dict[str, str]:
    errors = {}
    if said.says not in Says.values:
        errors["says"] = f"An answer says one of {', '.join(Says.values)}; got {said.says!r}."
    elif said.says != Says.NOTHING:
        if wrong := _wrong_with(said.concept):
            errors["concept"] = wrong
        if said.group is None:
            errors["group"] = "Please choose the group that the concept belongs to."
        elif said.group not in Group.values:
            errors["group"] = f"There are six groups, 1 to 6; got {said.group!r}."
    if unknown := sorted(said.marked - exemplars.keys()):
        errors["marked"] = f"This HIT shows no picture in slot {unknown[0]}; please reload it."
    return errors


def _wrong_with(concept: str) -> str:
    if not any(character.isalnum() for character in concept):
        return "Please name in a few words what the pictures share."
    if (words := len(concept.split())) > MOST_WORDS:
        return f"Please name it in at most {MOST_WORDS} words; these are {words}."
    if len(concept) > MOST_CHARACTERS:
        return f"Please use at most {MOST_CHARACTERS} characters; these are {len(concept)}."
    return ""


def tidy(concept: str) -> str:
    """One space between words, and none of the characters that a database cannot store."""
    return " ".join(storable(concept).split())


def storable(concept: str) -> str:
    """Without the characters that a database cannot store."""
    kept = (c for c in concept if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)


def _attempt(
    assignment: Assignment, said: Said, exemplars: Mapping[int, Exemplar], looked_again: bool
) -> tuple[catching.Caught, bool]:
    """Keep one attempt. Returns what was caught at the first, and whether this one is refused."""
    earlier = list(assignment.attempts.order_by("number"))
    number = len(earlier) + 1
    catch = catching.caught(exemplars, said.marked, said.says)
    policy = assignment.unit.layer.network.study.catch_policy
    refused = catching.refuses(policy, catch, number, looked_again)
    Attempt.objects.create(
        assignment=assignment,
        number=number,
        said=_as_json(said, looked_again),
        was_refused=refused,
    )
    if earlier:
        first = earlier[0].said
        catch = catching.caught(exemplars, frozenset(first["marked"]), first["says"])
    return catch, refused


def _as_json(said: Said, looked_again: bool) -> dict[str, Any]:
    return asdict(said) | {"marked": sorted(said.marked), "looked_again": looked_again}


def _store(
    assignment: Assignment,
    said: Said,
    exemplars: Mapping[int, Exemplar],
    catch: catching.Caught,
) -> Answer:
    top = {slot for slot, each in exemplars.items() if each.role == Exemplar.Role.TOP}
    nothing = said.says == Says.NOTHING
    answer = Answer.objects.create(
        assignment=assignment,
        says=said.says,
        concept=said.concept,
        group=said.group,
        shown=len(top),
        fitting=0 if nothing else len(top - said.marked),
        catch_shown=catch.shown,
        catch_marked_at_first=catch.marked,
        is_surplus=not _fill_place(assignment),
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
