"""What the registry says of a number: its name, what it is measured in, its rule and its value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from django.utils.translation import gettext, gettext_noop

from annotator.results.stats.intervals import Interval

# What a number is measured in. A `number` names one of several, such as a unit or a group. A
# setting is given as it was set, never rounded; a structure has numbers of its own, in JSON alone.
Measure = Literal[
    "precision", "share", "difference", "coefficient", "ratio", "deviation", "p", "freedom",
    "weight", "count", "number", "flag", "text", "time", "setting", "interval", "structure",
]  # fmt: skip
Result = TypeVar("Result")
Holder = TypeVar("Holder")

# Sections of the page of definitions, in its order.
ANSWERS = gettext_noop("Answers")
PRECISION = gettext_noop("Precision")
GROUPS_AND_CONCEPTS = gettext_noop("Groups and concepts")
AGREEMENT = gettext_noop("Agreement of workers")
WHO_ANSWERED = gettext_noop("Who answered")
NETWORKS_AND_PLANS = gettext_noop("Networks and plans")
SECOND_ROUND = gettext_noop("Second round and machines")
SECTIONS = (
    *(ANSWERS, PRECISION, GROUPS_AND_CONCEPTS, AGREEMENT, WHO_ANSWERED),
    *(NETWORKS_AND_PLANS, SECOND_ROUND),
)

# The table that a number stands in: that of what it is of (layers, units ...), another, or none.
OWN, OF_AGREEMENT, NO_TABLE = "own", "agreement", ""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one number means, in words for its readers.

    Attributes:
        section: of the page of definitions.
        title, rule: {t} stands for the study's threshold of precision.
        key: its name on pages and in JSON; empty means that of the number it stands in.
    """

    section: str
    title: str
    rule: str
    key: str = ""

    def called(self, key: str) -> "Definition":
        """The same under a number's name, unless it has a key of its own."""
        return self if self.key else replace(self, key=key)

    def at_threshold(self, threshold: float) -> "Definition":
        """As a page prints it: translated, with the study's threshold."""
        t = f"{threshold:g}"
        title, rule = (gettext(text).format(t=t) for text in (self.title, self.rule))
        return Definition(gettext(self.section), title, rule, self.key)


@dataclass(frozen=True, slots=True)
class IntervalOf(Generic[Result]):
    """How the 95 % interval of a number is had, and the rule by which it is made."""

    value: Callable[[Result], Interval | None]
    definition: Definition


@dataclass(frozen=True, slots=True)
class ReportedNumber(Generic[Result]):
    """One number of a result: a unit's, a layer's, a comparison's.

    Attributes:
        name: its column in tables, its field in the API and, unless `json` says otherwise, its key
            in JSON. The ends of its interval are NAME_low and NAME_high, in JSON NAME_interval.
        value: from the result; None where it is missing.
        definition: its title and rule; None where `meaning` says enough.
        meaning: what its column holds, for the data dictionary; empty means the rule.
        json: its path in JSON, as in "object_detectors.share_of_units"; None leaves it out.
        table: OWN, OF_AGREEMENT or NO_TABLE.
        is_always: whether it is never missing.
    """

    name: str
    measure: Measure
    value: Callable[[Result], Any]
    definition: Definition | None = None
    interval: IntervalOf[Result] | None = None
    meaning: str = ""
    json: str | None = ""
    table: str = OWN
    is_always: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in a table: itself, and the ends of its interval."""
        ends = ("_low", "_high") if self.interval else ()
        return (self.name, *(f"{self.name}{end}" for end in ends))

    @property
    def path(self) -> str | None:
        """Where it stands in JSON, with a dot between the keys; None if it does not."""
        return self.name if self.json == "" else self.json

    def values(self, result: Result) -> Iterator[Any]:
        """The cells of its columns: its value, and the ends of its interval."""
        yield self.value(result)
        if self.interval:
            ends = self.interval.value(result)
            yield from (ends.low, ends.high) if ends else (None, None)

    def definitions(self) -> Iterator[Definition]:
        """Its own definition and that of its interval, each with its key."""
        if self.definition:
            yield self.definition.called(self.name)
        if self.interval:
            yield self.interval.definition.called(f"{self.name}_interval")

    def of(self, part: Callable[[Holder], Result]) -> "ReportedNumber[Holder]":
        """The same number, read from what holds its result, such as a row of a table."""
        value, interval = self.value, self.interval
        return ReportedNumber(
            self.name, self.measure, lambda holder: value(part(holder)), self.definition,
            IntervalOf(lambda holder: interval.value(part(holder)), interval.definition)
            if interval
            else None,
            self.meaning, self.json, self.table, self.is_always,
        )  # fmt: skip


def attributes(measure: Measure, *names: str) -> Iterable[ReportedNumber[Any]]:
    """Entries of numbers that a result holds under their own names, for JSON alone."""
    return [ReportedNumber(name, measure, attrgetter(name), table=NO_TABLE) for name in names]


def in_json(
    name: str,
    measure: Measure,
    value: Callable[[Any], Any],
    definition: Definition | None = None,
) -> ReportedNumber[Any]:
    """An entry for JSON alone: a number, or a structure with numbers of its own."""
    return ReportedNumber(name, measure, value, definition, table=NO_TABLE)


def in_table(
    numbers: Iterable[ReportedNumber[Result]], table: str = OWN
) -> list[ReportedNumber[Result]]:
    """The entries that stand in a table: that of what their numbers are of, or another."""
    return [number for number in numbers if number.table == table]


def number_named(numbers: Iterable[ReportedNumber[Result]], name: str) -> ReportedNumber[Result]:
    """The entry with a name, among entries of a result.

    Raises:
        KeyError: it has no number of this name.
    """
    for number in numbers:
        if number.name == name:
            return number
    raise KeyError(name)
