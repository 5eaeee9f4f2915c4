"""The traits of simulated workers, and how much their answers differ.

Their errors are set so that they differ as much as the workers of Zhou et al. (2015,
arXiv:1412.6856) did in the released answers, which PEOPLE_DIFFER and PEOPLE_SAME_GROUP measure.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotator.models import Answer, Study, Worker

CROWD_SIZE = 9  # one in as many workers is careless, the first one included
GOLDEN_RATIO = 0.6180339887  # multiples of it, modulo 1, are spread evenly for any number of them

# Recomputed from the released answers of Zhou et al. (2015), ImageNet-CNN.
PEOPLE_DIFFER = 0.212  # in precision at pool5, on average over pairs of workers on a unit
PEOPLE_SAME_GROUP = (0.23, 0.44)  # of units for which all three chose it, pool5 and conv4 to pool1


@dataclass(frozen=True)
class WorkerTraits:
    """How one worker answers every HIT.

    Attributes:
        strictness: share of a region that a thing must cover to fit, or the evidence worth it.
        leniency: probability of letting a picture pass that does not fit.
        haste: probability of going through a HIT marking next to nothing.
        slips: probability of marking, or not marking, a picture by mistake.
        whim: how far, in bits, the name that comes to mind strays from the best one.
        shifts: probability of choosing a neighbor of the right group.
        plain: probability of using the plain word.
        false_alarms: probability of seeing a theme where no label beats chance.
    """

    strictness: float
    leniency: float
    haste: float
    slips: float
    whim: float
    shifts: float
    plain: float
    false_alarms: float = 0.0


def worker_traits(seed: int, number: int, false_alarms: float = 0.0) -> WorkerTraits:
    """The traits of a simulated worker. Even a few are as different as a crowd.

    Each trait is spread evenly over the workers by a multiple of the golden ratio; all have the
    same rate of false alarms.
    """
    start = np.random.default_rng(seed).random(5)
    steps = number * GOLDEN_RATIO * np.array([1, 2, 3, 5, 8])
    strict, lenient, shifting, plain, hasty = (start + steps) % 1
    careless = number % CROWD_SIZE == 0
    return WorkerTraits(
        strictness=float(0.15 + 0.4 * strict),
        leniency=float(0.8 if careless else 0.75 * lenient),
        haste=float(0.4 if careless else 0.02 + 0.2 * hasty),
        slips=0.1 if careless else 0.02,
        whim=1.35 if careless else 0.45,
        shifts=float(0.09 + 0.3 * shifting),
        plain=float(0.3 + 0.5 * plain),
        false_alarms=false_alarms,
    )


@dataclass(frozen=True)
class Calibration:
    """How much simulated workers differ on the same unit; None if there is nothing to compare.

    Attributes:
        difference: mean absolute difference in precision over pairs of workers.
        same_group: share of units for which the first three workers chose the same group.
    """

    difference: float | None
    same_group: float | None

    def __str__(self) -> str:
        if self.difference is None:
            return "Too few answers to compare simulated workers with each other."
        low, high = PEOPLE_SAME_GROUP
        text = (
            f"Two simulated workers on the same unit differ by {self.difference:.3f} in precision "
            f"on average (people: {PEOPLE_DIFFER:.3f})"
        )
        if self.same_group is None:
            return f"{text}."
        return (
            f"{text}; all three choose the same group for {self.same_group:.2f} of the units "
            f"(people: {low:.2f} to {high:.2f} by layer)."
        )


def calibration(study: Study) -> Calibration:
    """How much simulated workers differ from each other and from people: their calibration."""
    answers = Answer.objects.filter(
        assignment__worker__study=study, assignment__worker__kind=Worker.Kind.SIMULATED
    ).exclude(says__in=[Answer.Says.NOTHING, Answer.Says.GIVEN])
    units = defaultdict(list)
    for unit, fitting, shown, group in answers.order_by("pk").values_list(
        "assignment__unit", "fitting", "shown", "group"
    ):
        units[unit].append((fitting / shown, group))
    differences = [
        abs(first - second)
        for rows in units.values()
        for (first, _), (second, _) in combinations(rows, 2)
    ]
    triples = [{group for _, group in rows[:3]} for rows in units.values() if len(rows) >= 3]
    same_group = [len(groups) == 1 for groups in triples]
    return Calibration(
        difference=sum(differences) / len(differences) if differences else None,
        same_group=sum(same_group) / len(same_group) if same_group else None,
    )
