"""Simulated workers: how they name a unit, which pictures they mark, and how they err.

Their errors are set so that they differ as much as the workers of Zhou et al. (2015,
arXiv:1412.6856) did in the released answers, which PEOPLE_DIFFER and PEOPLE_SAME_GROUP measure.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from annotator.crowd.answers.validation import AnswerForm
from annotator.models import Answer, Study, Worker
from annotator.models.answer import Group
from annotator.simulation.perception import PerceivedUnit
from annotator.simulation.words import worded
from dissect.format.ground_truth import Concept

CROWD_SIZE = 9  # one in as many workers is careless, the first one included
GOLDEN_RATIO = 0.6180339887  # multiples of it, modulo 1, are spread evenly for any number of them
PERCEPTION_ERROR = 0.08  # standard deviation of the evidence, mostly the share that a label covers
MOOD = 0.4  # standard deviation over HITs of the logarithm of a worker's strictness
HASTY_PASSES = 0.98  # share of the pictures that pass in haste
UNLIKE = 0.3  # of a worker's leniency remains for a picture that resembles the others in nothing

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
        shifts: probability of choosing a neighbour of the right group.
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


def name_unit(
    traits: WorkerTraits, unit: PerceivedUnit, labels: Sequence[Concept], random: Generator
) -> AnswerForm:
    """How one simulated worker names a unit, and errs, in a naming HIT.

    Args:
        labels: of the ground truth, by number.
        random: the worker's randomness in this HIT.
    """
    chosen = _chosen_label(traits, unit, random)
    if chosen is None:
        return AnswerForm("", None, frozenset(), Answer.Says.NOTHING)
    marked = _marked_slots(traits, unit, [chosen], random)
    label = labels[chosen]
    group = _chosen_group(traits, label.group, random)
    return AnswerForm(worded(label.name, traits.plain, random), group, marked)


def verify_concept(
    traits: WorkerTraits, unit: PerceivedUnit, named: Sequence[int], random: Generator
) -> AnswerForm:
    """Which pictures one simulated worker marks, and errs in, in a HIT that verifies a concept.

    Args:
        named: the labels that the concept names; if there are none, no picture fits.
    """
    marked = _marked_slots(traits, unit, named, random)
    return AnswerForm("", None, marked, Answer.Says.GIVEN)


def _chosen_label(traits: WorkerTraits, unit: PerceivedUnit, random: Generator) -> int | None:
    """The label that comes to mind, which is nearly the best; None if none beats chance.

    In a false alarm it is one of labels that only seem to.
    """
    errors = random.gumbel(scale=traits.whim, size=len(unit.bits))
    if unit.best is not None:
        return int(np.argmax(unit.bits + errors))
    if traits.false_alarms and random.random() < traits.false_alarms:
        seeming = unit.seeming_bits + errors
        return int(np.argmax(np.where(np.arange(len(seeming)) > 0, seeming, -np.inf)))
    return None


def _marked_slots(
    traits: WorkerTraits, unit: PerceivedUnit, labels: Sequence[int], random: Generator
) -> frozenset[int]:
    """Slots of the pictures that, as the worker sees them, show none of some labels."""
    return frozenset(np.array(unit.slots)[~_fits(traits, unit, labels, random)].tolist())


def _fits(
    traits: WorkerTraits, unit: PerceivedUnit, labels: Sequence[int], random: Generator
) -> NDArray[np.bool_]:
    """(pictures,): which pictures fit, as the worker sees them.

    Top images, catch images and repeats are judged alike. A picture that does not fit passes more
    easily if it resembles the others in another way.
    """
    count = len(unit.slots)
    evidence = unit.evidence[:, list(labels)].max(axis=1, initial=0)  # (pictures,)
    estimates = evidence + random.normal(scale=PERCEPTION_ERROR, size=count)
    strictness = traits.strictness * random.lognormal(sigma=MOOD)
    is_hasty = random.random() < traits.haste
    is_alike = (unit.evidence[:, unit.beats_chance] >= strictness).any(axis=1)
    passes = np.where(is_alike, 1, UNLIKE) * traits.leniency
    fits = estimates >= strictness
    fits |= random.random(count) < (HASTY_PASSES if is_hasty else passes)
    slips = random.random(count) < traits.slips * (not is_hasty)
    return fits ^ slips


def _chosen_group(traits: WorkerTraits, group: int, random: Generator) -> int:
    """The label's group, or sometimes a neighbour of it."""
    if random.random() >= traits.shifts:
        return group
    neighbours = [other for other in (group - 1, group + 1) if other in Group.values]
    return int(random.choice(neighbours))


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
