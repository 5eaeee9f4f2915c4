"""Simulated layers whose truth is known, to judge intervals and tests by."""

from dataclasses import dataclass

import numpy as np

from tests.results.rows import answer

UNIT_DEVIATION = 0.8
SHOWN = 57


@dataclass(frozen=True)
class Crowd:
    """Units, workers, and each pair of the two differ on the logit scale.

    The truth of a unit is its mean precision over all workers that could exist. In an uneven crowd
    some workers give many times as many answers as others.
    """

    workers: int
    worker_deviation: float
    meeting_deviation: float
    is_uneven: bool = False

    def layer(self, rng, units, k):
        """(answers of each unit, (units,) true precisions)"""
        return self.layers(rng, [units], k, [1.0])[0]

    def layers(self, rng, units, k, centers, same_units=False):
        """The same workers about several layers, each of a network of its own.

        Args:
            centers: mean of each layer's units, on the logit scale.
            same_units: the layers are as precise, unit by unit, not only drawn alike.
        """
        of_workers = rng.normal(0, self.worker_deviation, self.workers)
        spread = np.hypot(self.worker_deviation, self.meeting_deviation)
        eager = rng.gamma(1, 1, self.workers) if self.is_uneven else np.ones(self.workers)
        shared = rng.normal(0, UNIT_DEVIATION, max(units))
        layers = []
        for network, (count, center) in enumerate(zip(units, centers, strict=True)):
            own = shared[:count] if same_units else rng.normal(0, UNIT_DEVIATION, count)
            logits = center + own
            chosen = chosen_workers(rng, count, k, eager)
            met = logits[:, None] + of_workers[chosen]
            met = met + rng.normal(0, self.meeting_deviation, met.shape)
            fitting = rng.binomial(SHOWN, 1 / (1 + np.exp(-met)))
            groups = rng.integers(1, 7, (count, 1))
            other = rng.integers(1, 7, fitting.shape)
            groups = np.where(rng.random(fitting.shape) < 0.5, other, groups)
            columns = (chosen.tolist(), fitting.tolist(), groups.tolist())
            answers = [
                [
                    answer(unit, fit, worker=f"w{worker}", network=f"n{network}", group=group)
                    for worker, fit, group in zip(*of_unit, strict=True)
                ]
                for unit, of_unit in enumerate(zip(*columns, strict=True))
            ]
            layers.append((answers, true_precision(logits, spread)))
        return layers


def chosen_workers(rng, units, k, activity):
    """(units, k) workers without replacement, by activity (Gumbel's top k)."""
    keys = np.log(activity) + rng.gumbel(size=(units, len(activity)))
    return np.argsort(-keys, axis=1)[:, :k]


NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def true_precision(logits, deviation):
    """The mean of a share over a normal logit, by Gauss-Hermite quadrature."""
    shares = 1 / (1 + np.exp(-(logits[:, None] + deviation * NODES)))
    return shares @ NODE_WEIGHTS / NODE_WEIGHTS.sum()
