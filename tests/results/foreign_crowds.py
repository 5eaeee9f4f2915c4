"""Simulated layers of another process than `crowds.Crowd`, to judge intervals and tests by.

Nothing here is normal on the logit scale: answers are beta-binomial around a worker's own mean,
workers differ by Student's t with 4 degrees of freedom, each with a concentration of their own, and
how much somebody answers is log-normal.
"""

from dataclasses import dataclass

import numpy as np

from tests.results.crowds import SHOWN, UNIT_DEVIATION, chosen_workers
from tests.results.rows import answer

LENIENCY_FREEDOM = 4
ACTIVITY_DEVIATION = 1.0  # of the logarithm of a worker's activity, in an uneven crowd
POPULATION = 20_000  # workers over whom a true precision is averaged


@dataclass(frozen=True)
class ForeignCrowd:
    """Workers of beta-binomial answers; the same doors as `crowds.Crowd`.

    Attributes:
        leniency: scale of the workers' leniency on the logit scale, t with 4 degrees of freedom.
        concentration: of a worker's beta distribution, on average; a worker's own is exponential
            around it. The lower, the farther the answers of one worker about alike units are apart.
    """

    workers: int
    leniency: float
    concentration: float = 6.0
    is_uneven: bool = False

    def layer(self, rng, units, k):
        """(answers of each unit, (units,) true precisions)"""
        return self.layers(rng, [units], k, [1.0])[0]

    def layers(self, rng, units, k, centers, deviations=None):
        """The same workers about several layers, each of a network of its own.

        Args:
            centers, deviations: mean and standard deviation of each layer's units, on the logit
                scale.
        """
        lenient = self.leniency * rng.standard_t(LENIENCY_FREEDOM, self.workers)
        own = 1 + rng.exponential(self.concentration, self.workers)
        activity = np.exp(ACTIVITY_DEVIATION * self.is_uneven * rng.normal(size=self.workers))
        layers = []
        deviations = deviations or [UNIT_DEVIATION] * len(units)
        for network, design in enumerate(zip(units, centers, deviations, strict=True)):
            count, center, deviation = design
            logits = center + deviation * rng.normal(size=count)
            chosen = chosen_workers(rng, count, k, activity)
            mean = _share(logits[:, None] + lenient[chosen])
            parameters = (mean * own[chosen], (1 - mean) * own[chosen])
            share = rng.beta(*(np.maximum(each, 1e-9) for each in parameters))
            fitting = rng.binomial(SHOWN, share)
            groups = rng.integers(1, 7, count)
            other = np.where(
                rng.random(fitting.shape) < 0.5, rng.integers(1, 7, fitting.shape), groups[:, None]
            )
            answers = [
                [
                    answer(
                        unit,
                        int(fitting[unit, n]),
                        worker=f"w{chosen[unit, n]}",
                        network=f"n{network}",
                        group=int(other[unit, n]),
                    )
                    for n in range(k)
                ]
                for unit in range(count)
            ]
            layers.append((answers, self.true_precision(logits)))
        return layers

    def true_precision(self, logits):
        """(units,) means over all workers that could exist, by quantiles of their leniency."""
        lenient = self.leniency * LENIENCIES
        return _share(logits[:, None] + lenient).mean(axis=1)


def _t_quantiles(count):
    from scipy.special import stdtrit

    return stdtrit(LENIENCY_FREEDOM, (np.arange(count) + 0.5) / count)


LENIENCIES = _t_quantiles(1001)


def _share(logits):
    return 1 / (1 + np.exp(-logits))
