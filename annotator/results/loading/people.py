"""Who answered: counts of people that show nobody alone, their pay, and what they said at the end.

Only counts and pseudonyms leave the database: neither a snapshot nor a bundle holds the details of
one person.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from statistics import quantiles

from django.db.models import Exists, OuterRef, QuerySet, Sum

from annotator.models import (
    Answer,
    Assignment,
    ConsentGiven,
    Hit,
    LedgerEntry,
    Study,
    Worker,
)
from annotator.models.gold import practice
from annotator.pay.work_time import seconds_worked
from annotator.tokens.hashing import keyed_name

MIN_PEOPLE = 5  # fewer are never shown alone
OTHER, NOT_KNOWN = "other", "not known"
DETAILS = ("country", "language", "age_band", "device")  # columns of WorkerDetails
IN_ORDER = {"age_band"}  # sorted by value; the others by how many people have it

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Pay:
    """What people earned in an hour of work, in cents: quantiles over people.

    A person's rate is everything that the ledger has for them, over the time that they worked on
    all that they submitted.
    """

    low: int  # 5 % earned at most this
    median: int
    high: int  # 95 % earned at most this
    people: int


@dataclass(frozen=True, slots=True)
class ClosingCounts:
    """How many people gave each answer to the question whether they used an AI tool."""

    yes: int = 0
    no: int = 0
    not_said: int = 0
    not_answered: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """The people who submitted an answer that names a unit, whether it counts or not.

    Attributes:
        details: column of WorkerDetails to (value, people), as `combined_counts` gives them;
            columns that nobody's details fill are left out.
        pay: None for fewer than MIN_PEOPLE.
        consents: (version, SHA-256 of the text) of every consent text that they agreed to.
        consenting: how many of them agreed to one.
    """

    count: int = 0
    details: dict[str, Counts] = field(default_factory=dict)
    pay: Pay | None = None
    consents: tuple[tuple[int, str], ...] = ()
    consenting: int = 0
    closing: ClosingCounts = field(default_factory=ClosingCounts)


def load_people(study: Study) -> People:
    """Load who answered a study, in five queries; simulated and imported workers are left out."""
    people = _people(study)
    columns = (
        *(f"details__{name}" for name in DETAILS),
        "closing_answer",
        "closing_answer__used_ai",
    )
    rows = list(people.order_by("pk").values_list(*columns))
    if not rows:
        return People()
    counts = {
        name: combined_counts((row[place] or "" for row in rows), name in IN_ORDER)
        for place, name in enumerate(DETAILS)
    }
    return People(
        count=len(rows),
        details={name: of_detail for name, of_detail in counts.items() if of_detail},
        pay=pay_of(_hourly_cents(people)),
        consents=_consents(people),
        consenting=people.filter(consents_given__isnull=False).distinct().count(),
        closing=_closing_counts((row[-2] is not None, row[-1]) for row in rows),
    )


def combined_counts(values: Iterable[str], by_value: bool = False) -> Counts:
    """Count loaded people by a detail of theirs, combined so that none is below MIN_PEOPLE.

    Smaller cells are combined into `other`; as long as that is too small itself, the smallest cell
    joins it. Empty values are `not known`, and left out where they are few: they tell nothing of
    anybody. Nothing is returned for fewer than MIN_PEOPLE known ones.

    >>> combined_counts(["France"] * 9 + ["Peru"] * 5 + ["Chile", "Ghana"])
    (('France', 9), ('other', 7))

    Args:
        values: one for each person.
        by_value: sort by value, not the most people first.
    """
    counts = Counter(values)
    unknown = counts.pop("", 0)
    known = counts.total()
    if known < MIN_PEOPLE:
        return ()
    large = [
        (value, n) for value, n in counts.items() if n >= MIN_PEOPLE and value.casefold() != OTHER
    ]
    large.sort(key=lambda pair: (-pair[1], pair[0]))
    rest = known - sum(n for _, n in large)
    while 0 < rest < MIN_PEOPLE:
        rest += large.pop()[1]
    last = [(name, n) for name, n in ((OTHER, rest), (NOT_KNOWN, unknown)) if n >= MIN_PEOPLE]
    return (*(sorted(large) if by_value else large), *last)


def pay_of(hourly_cents: Iterable[float]) -> Pay | None:
    """What loaded people were paid an hour, in quantiles; None for fewer than MIN_PEOPLE."""
    rates = list(hourly_cents)
    if len(rates) < MIN_PEOPLE:
        return None
    twentieths = quantiles(rates, n=20, method="inclusive")
    return Pay(round(twentieths[0]), round(twentieths[9]), round(twentieths[18]), len(rates))


def _people(study: Study) -> QuerySet[Worker]:
    answers = Answer.objects.filter(
        assignment__worker=OuterRef("pk"), assignment__hit__kind=Hit.Kind.NAMING
    ).exclude(practice("assignment__unit__"))
    people: QuerySet[Worker] = Worker.objects.filter(
        Exists(answers), study=study, kind=Worker.Kind.PERSON
    )
    return people


def _hourly_cents(people: QuerySet[Worker]) -> list[float]:
    """The hourly pay of each person whose time is known, by the order of workers."""
    rows = Assignment.objects.filter(
        worker__in=people, status__in=Assignment.ANSWERED, submitted_at__isnull=False
    ).order_by("worker", "pk")
    ledger = LedgerEntry.objects.filter(worker__in=people).order_by()
    cents = dict(ledger.values_list("worker").annotate(Sum("cents")))
    columns = ("worker", "trace__active_seconds", "accepted_at", "submitted_at")
    rates = []
    for worker, own in groupby(rows.values_list(*columns), key=itemgetter(0)):
        seconds = sum(seconds_worked(*times) or 0 for _, *times in own)
        if seconds > 0:
            rates.append(cents.get(worker, 0) * 3600 / seconds)
    return rates


def _consents(people: QuerySet[Worker]) -> tuple[tuple[int, str], ...]:
    given = ConsentGiven.objects.filter(worker__in=people).order_by("consent__version")
    texts = given.values_list("consent__version", "consent__text").distinct()
    return tuple((version, hashlib.sha256(text.encode()).hexdigest()) for version, text in texts)


def _closing_counts(rows: Iterable[tuple[bool, bool | None]]) -> ClosingCounts:
    """Count (has answered, used an AI tool or None) of each person."""
    counts = Counter(used_ai if has_answered else "open" for has_answered, used_ai in rows)
    return ClosingCounts(counts[True], counts[False], counts[None], counts["open"])


@lru_cache(maxsize=20_000)
def pseudonym(study_key: str, worker_key: str) -> str:
    """The pseudonym that loaded people have instead of a name: a keyed hash.

    The name is the same in every table of a study, differs between studies, and cannot be traced
    back to the worker.

    Args:
        study_key: the secret that keys the hash.
    """
    return f"w-{keyed_name(study_key, worker_key)}"
