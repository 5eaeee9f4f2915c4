"""Answers as they are submitted, and what else a HIT page may send: checked and tidied.

Catch images are judged here, on the server alone: nothing that leaves it tells one from the other
pictures.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from annotator.crowd.errors import AnswerInvalid, CrowdError
from annotator.free_text import has_words, storable, tidy
from annotator.models import Answer, Study
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
