"""Whether two networks of a study can be compared, and on what ground."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.layout import NetworkRow

MIN_SHARED_WORKERS = 2
MIN_OVERLAP = 0.5
WITHIN_WORKERS, OVER_UNITS = "within workers", "over units"
OVER_UNITS_CAUTION = (
    "The answers do not say who gave them, so the test is over units alone: it takes a difference "
    "between the two crowds, or between the pictures they were shown, for one between the networks."
)


@dataclass(frozen=True, slots=True)
class Comparability:
    """The ground on which two networks are compared.

    Attributes:
        why_not: why they only stand side by side; None where they are compared.
        test: WITHIN_WORKERS, or OVER_UNITS where it is not known who answered.
        overlap: of their crowds; None where it is not known who answered.
    """

    why_not: str | None
    test: str
    overlap: float | None

    @property
    def caution(self) -> str | None:
        """What a reader of a difference has to know about the test."""
        is_cautioned = self.test == OVER_UNITS and self.why_not is None
        return OVER_UNITS_CAUTION if is_cautioned else None


def comparability(
    first: NetworkRow, second: NetworkRow, image_list_sha256: str, rows: Iterable[AnswerRow]
) -> Comparability:
    """Decide whether two networks can be compared in the report.

    Networks of one study share its HIT design. Comparable ones also share the view of the
    pictures, the image list, one queue and the crowd. Of imported tables that do not say who
    answered none of this is known: they are compared over units, with a caution.

    Args:
        rows: the analyzed answers about both.
    """
    rows = list(rows)
    if first.workers_are_places or second.workers_are_places:
        is_alike = first.workers_are_places and second.workers_are_places
        reason = "the answers about one of them alone do not say who gave them"
        return Comparability(None if is_alike else reason, OVER_UNITS, None)
    loads = [
        Counter(row.worker for row in rows if row.network == network.name)
        for network in (first, second)
    ]
    shared = overlap(*loads)
    why_not = _why_not_by_design(first, second, image_list_sha256, rows) or _why_not_by_crowd(
        len(loads[0].keys() & loads[1].keys()), shared
    )
    return Comparability(why_not, WITHIN_WORKERS, shared)


def overlap(first: Counter[str], second: Counter[str]) -> float:
    """How far two networks were judged by one crowd, from 0 to 1.

    The sum over workers of n1 n2 / (n1 + n2), divided by the same of all answers together.

    >>> overlap(Counter(ada=4, ben=2), Counter(ada=8, ben=4))  # both with the study's mix
    1.0
    >>> overlap(Counter(ada=4), Counter(ben=4))  # a split crowd
    0.0

    Args:
        first: how many answers each worker gave about the first network. second: likewise.
    """
    total = _harmonic(first.total(), second.total())
    shared = sum(_harmonic(count, second[worker]) for worker, count in first.items())
    return shared / total if total else 0.0


def _harmonic(first: int, second: int) -> float:
    return first * second / (first + second) if first and second else 0.0


def _why_not_by_design(
    first: NetworkRow, second: NetworkRow, image_list_sha256: str, rows: Iterable[AnswerRow]
) -> str | None:
    """Why the pictures, or the times at which they were shown, forbid a comparison."""
    if not image_list_sha256:
        return "it is not known that both were dissected on the same list of images"
    if len(views := {*first.tile_views, *second.tile_views}) > 1:
        return f"their HITs showed different views of the pictures: {' and '.join(sorted(views))}"
    if first.published_at is None or second.published_at is None:
        return "they were not offered in one queue"
    times: list[datetime] = [row.given_at for row in rows if row.given_at is not None]
    if times and min(times) < max(first.published_at, second.published_at):
        return "one was offered when the other already had answers, so their units never mixed"
    return None


def _why_not_by_crowd(shared_workers: int, shared: float) -> str | None:
    """Why who answered forbids a comparison."""
    if shared_workers < MIN_SHARED_WORKERS:
        workers = "1 worker" if shared_workers == 1 else f"{shared_workers} workers"
        return f"only {workers} answered about both"
    if shared < MIN_OVERLAP:
        return (
            f"their crowds split: the overlap is {shared:.2f}, and at least {MIN_OVERLAP:.2f} is "
            "needed, where 1 means that every worker answered about both in the study's mix"
        )
    return None


def matching_layers(first: NetworkRow, second: NetworkRow) -> list[tuple[str, str]]:
    """The layers in which two networks are comparable: those of one name; if none is, by depth.

    Networks of different depth without a shared name have no pair.
    """
    names = [layer.name for layer in first.layers]
    others = [layer.name for layer in second.layers]
    shared = [(name, name) for name in names if name in others]
    if shared:
        return shared
    return list(zip(names, others, strict=True)) if len(names) == len(others) else []
