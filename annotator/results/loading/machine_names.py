"""What machines call units: names that a method such as CLIP-Dissect or MILAN gave."""

from dataclasses import dataclass

from annotator.models import MachineName, Study
from annotator.models.rows import named_rows
from annotator.results.loading.answers import UNIT_PATHS, UnitRow


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
    paths = {**UNIT_PATHS, "method": "method", "name": "name", "score": "score"}
    return tuple(named_rows(MachineNameRow, names.order_by("method", "unit"), paths))
