"""What machines call units: names that a method such as CLIP-Dissect or MILAN gave."""

from dataclasses import dataclass

from annotator.models import MachineName, Study
from annotator.results.loading.answers import UnitName


@dataclass(frozen=True, slots=True)
class MachineNameRow:
    """What one method calls one unit; `score` is its own, if it has one."""

    network: str
    layer: str
    unit: int
    method: str
    name: str
    score: float | None = None

    @property
    def unit_name(self) -> UnitName:
        return UnitName(self.network, self.layer, self.unit)


def load_machine_names(study: Study) -> tuple[MachineNameRow, ...]:
    """Every machine's name of a study's units, in one query."""
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
