"""Who answered a study, in words."""

from annotator.results.loading.people import OTHER, Counts
from annotator.results.output.formatting import count
from annotator.results.report.who_answered import WhoAnswered

# The names of the columns of WorkerDetails on pages and in a paper.
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
    """Write the days of the first and last answer; empty if they are not known."""
    if who.first_at is None or who.last_at is None:
        return ""
    first, last = f"{who.first_at:%Y-%m-%d}", f"{who.last_at:%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"
