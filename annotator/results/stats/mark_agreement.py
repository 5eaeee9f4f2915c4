"""Whether workers mark the same pictures, among answers that call a unit by one concept.

Who sees another thing marks other pictures, and rightly: only answers that share a concept are
compared. The item is a picture, the judgement whether it fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotator.concept_words import Normalise
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.marks import Marks
from annotator.results.stats.weighted_sums import Floats, divided, summed

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, where it stands among all; bit r of what it judged is rank r."""

    place: int
    seen: int
    marked: int


class Blocks:
    """Pictures of one unit that the same answers, of one concept, judged; two answers or more.

    Args:
        units: the counted answers of each unit.
    """

    def __init__(
        self, units: Sequence[Sequence[AnswerRow]], marks: Marks, normalise: Normalise
    ) -> None:
        entries: list[tuple[int, int, int]] = []  # block, answer, pictures marked
        pairs: list[tuple[int, int, int, int]] = []  # block, two answers, pictures they differ on
        images: list[int] = []
        for group in _of_one_concept(units, marks, normalise):
            for pictures, judges in _blocks(group):
                block = len(images)
                images.append(pictures.bit_count())
                for one in judges:
                    entries.append((block, one.place, (one.marked & pictures).bit_count()))
                for one, two in combinations(judges, 2):
                    differ = ((one.marked ^ two.marked) & pictures).bit_count()
                    pairs.append((block, one.place, two.place, differ))
        self.images = np.array(images, dtype=float)  # (blocks,)
        self.block, self.answer, self.marked = _columns(entries, 3)
        self.pair, self.one, self.two, self.differ = _columns(pairs, 4)

    def measured(self, weights: Floats) -> dict[str, Floats]:
        """Raw agreement, alpha and AC1 of marks, (draws,) each, for weights (draws, answers)."""
        count = len(self.images)
        own = weights[:, self.answer]
        size = summed(self.block, own, count)  # (draws, blocks), as are all below
        pairs = size**2 - summed(self.block, own**2, count)
        both = weights[:, self.one] * weights[:, self.two]
        differing = 2 * summed(self.pair, both * self.differ, count)
        marked = summed(self.block, own * self.marked, count)
        is_paired = pairs > 0
        images = self.images * is_paired
        pictures = images.sum(axis=1)
        apart = divided(divided(differing, pairs).sum(axis=1), pictures, nothing=np.nan)
        share = divided((divided(marked, size) * is_paired).sum(axis=1), pictures)
        chance = 2 * share * (1 - share)
        all_judged = (size * images).sum(axis=1)
        all_marked = (marked * is_paired).sum(axis=1)
        expected = 2 * all_marked * (all_judged - all_marked)
        observed = (size * divided(differing, pairs)).sum(axis=1)
        return {
            "marks_raw": 1 - apart,
            "marks_alpha": 1 - divided(observed * (all_judged - 1), expected, nothing=np.nan),
            "marks_ac1": divided(1 - apart - chance, 1 - chance, nothing=np.nan),
        }


def _of_one_concept(
    units: Iterable[Sequence[AnswerRow]], marks: Marks, normalise: Normalise
) -> Iterable[list[Judged]]:
    """The answers of each unit and concept whose marks are known, two or more."""
    place = 0
    for answers in units:
        groups: dict[str, list[Judged]] = {}
        for row in answers:
            if row.says != "nothing" and (found := _judged(place, row, marks)):
                groups.setdefault(normalise(row.concept), []).append(found)
            place += 1
        yield from (group for group in groups.values() if len(group) > 1)


def _judged(place: int, row: AnswerRow, marks: Marks) -> Judged | None:
    """What an answer judged; None where its marks were not kept, as of another campaign's."""
    hidden = marks.hidden.get(row.answer, 0)
    marked = marks.marked.get(row.answer, 0) & ~hidden
    if row.kind == "imported" or marked.bit_count() != row.shown - row.fitting:
        return None
    every = ((1 << (row.shown + hidden.bit_count())) - 1) << 1
    return Judged(place, every & ~hidden, marked)


def _blocks(judges: list[Judged]) -> Iterable[tuple[int, list[Judged]]]:
    """Pictures by who saw them: all by all, but for the few that somebody hid."""
    every = common = judges[0].seen
    for one in judges[1:]:
        every, common = every | one.seen, common & one.seen
    if common:
        yield common, judges
    rest = every & ~common
    while rest:
        picture = rest & -rest
        rest ^= picture
        saw = [one for one in judges if one.seen & picture]
        if len(saw) > 1:
            yield picture, saw


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> Places:
    """(width, rows)"""
    return np.array(rows, dtype=np.int64).reshape(-1, width).T
