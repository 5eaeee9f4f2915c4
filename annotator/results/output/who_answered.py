"""Who answered a study, as JSON."""

from dataclasses import asdict
from typing import Any

from annotator.results.loading.people import MIN_PEOPLE, OTHER, Counts, People
from annotator.results.output.formatting import count, rounded
from annotator.results.report.who_answered import WhoAnswered

# What a column of WorkerDetails is called on pages and in a paper.
DETAIL_NAMES = {
    "country": "Country of residence",
    "language": "Language",
    "age_band": "Age",
    "device": "Device",
}


def counts_in_words(counts: Counts) -> str:
    """Write how many people have each value, as in "Peru 6, other 5"."""
    if [value for value, _ in counts] == [OTHER]:
        return "groups are too small to show"
    return ", ".join(f"{value} {count(n)}" for value, n in counts)


def days_in_words(who: WhoAnswered) -> str:
    """Write the days of the first and last answer; empty where they are not known."""
    if who.first_at is None or who.last_at is None:
        return ""
    first, last = f"{who.first_at:%Y-%m-%d}", f"{who.last_at:%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


def who_answered_json(who: WhoAnswered) -> dict[str, Any]:
    """Who answered, as JSON. `people` is null where simulated workers or a table answered."""
    return {
        "first_answer_at": who.first_at.isoformat() if who.first_at else None,
        "last_answer_at": who.last_at.isoformat() if who.last_at else None,
        "return_rate": rounded(who.return_rate),
        "exclusion_rate": rounded(who.exclusion_rate),
        "people": _people(who.people) if who.people else None,
    }


def _people(people: People) -> dict[str, Any]:
    """`details` has no number below `fewest_people_shown`; its values come largest first."""
    pay = people.pay
    return {
        "count": people.count,
        "fewest_people_shown": MIN_PEOPLE,
        "details": {
            name: [{"value": value, "people": n} for value, n in counts]
            for name, counts in people.details.items()
        },
        "hourly_pay_cents": {"5 %": pay.low, "50 %": pay.median, "95 %": pay.high} if pay else None,
        "consents": [{"version": version, "sha256": sha256} for version, sha256 in people.consents],
        "consenting_count": people.consenting,
        "used_ai_tool": asdict(people.closing),
    }
