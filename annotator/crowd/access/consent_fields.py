"""The fields of a consent text: what it has to say before people may be asked to take part.

A field that only the requester can answer is empty until they do, and required. The others have a
text of the service, which a requester may change or translate, but not leave out.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from annotator.models import Study
from annotator.pay.begun_sets import PART_SECONDS, part_in_words
from annotator.pay.debriefing import debriefing_cents
from annotator.pay.money import dollars

MIN_DAYS, MAX_DAYS = 14, 3650
MAX_CHARACTERS = 10_000  # of a field

# (field, heading in the text, the service's text; empty: only the requester can answer), in order.
SECTIONS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        "purpose",
        lazy("What this is, and why"),
        lazy(
            "Researchers want to know what the parts of computer vision programs respond to. You "
            "look at sets of small pictures, say in a few words what they share, mark those that "
            "do not fit, and choose the group that it belongs to. One set takes a few minutes. "
            "Your answers are collected to describe these programs, for no other purpose."
        ),
    ),
    (
        "logged",
        lazy("What is logged"),
        lazy(
            "Of a set: your answer (the name, the group, the pictures you mark, and a remark if "
            "you write one, which only the people who run the study read); what you enter before "
            "you submit, so that nothing is lost, and every press of Submit; the times at which "
            "you took and submitted the set; sets you skip, with your reason if you give one, and "
            "pictures you hide.\n\n"
            "Of how you work on it: how long the page was in view and in use, and how long each "
            "picture was in view; the order in which you mark pictures; which views you use "
            "(region, outline, whole); how often the page lost the focus, and how often something "
            "was pasted into the field for the name, not what.\n\n"
            "Of you: that you agreed to this text, your choices below it, and when; whether you "
            "use a phone, a tablet or a computer; what you are owed and paid. If a market "
            "sent you: your number there, by which you are paid, until everybody is paid and "
            "answers can no longer be taken back, and afterwards only a form of it that nobody can "
            "read; and your country, language and age group if the market shares them. If you "
            "make an account: the name you choose for it, and your e-mail address if you give one. "
            "At the end, whether you used an AI tool, if you say so; no answer to this changes "
            "your pay."
        ),
    ),
    ("retention", lazy("How long it is kept"), ""),
    (
        "anonymity",
        lazy("Whether you can be recognized"),
        lazy(
            "Your name is not asked for. A random number stands in place of it, and a cookie "
            "remembers you in this browser. A market's number is kept apart from the answers "
            "and never published. Of country, language, age group and device only counts of at "
            "least five people are published."
        ),
    ),
    (
        "sharing",
        lazy("Who gets to see your answers"),
        lazy(
            "The people who run the study see all answers. Numbers over many answers are "
            "published. Single answers are shared with other researchers, together with the "
            "random number, only if you agree to that below; if you do not, your answers count in "
            "the numbers and are in no file that is given away. You take part and are paid the "
            "same either way."
        ),
    ),
    ("legal_basis", lazy("Legal basis"), ""),
    (
        "stopping",
        lazy("It is up to you"),
        lazy(
            "Do as many sets as you like, skip any, and stop whenever you like; you need no "
            "reason. Every set you submitted is paid. If you stop in the middle of a set that you "
            "have worked on for at least {seconds} seconds and entered something in, {part} of its "
            "pay is yours, once in this study; if you came by an open link and have no account, "
            "only after your first submitted set. At the end you are told more about the study; "
            "reading that is paid with {debriefing}, once."
        ),
    ),
    (
        "withdrawal",
        lazy("Taking your answers back"),
        lazy(
            "You may take your answers back until {days} days after your last one, without a "
            "reason, on your page “My work” or by the link that you find there. They are then "
            "deleted, with what was logged while you worked and what you wrote. You keep the pay. "
            "Reports are made again without them; what was published before cannot be called back."
        ),
    ),
    (
        "risks",
        lazy("Risks"),
        lazy(
            "No more than those of looking at pictures on a screen. Some pictures may not be "
            "pleasant to you: you can hide any of them. There is no benefit but the pay."
        ),
    ),
    (
        "nothing_in_common",
        lazy("Some sets have nothing in common"),
        lazy(
            "Some sets were put together so that their pictures share nothing. “Nothing in "
            "common” is then the right answer."
        ),
    ),
    (
        "wrong_names",
        lazy("Some names are wrong"),
        lazy(
            "Where you are given a name, it may have been made by a machine, and it may be wrong, "
            "sometimes on purpose. Say what you see."
        ),
    ),
    (
        "not_counted",
        lazy("What does not count against you"),
        lazy(
            "Neither sets with nothing in common nor wrong names count against anybody. Some sets "
            "and pictures are there to see whether answers are given with care; no program "
            "rejects an answer, people decide. At the end you are told how many such sets you had."
        ),
    ),
    ("contact", lazy("Whom to ask"), ""),
    ("ethics", lazy("Ethics approval"), ""),
    (
        "age",
        lazy("Age"),
        lazy("You must be at least 18 years old to take part."),
    ),
)
HEADINGS = {name: heading for name, heading, _text in SECTIONS}
REQUIRED = tuple(name for name, _heading, text in SECTIONS if not text)
# What a person says who reads that a field is missing.
HINTS = {
    "retention": lazy("How long the answers are kept, and what happens to them then."),
    "legal_basis": lazy("Such as: your consent (Article 6 (1) (a) GDPR)."),
    "contact": lazy("The e-mail address of a person, or another way to reach one."),
    "ethics": lazy("The board and the number of its decision, or “None needed because …”."),
}


class ConsentFieldsInvalid(ValueError):
    """Fields are missing or wrong. `errors` maps a field to a sentence; the text joins them."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        named = (f"{name}: {sentence}" if name else sentence for name, sentence in errors.items())
        super().__init__(" ".join(named))
        self.errors = dict(errors)


class ConsentFields(BaseModel):
    """What a consent text says, field by field.

    Attributes:
        withdrawal_days: for how many days after a session answers can be taken back.
        shares_data: each person is asked whether their single answers may be shared.
        covers_device, covers_market: `logged` says that they are kept; else they are not.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    purpose: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    logged: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    retention: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    anonymity: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    sharing: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    legal_basis: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    stopping: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    withdrawal: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    risks: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    nothing_in_common: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    wrong_names: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    not_counted: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    contact: str = Field(min_length=1, max_length=200)
    ethics: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    age: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    withdrawal_days: int = Field(default=MIN_DAYS, ge=MIN_DAYS, le=MAX_DAYS)
    shares_data: bool = True
    covers_device: bool = True
    covers_market: bool = True

    @field_validator("*", mode="before")
    @classmethod
    def _lines_end_alike(cls, value: Any) -> Any:
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    @field_validator("age")
    @classmethod
    def _names_18(cls, text: str) -> str:
        if "18" not in text:
            raise ValueError(_("It has to say that people must be at least 18 years old."))
        return text

    def text(self, study: Study) -> str:
        """The text that people read, with the study's days and amounts filled in."""
        filled = {
            "{days}": str(self.withdrawal_days),
            "{seconds}": str(PART_SECONDS),
            "{part}": part_in_words(),
            "{debriefing}": dollars(debriefing_cents(study)),
        }
        sections = "\n\n".join(f"{HEADINGS[name]}\n{getattr(self, name)}" for name in HEADINGS)
        for token, value in filled.items():
            sections = sections.replace(token, value)
        return "\n".join(line.rstrip() for line in sections.split("\n"))


def default_fields(study: Study) -> dict[str, Any]:
    """What the form of a new consent text starts with: required answers are empty."""
    columns = ConsentFields.model_fields
    values: dict[str, Any] = {name: str(text) for name, _heading, text in SECTIONS}
    values |= {
        name: columns[name].default for name in ("shares_data", "covers_device", "covers_market")
    }
    return values | {"withdrawal_days": study.withdrawal_days, "contact": study.contact}


def parse_fields(study: Study, given: Mapping[str, Any]) -> ConsentFields:
    """Check the fields that somebody gives; those left out are the service's own texts.

    Raises:
        ConsentFieldsInvalid: one is missing, empty, unknown or wrong.
    """
    try:
        return ConsentFields.model_validate(default_fields(study) | dict(given))
    except ValidationError as error:
        raise ConsentFieldsInvalid(
            {".".join(map(str, each["loc"])): _sentence(each) for each in error.errors()}
        ) from error


def _sentence(error: Any) -> str:
    """What is wrong with a field, and the way out."""
    name, kind = str(error["loc"][0]), error["type"]
    if kind == "string_too_short":
        return _("It is empty.") + (f" {HINTS[name]}" if name in HINTS else "")
    if kind == "extra_forbidden":
        return _("There is no such field. There are: %(names)s.") % {
            "names": ", ".join(ConsentFields.model_fields)
        }
    if name == "withdrawal_days":
        return _("It is a number of days from %(least)s to %(most)s.") % {
            "least": MIN_DAYS,
            "most": MAX_DAYS,
        }
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return f"{error['msg']}."


def read_fields(path: Path) -> dict[str, Any]:
    """The fields of a consent text in a TOML or JSON file, by the end of its name.

    Raises:
        ConsentFieldsInvalid: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        given = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, OSError) as error:
        raise ConsentFieldsInvalid({"": f"{path} cannot be read: {error}."}) from error
    if not isinstance(given, dict):
        raise ConsentFieldsInvalid({"": f"{path} is a list, not fields with their texts."})
    return given


def missing_fields(stored: Mapping[str, Any] | None) -> list[str]:
    """The headings of what a stored text lacks, in the order of the text.

    Args:
        stored: its fields; None for a text without fields, which lacks every required answer.
    """
    lacking = REQUIRED if stored is None else [name for name in HEADINGS if not stored.get(name)]
    return [str(HEADINGS[name]) for name in lacking]
