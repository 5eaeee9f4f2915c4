"""How a simulated worker answers a HIT: the concept and group they name, pictures they mark."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from annotator.crowd.answers.validation import AnswerForm
from annotator.models import Answer
from annotator.models.answer import Group
from annotator.simulation.perception import PerceivedUnit
from annotator.simulation.words import worded
from annotator.simulation.workers import WorkerTraits
from dissect.format.ground_truth import Concept

PERCEPTION_ERROR = 0.08  # standard deviation of the evidence, mostly the share that a label covers
MOOD = 0.4  # standard deviation over HITs of the logarithm of a worker's strictness
HASTY_PASSES = 0.98  # share of the pictures that pass in haste
UNLIKE = 0.3  # of a worker's leniency remains for a picture that resembles the others in nothing


def name_unit(
    traits: WorkerTraits, unit: PerceivedUnit, labels: Sequence[Concept], random: Generator
) -> AnswerForm:
    """The simulated answer in a naming HIT: how a worker names a unit, and errs.

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
    """The label's group, or sometimes a neighbor of it."""
    if random.random() >= traits.shifts:
        return group
    neighbours = [other for other in (group - 1, group + 1) if other in Group.values]
    return int(random.choice(neighbours))
