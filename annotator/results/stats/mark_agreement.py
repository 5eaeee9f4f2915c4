"""Whether workers mark the same pictures, among answers that give a unit the same concept.

A worker who sees something else marks other pictures, and rightly so: only answers that share a
concept are compared. The item is a picture, the judgment whether it fits. A set of pictures is
an integer: bit r stands for the picture of rank r.
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

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The pictures that one answer judged, and those of them that it marked, as bits.

    Attributes:
        place: of the answer, among the answers of all units.
    """

    place: int
    seen: int
    marked: int


class PictureBlocks:
    """Blocks of pictures of one unit that the same two or more answers, of one concept, judged.

    Agreement is computed from counts of pictures by block: most units and concepts have one block,
    and a few more where a worker hid a picture.

    Args:
        units: the counted answers of each unit.
        normalise: from a word as typed to its concept.
    """

    def __init__(
        self, units: Sequence[Sequence[AnswerRow]], marks: Marks, normalise: Normalise
    ) -> None:
        entries: list[tuple[int, int, int]] = []  # block, answer, number of pictures it marked
        pairs: list[tuple[int, int, int, int]] = []  # block, two answers, number they differ on
        picture_counts: list[int] = []
        for judgements in _by_concept(units, marks, normalise):
            for pictures, judges in _blocks(judgements):
                block = len(picture_counts)
                picture_counts.append(pictures.bit_count())
                for judge in judges:
                    entries.append((block, judge.place, (judge.marked & pictures).bit_count()))
                for first, second in combinations(judges, 2):
                    differing = ((first.marked ^ second.marked) & pictures).bit_count()
                    pairs.append((block, first.place, second.place, differing))
        self.pictures = np.array(picture_counts, dtype=float)  # (blocks,)
        self.block, self.answer, self.marked = _columns(entries, 3)  # (entries,) each
        self.pair_block, self.first, self.second, self.differing = _columns(pairs, 4)  # (pairs,)

    def measures(self, weights: Floats) -> dict[str, Floats]:
        """Raw agreement, alpha and AC1 of marks, (draws,) each, for weights (draws, answers)."""
        count = len(self.pictures)
        own = weights[:, self.answer]  # (draws, entries)
        both = weights[:, self.first] * weights[:, self.second]  # (draws, pairs)
        # (draws, blocks) each: weight of the answers, of ordered pairs of them, of the pairs that
        # differ on a picture, of the answers that mark one
        size = summed(self.block, own, count)
        pairs = size**2 - summed(self.block, own**2, count)
        differing = 2 * summed(self.pair_block, both * self.differing, count)
        marked = summed(self.block, own * self.marked, count)
        is_paired = pairs > 0
        pictures = self.pictures * is_paired
        # (draws,) from here on: raw agreement and AC1 weigh pictures alike, alpha weighs judgments
        picture_count = pictures.sum(axis=1)
        apart = divided(divided(differing, pairs).sum(axis=1), picture_count, nothing=np.nan)
        marked_share = divided((divided(marked, size) * is_paired).sum(axis=1), picture_count)
        chance = 2 * marked_share * (1 - marked_share)  # that two judgments differ
        all_judged = (size * pictures).sum(axis=1)
        all_marked = (marked * is_paired).sum(axis=1)
        expected = 2 * all_marked * (all_judged - all_marked)
        observed = (size * divided(differing, pairs)).sum(axis=1)
        return {
            "marks_raw": 1 - apart,
            "marks_alpha": 1 - divided(observed * (all_judged - 1), expected, nothing=np.nan),
            "marks_ac1": divided(1 - apart - chance, 1 - chance, nothing=np.nan),
        }


def _by_concept(
    units: Iterable[Sequence[AnswerRow]], marks: Marks, normalise: Normalise
) -> Iterable[list[Judgement]]:
    """For each unit and concept the judgments of two or more answers."""
    place = 0
    for answers in units:
        concepts: dict[str, list[Judgement]] = {}
        for row in answers:
            if row.says != "nothing" and (judgement := _judgement(place, row, marks)):
                concepts.setdefault(normalise(row.concept), []).append(judgement)
            place += 1
        yield from (judgements for judgements in concepts.values() if len(judgements) > 1)


def _judgement(place: int, row: AnswerRow, marks: Marks) -> Judgement | None:
    """What an answer judged; None where its marks were not recorded, as in imported answers."""
    hidden = marks.hidden.get(row.answer, 0)
    marked = marks.marked.get(row.answer, 0) & ~hidden
    if row.kind == "imported" or marked.bit_count() != row.shown - row.fitting:
        return None
    ranks = ((1 << (row.shown + hidden.bit_count())) - 1) << 1  # a bit for each rank from 1
    return Judgement(place, ranks & ~hidden, marked)


def _blocks(judges: list[Judgement]) -> Iterable[tuple[int, list[Judgement]]]:
    """(pictures, the answers that judged them): one block that all judged, then one by one.

    Pictures that fewer than two answers judged are left out.
    """
    seen_by_any = seen_by_all = judges[0].seen
    for judge in judges[1:]:
        seen_by_any, seen_by_all = seen_by_any | judge.seen, seen_by_all & judge.seen
    if seen_by_all:
        yield seen_by_all, judges
    rest = seen_by_any & ~seen_by_all
    while rest:
        picture = rest & -rest  # the lowest bit
        rest ^= picture
        seers = [judge for judge in judges if judge.seen & picture]
        if len(seers) > 1:
            yield picture, seers


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> Integers:
    """Rows of integers as columns: (width, rows), also of no rows."""
    return np.array(rows, dtype=np.int64).reshape(-1, width).T
