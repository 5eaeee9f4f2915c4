"""How far simulated workers differ from each other, beside how far people did."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from annotator.models import Answer, Study, Worker

# Recomputed from the released answers of Zhou et al. (2015), ImageNet-CNN: precision at pool5,
# groups from pool5 and conv4 to pool1.
PEOPLE_DIFFER = 0.212
PEOPLE_SAME_GROUP = (0.23, 0.44)


@dataclass(frozen=True)
class Calibration:
    """How simulated workers differ on the same unit; None where there is nothing to compare.

    Attributes:
        difference: in precision, the mean of its absolute value over pairs of workers.
        same_group: share of units for which all three chose the same group.
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
    """Compare simulated answers that name a concept, as all the released ones do."""
    answers = Answer.objects.filter(
        assignment__worker__study=study, assignment__worker__kind=Worker.Kind.SIMULATED
    ).exclude(says__in=[Answer.Says.NOTHING, Answer.Says.GIVEN])
    units = defaultdict(list)
    for unit, fitting, shown, group in answers.order_by("pk").values_list(
        "assignment__unit", "fitting", "shown", "group"
    ):
        units[unit].append((fitting / shown, group))
    apart = [
        abs(one - other)
        for said in units.values()
        for (one, _), (other, _) in combinations(said, 2)
    ]
    triples = [{group for _, group in said[:3]} for said in units.values() if len(said) >= 3]
    return Calibration(
        difference=sum(apart) / len(apart) if apart else None,
        same_group=sum(len(groups) == 1 for groups in triples) / len(triples) if triples else None,
    )
