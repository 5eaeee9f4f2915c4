"""How often pictures come again in a study, with those that are yet to be drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.publishing.catch.raking import (
    NONE,
    Cue,
    Feature,
    Floats,
    Numbers,
    quantile_bins,
)


@dataclass(frozen=True)
class Repetition:
    """How often each picture comes in HITs, for which others are drawn by chances.

    Attributes:
        shown: (rows, n) numbers of the pictures that are shown in any case; NONE for none.
        offered: (rows, candidates) numbers of those that may be drawn, NONE likewise.
        counts: (pictures,) how often each is shown, without what is drawn.
    """

    shown: Numbers
    offered: Numbers
    counts: Floats

    def cue(self, chances: Floats) -> Cue:
        """The expected number of times that each picture comes.

        Args:
            chances: (rows, candidates).
        """
        is_offered = self.offered != NONE
        offered = np.where(is_offered, self.offered, 0)
        chances = np.where(is_offered, chances, 0)
        expected = np.bincount(offered.ravel(), chances.ravel(), minlength=len(self.counts))
        counts = self.counts + expected
        # Where one is drawn it counts as 1, and no other of its row is the same picture.
        with_it = np.rint(counts[offered] + 1 - _sums_of_same(offered, chances))
        return Cue(
            np.where(self.shown == NONE, np.nan, np.rint(counts[self.shown])),
            np.where(is_offered, with_it, np.nan),
        )

    def feature(self) -> Feature:
        """In which quantile of its row's shown pictures one lies by how often it comes."""

        def bins(chances: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
            cue = self.cue(chances)
            return quantile_bins(cue.shown, cue.shown, True), quantile_bins(cue.shown, cue.offered)

        return Feature(bins)


def _sums_of_same(numbers: Numbers, chances: Floats) -> Floats:
    """(rows, n): the sum of the chances that belong to the same number in the same row."""
    rows = np.arange(len(numbers))[:, None] * (int(numbers.max(initial=0)) + 1)
    _, inverse = np.unique(numbers + rows, return_inverse=True)
    sums: Floats = np.bincount(inverse.ravel(), chances.ravel())
    return sums[inverse].reshape(numbers.shape)
