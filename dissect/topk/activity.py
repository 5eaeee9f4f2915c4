"""How often the units of a layer respond: which are dead, and how many images excite the others."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from dissect.topk.ranking import Ranking


@dataclass(frozen=True)
class UnitActivity:
    """How often each unit responds; dissect.format.live_units says what follows from it.

    Attributes:
        dead: (units,), whether all images have one score.
        firing_share: (units,), the share of the sampled images with a score above 0.
        broad_share: (units,), the share of them whose score exceeds half of the highest.
    """

    dead: NDArray[np.bool_]
    firing_share: NDArray[np.float32]
    broad_share: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The activity of all units, from that of some and of the next ones."""
        return cls(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls))
        )


def unit_activity(
    sample: Ranking,
    highest: NDArray[np.float32],
    lowest: NDArray[np.float32],
    by: str = "max",
) -> UnitActivity:
    """Measure how often units respond, from the scores of the sampled images.

    Args:
        sample: (units, sampled images), in any order.
        highest, lowest: (units,), of the scores of all images.
        by: the score, "max" or "sum".

    A single image has one score whatever the unit does: only a unit that is 0 there is dead.
    """
    scores = sample.score_by(by)
    is_one = np.ones_like(highest, dtype=bool) if scores.shape[1] > 1 else highest == 0
    return UnitActivity(
        dead=(highest == lowest) & is_one,
        firing_share=(scores > 0).mean(axis=1, dtype=np.float64).astype(np.float32),
        broad_share=(scores > highest[:, None] / 2)
        .mean(axis=1, dtype=np.float64)
        .astype(np.float32),
    )
