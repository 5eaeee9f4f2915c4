"""What machines call units: names that a method such as CLIP-Dissect or MILAN gave."""

from dataclasses import dataclass

from annotator.models import MachineName, Study
from annotator.results.loading.answers import UnitRow


@dataclass(frozen=True, slots=True)
class MachineNameRow(UnitRow):
    """The name that one method gives a unit.

    Attributes:
        score: the method's own, whatever it measures; None where it has none.
    """

    method: str
    name: str
    score: float | None = None


def load_machine_names(study: Study) -> tuple[MachineNameRow, ...]:
    """Load the names that machines give a study's units, by method, in one query."""
    names = MachineName.objects.filter(unit__layer__network__study=study)
    rows = names.order_by("method", "unit").values_list(
        "unit__layer__network__name",
        "unit__layer__name",
        "unit__number",
        "method",
        "name",
        "score",
    )
    return tuple(MachineNameRow(*row) for row in rows)
