"""Simulated pairs of networks that do not differ, by two processes that have little in common.

Both networks have the same mean precision over all units and workers that could exist, and the same
shares of groups; the numbers of their units and the spreads of these may differ.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm, t

from tests.results.rows import answer

MEAN = 0.7
SHOWN = 57
GROUPS = np.arange(1, 7)
EVENLY = (np.arange(400) + 0.5) / 400  # probabilities at which a distribution is averaged


@dataclass(frozen=True)
class Design:
    """Two networks and their crowd.

    Attributes:
        units: of each network.
        spreads: standard deviations of the units of each, on the logit scale.
        is_uneven: some workers give many times as many answers as others.
        answers: of a unit.
    """

    units: tuple[int, int]
    spreads: tuple[float, float]
    workers: int = 30
    is_uneven: bool = False
    answers: int = 3

    def __str__(self):
        activity = "uneven" if self.is_uneven else "even"
        sizes, spreads = ("/".join(map(str, pair)) for pair in (self.units, self.spreads))
        return f"{sizes} units, spreads {spreads}, {self.workers} workers, {activity}"

    def chosen_workers(self, rng, count, activity):
        """(units, answers) workers without replacement, with probabilities by activity."""
        keys = np.log(activity) + rng.gumbel(size=(count, self.workers))
        return np.argsort(-keys, axis=1)[:, : self.answers]


DESIGNS = [
    Design((60, 15), (0.4, 1.6)),
    Design((60, 15), (0.4, 1.6), workers=12, is_uneven=True),
    Design((15, 60), (0.2, 1.2)),
    Design((15, 60), (0.2, 1.2), workers=12),
    Design((60, 15), (0.8, 0.8), is_uneven=True),
    Design((40, 40), (0.8, 0.8)),
    Design((40, 40), (0.8, 0.8), workers=12, is_uneven=True),
    Design((40, 40), (0.4, 1.6), is_uneven=True),
    Design((40, 40), (0.2, 1.2), workers=12),
]


def normal_pair(rng, design):
    """Units, workers and each meeting of the two are normal on the logit scale, answers binomial.

    Returns:
        The answers of each unit of the first network, and of the second.
    """
    lenient = rng.normal(0, 0.5, design.workers)
    activity = rng.gamma(1, 1, design.workers) if design.is_uneven else np.ones(design.workers)
    networks = []
    for name, count, spread in zip("ab", design.units, design.spreads, strict=True):
        units = normal_center(spread) + rng.normal(0, spread, (count, 1))
        chosen = design.chosen_workers(rng, count, activity)
        met = units + lenient[chosen] + rng.normal(0, 0.6, chosen.shape)
        fitting = rng.binomial(SHOWN, expit(met))
        own = rng.choice(GROUPS, chosen.shape)
        of_unit = rng.choice(GROUPS, (count, 1))
        groups = np.where(rng.random(chosen.shape) < 0.5, of_unit, own)
        networks.append(answers_of(name, chosen, fitting, groups))
    return networks


def foreign_pair(rng, design):
    """Units are a mixture of two kinds, workers' leniency has the heavy tails of t with 4 degrees.

    Answers are beta-binomial, with a concentration of each worker's own; activity is log-normal;
    each worker prefers some groups.

    Returns:
        The answers of each unit of the first network, and of the second.
    """
    lenient = 0.35 * rng.standard_t(4, design.workers)
    concentration = np.exp(rng.normal(np.log(8), 0.7, design.workers))
    activity = np.exp(rng.normal(0, 1 if design.is_uneven else 0, design.workers))
    preferred = rng.dirichlet(np.full(6, 0.8), design.workers).cumsum(axis=1)
    networks = []
    for name, count, spread in zip("ab", design.units, design.spreads, strict=True):
        units = foreign_center(spread) + spread * mixture(rng.random((count, 1)))
        chosen = design.chosen_workers(rng, count, activity)
        mean, size = expit(units + lenient[chosen]), concentration[chosen]
        share = rng.beta(mean * size + 1e-6, (1 - mean) * size + 1e-6)
        own = 1 + (rng.random((*chosen.shape, 1)) > preferred[chosen][..., :5]).sum(axis=-1)
        of_unit = rng.choice(GROUPS, (count, 1), p=[0.4, 0.1, 0.1, 0.1, 0.2, 0.1])
        groups = np.where(rng.random(chosen.shape) < 0.6, of_unit, own)
        networks.append(answers_of(name, chosen, rng.binomial(SHOWN, share), groups))
    return networks


PROCESSES = {"normal": normal_pair, "foreign": foreign_pair}


def answers_of(network, *columns):
    """The answers of each unit, from arrays (units, answers) of workers, fitting and groups."""
    return [
        [
            answer(unit, fitting, network=network, worker=f"w{worker}", group=group)
            for worker, fitting, group in zip(*of_unit, strict=True)
        ]
        for unit, of_unit in enumerate(zip(*(each.tolist() for each in columns), strict=True))
    ]


def mixture(share):
    """Quantiles of two kinds of units, a third of them far below: mean 0, deviation 1."""
    low = share < 1 / 3
    within = np.where(low, 3 * share, (3 * share - 1) / 2)
    return np.where(low, -1.2, 0.6) + 0.53 * norm.ppf(np.clip(within, 1e-9, 1 - 1e-9))


@cache
def normal_center(spread):
    """The mean of units on the logit scale that gives MEAN over units, workers and meetings."""
    deviation = np.sqrt(spread**2 + 0.5**2 + 0.6**2)
    logits = deviation * norm.ppf(EVENLY)
    return brentq(lambda center: expit(center + logits).mean() - MEAN, -5, 5)


@cache
def foreign_center(spread):
    """The same of the foreign process."""
    logits = spread * mixture(EVENLY)[:, None] + 0.35 * t.ppf(EVENLY, 4)
    return brentq(lambda center: expit(center + logits).mean() - MEAN, -5, 5)
