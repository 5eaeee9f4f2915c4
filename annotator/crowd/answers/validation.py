"""Answers as they are submitted, and what else a HIT page may send: checked and tidied.

Catch images are judged here, on the server alone: nothing that leaves it tells one from the other
pictures.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from annotator.crowd.answers.pictures import ShownExemplar
from annotator.crowd.errors import AnswerInvalid, CrowdError
from annotator.free_text import has_words, storable, tidy
from annotator.models import Answer, Exemplar, Study
from annotator.models.answer import Group

MAX_WORDS = 5
MAX_CHARACTERS = 100
MAX_REMARK_CHARACTERS = 500
MAX_SLOTS = 1000

Says = Answer.Says
NAMING = (Says.CONCEPT, Says.TWO_THINGS, Says.NOTHING)  # what a worker may say of a unit to name

# What is wrong with most answers. HIT pages say it too, before they submit anything.
SENTENCES = {
    "nameless": gettext_lazy("Please name in a few words what the pictures share."),
    "wordy": gettext_lazy("Please name it in at most %(most)s words; these are %(count)s."),
    "groupless": gettext_lazy("Please choose the group that it belongs to."),
}

Slot = Annotated[int, Field(ge=0, lt=MAX_SLOTS)]
GroupNumber = Annotated[int, Field(ge=min(Group.values), le=max(Group.values))]
ViewName = Literal[*Study.View.values]
SaysName = Literal[*Says.values]
# Unstorable characters go first: pydantic refuses some of them as no text at all.
Text = Annotated[str, BeforeValidator(lambda text: storable(text) if type(text) is str else text)]
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class AnswerForm:
    """An answer as it is submitted: the concept, its group, and the slots that do not fit.

    `remark` is what else the worker wants to say; reviewers read it, no other worker does.
    """

    concept: str
    group: int | None
    marked: frozenset[int]
    says: str = Says.CONCEPT
    second_group: int | None = None
    remark: str = ""


class PageData(BaseModel):
    """JSON that the script of a HIT page sends. Types are strict: true is not the number 1."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, data: object, name: str, refusal: type[CrowdError]) -> Self:
        """The data, if the page may send it.

        Raises:
            refusal: a key is missing or unknown, or a value is not allowed; the message, one
                sentence, names the first of them.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
        if not first["loc"]:
            raise refusal(f"A {name} is an object, got {str(data)[:200]!r}.")
        path = storable(".".join(map(str, first["loc"])))[:200]
        if first["type"] in ("missing", "extra_forbidden"):
            raise refusal(
                f"A {name} has the keys {', '.join(sorted(cls.model_fields))}; {path!r} is "
                f"{'missing' if first['type'] == 'missing' else 'unknown'}."
            )
        raise refusal(f"A {name}'s {path} cannot be {str(first['input'])[:200]!r}: {first['msg']}.")


def validated(form: AnswerForm, slots: Container[int], verifies: str = "") -> AnswerForm:
    """Validate a worker's answer form, and tidy its words; "nothing" has no concept or group.

    A second group that repeats the first is dropped.

    Args:
        slots: those that may be marked.
        verifies: the concept of a verification HIT, whose only answer is the marks.

    Raises:
        AnswerInvalid: with one sentence for each part that is missing or wrong.
    """
    form = replace(form, remark=tidy(form.remark))
    if verifies:
        form = AnswerForm(verifies, None, form.marked, Says.GIVEN, remark=form.remark)
        errors: dict[str, str] = {}
    else:
        form = _tidied(form)
        errors = _errors(form)
    if unknown := sorted(slot for slot in form.marked if slot not in slots):
        errors["marked"] = _("This HIT shows no picture in slot %(slot)s; please reload it.") % {
            "slot": unknown[0]
        }
    if (count := len(form.remark)) > MAX_REMARK_CHARACTERS:
        errors["remark"] = _too_long(MAX_REMARK_CHARACTERS, count)
    if errors:
        raise AnswerInvalid(errors)
    return form


def _tidied(form: AnswerForm) -> AnswerForm:
    if form.says == Says.NOTHING:
        return replace(form, concept="", group=None, second_group=None)
    second = None if form.second_group == form.group else form.second_group
    return replace(form, concept=tidy(form.concept), second_group=second)


def _errors(form: AnswerForm) -> dict[str, str]:
    if form.says not in NAMING:
        sentence = _("An answer says one of %(known)s; got %(says)s.")
        return {"says": sentence % {"known": ", ".join(NAMING), "says": repr(form.says)}}
    if form.says == Says.NOTHING:
        return {}
    errors = {"concept": _concept_error(form.concept), "group": _group_error(form)}
    return {part: sentence for part, sentence in errors.items() if sentence}


def _concept_error(concept: str) -> str:
    if not has_words(concept):
        return str(SENTENCES["nameless"])
    if (words := len(concept.split())) > MAX_WORDS:
        return SENTENCES["wordy"] % {"most": MAX_WORDS, "count": words}
    if len(concept) > MAX_CHARACTERS:
        return _too_long(MAX_CHARACTERS, len(concept))
    return ""


def _too_long(most: int, count: int) -> str:
    sentence = _("Please use at most %(most)s characters; these are %(count)s.")
    return sentence % {"most": most, "count": count}


def _group_error(form: AnswerForm) -> str:
    if form.group is None:
        return str(SENTENCES["groupless"])
    for group in (form.group, form.second_group):
        if group is not None and group not in Group.values:
            return _("There are six groups, 1 to 6; got %(group)s.") % {"group": repr(group)}
    return ""


@dataclass(frozen=True)
class CatchCounts:
    """How many catch images were shown, and how many of them were marked."""

    shown: int
    marked: int


def catch_counts(
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


def look_again() -> str:
    """The sentence that refuses an answer for its catch images; it names no picture."""
    return _(
        "Some pictures may need a second look. Please go through all of them again, mark those "
        "that do not fit, and submit once more."
    )


def refuses(policy: str, counts: CatchCounts, attempt: int, looked_again: bool) -> bool:
    """Whether the catch images refuse this attempt to submit, counted from 1.

    Policy `block` refuses an answer that leaves a catch image unmarked, at most MAX_ATTEMPTS - 1
    times. A worker who was refused once may insist that the rest fits.
    """
    if policy != Study.CatchPolicy.BLOCK or counts.marked == counts.shown:
        return False
    insists = looked_again and attempt > 1
    return attempt < MAX_ATTEMPTS and not insists
