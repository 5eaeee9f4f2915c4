"""The scores of the sampled images, without those images on which a unit is silent.

A latent of a sparse autoencoder is 0 in every cell of most images. Such a score takes no memory, so
thousands of latents fit where thousands of channels did.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dissect.topk.ranking import Ranking

UNITS_AT_ONCE = 256  # whose scores are written out together


@dataclass(frozen=True)
class _Part:
    """Scores that are not silent, in order of unit: (n,) each.

    Attributes:
        image: (images,), places of the sampled images of this part.
        column: which of `image`.
    """

    image: NDArray[np.int64]
    unit: NDArray[np.int32]
    column: NDArray[np.int32]
    score: NDArray[np.float32]
    sum: NDArray[np.float32]
    y: NDArray[np.int16]
    x: NDArray[np.int16]


class ScoreSample:
    """The scores of all units of a layer on the sampled images, mergeable in any order.

    >>> sample = ScoreSample(units=16384)
    >>> sample.add(scores, rows)             # for each batch
    >>> first, ranking = next(sample.rankings())
    >>> ranking.score.shape                  # (256, sampled images)
    """

    def __init__(self, units: int) -> None:
        self.units = units
        self._parts: list[_Part] = []

    def add(self, scores: Ranking, rows: NDArray[np.intp]) -> None:
        """Add some images of a batch.

        Args:
            scores: (units, images). rows: (sampled,), its columns that are sampled.
        """
        score, total = scores.score[:, rows], scores.sum[:, rows]
        unit, column = np.nonzero((score != 0) | (total != 0))
        at = unit, rows[column]
        self._parts.append(
            _Part(
                image=scores.image[0, rows],
                unit=unit.astype(np.int32),
                column=column.astype(np.int32),
                score=scores.score[at],
                sum=scores.sum[at],
                y=scores.y[at].astype(np.int16),
                x=scores.x[at].astype(np.int16),
            )
        )

    def merge(self, other: "ScoreSample") -> None:
        """Add the sample of other images."""
        self._parts += other._parts

    def rankings(self) -> Iterator[tuple[int, Ranking]]:
        """Write out the scores, some units at a time.

        Yields:
            first, ranking: the number of the first unit, and (units, sampled images) in the order
                of the images' places.
        """
        images = [part.image for part in self._parts] or [np.empty(0, dtype=np.int64)]
        order = np.concatenate(images).argsort()
        place = np.empty_like(order)  # of each sampled image, where it stands among all
        place[order] = np.arange(len(order))
        ordered = np.concatenate(images)[order]
        for first in range(0, self.units, UNITS_AT_ONCE):
            count = min(UNITS_AT_ONCE, self.units - first)
            yield first, self._ranking(first, count, ordered, place)

    def _ranking(
        self, first: int, count: int, images: NDArray[np.int64], place: NDArray[np.intp]
    ) -> Ranking:
        ranking = Ranking.empty(count, len(images))
        ranking.image[:] = images
        offset = 0
        for part in self._parts:
            start, stop = np.searchsorted(part.unit, [first, first + count])
            some = slice(start, stop)
            at = part.unit[some] - first, place[offset + part.column[some]]
            for name in ("score", "sum", "y", "x"):
                getattr(ranking, name)[at] = getattr(part, name)[some]
            offset += len(part.image)
        return ranking

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The whole sample as arrays by name; `fill` is the inverse."""
        if not self._parts:
            return {}
        offsets = np.cumsum([0, *(len(part.image) for part in self._parts)])
        columns = [p.column + offset for p, offset in zip(self._parts, offsets, strict=False)]
        joined = {
            field.name: np.concatenate([getattr(part, field.name) for part in self._parts])
            for field in fields(_Part)
        } | {"column": np.concatenate(columns).astype(np.int32)}
        order = np.argsort(joined["unit"], kind="stable")
        return {name: a if name == "image" else a[order] for name, a in joined.items()}

    def fill(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Replace this sample by the `arrays` of another."""
        names = [field.name for field in fields(_Part)]
        self._parts = [_Part(**{name: arrays[name] for name in names})] if arrays else []  # type: ignore[arg-type]
