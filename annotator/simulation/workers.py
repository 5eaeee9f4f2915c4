"""Simulated workers: how they name a unit, which pictures they mark, and how they err.

Their errors are set so that they differ as the workers of Zhou et al. (2015, arXiv:1412.6856)
did in the released answers: .212 in precision on average between two workers on the same unit,
and all three choosing the same group for .23 to .44 of the units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from annotator.crowd.answers.validation import AnswerForm
from annotator.dissection_reader.ground_truth import Label
from annotator.models import Answer
from annotator.models.answer import Group
from annotator.simulation.perception import Seen
from annotator.simulation.words import as_said

CROWD = 9  # the first of so many workers is careless, and so on
GOLDEN = 0.6180339887  # steps of it around a circle are as even as steps get, for any number
EYE = 0.08  # error of a worker's guess of how much of a region a label covers
MOOD = 0.4  # of strictness, from HIT to HIT, as the deviation of its logarithm
HASTY = 0.98  # of all pictures pass in haste
UNLIKE = 0.3  # of a worker's forgiveness is left for a picture that is like the rest in nothing


@dataclass(frozen=True)
class Ways:
    """How one worker goes about every HIT.

    Attributes:
        strictness: part of a region that a thing must cover to fit.
        forgiveness: chance of letting a picture pass that does not fit.
        haste: chance of going through a HIT marking next to nothing.
        slips: chance of marking, or not marking, by mistake.
        whim: how far, in bits, the name that comes to mind strays from the best one.
        shifts: chance of choosing the group beside the right one.
        plain: chance of using the plain word.
    """

    strictness: float
    forgiveness: float
    haste: float
    slips: float
    whim: float
    shifts: float
    plain: float


def ways_of(seed: int, number: int) -> Ways:
    """The worker of this number. Even a few of them are as different as a crowd."""
    start = np.random.default_rng(seed).random(5)
    one, two, three, four, five = (start + number * GOLDEN * np.array([1, 2, 3, 5, 8])) % 1
    careless = number % CROWD == 0
    return Ways(
        strictness=float(0.15 + 0.4 * one),
        forgiveness=float(0.8 if careless else 0.75 * two),
        haste=float(0.4 if careless else 0.02 + 0.2 * five),
        slips=0.1 if careless else 0.02,
        whim=1.35 if careless else 0.45,
        shifts=float(0.09 + 0.3 * three),
        plain=float(0.3 + 0.5 * four),
    )


def say(ways: Ways, seen: Seen, labels: Sequence[Label], random: Generator) -> AnswerForm:
    """What a worker answers about a unit.

    Args:
        labels: of the ground truth, by number.
        random: this worker's chance in this HIT.
    """
    chosen = _name(ways, seen, random)
    if chosen is None:
        return AnswerForm("", None, frozenset(), Answer.Says.NOTHING)
    marked = _marked(ways, seen, [chosen], random)
    label = labels[chosen]
    group = _group(ways, label.group, random)
    return AnswerForm(as_said(label.name, ways.plain, random), group, marked)


def verify(ways: Ways, seen: Seen, meant: Sequence[int], random: Generator) -> AnswerForm:
    """What a worker answers where a concept is given: the pictures that do not show it.

    Args:
        meant: labels that the concept is a word for; of none, every picture fails to fit.
    """
    return AnswerForm("", None, _marked(ways, seen, meant, random), Answer.Says.GIVEN)


def _name(ways: Ways, seen: Seen, random: Generator) -> int | None:
    """The label that comes to mind: nearly the best; None where nothing beats chance."""
    strays = random.gumbel(scale=ways.whim, size=len(seen.bits))
    if seen.best is None:
        return None
    return int(np.argmax(seen.bits + strays))


def _marked(ways: Ways, seen: Seen, chosen: Sequence[int], random: Generator) -> frozenset[int]:
    """Slots of the pictures that show none of some labels, in this worker's eyes."""
    return frozenset(np.array(seen.slots)[~_fitting(ways, seen, chosen, random)].tolist())


def _fitting(ways: Ways, seen: Seen, chosen: Sequence[int], random: Generator) -> NDArray[np.bool_]:
    """(pictures,): which fit, in this worker's eyes. Whatever a picture is there for, it is
    judged alike.

    One that does not fit passes more easily if it is like the rest in another way.
    """
    count = len(seen.slots)
    shares = seen.shares[:, list(chosen)].max(axis=1, initial=0)
    looks = shares + random.normal(scale=EYE, size=count)
    strictness = ways.strictness * random.lognormal(sigma=MOOD)
    hasty = random.random() < ways.haste
    alike = (seen.shares[:, seen.beats_chance] >= strictness).any(axis=1)
    passes = np.where(alike, 1, UNLIKE) * ways.forgiveness
    fits = (looks >= strictness) | (random.random(count) < (HASTY if hasty else passes))
    slips = random.random(count) < ways.slips * (not hasty)
    return fits ^ slips


def _group(ways: Ways, group: int, random: Generator) -> int:
    """The label's group, or at times one beside it."""
    if random.random() >= ways.shifts:
        return group
    beside = [other for other in (group - 1, group + 1) if other in Group.values]
    return int(random.choice(beside))
