"""Everything that a report is made of, as plain rows: loaded once, or read from a bundle.

Equal data give an equal report on every machine. Bundles and snapshots store it as JSON, in
`material.json`: a column that is renamed or removed here makes older bundles unreadable.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotator.models import KnownAnswer, Study
from annotator.results.concepts.merges import MergeRow, load_merges
from annotator.results.loading.answers import AnswerRow, load_answers
from annotator.results.loading.assignments import AssignmentRow, load_assignments
from annotator.results.loading.layout import NetworkRow, load_layout
from annotator.results.loading.machine_names import MachineNameRow, load_machine_names
from annotator.results.loading.marks import Marks, load_marks
from annotator.results.loading.people import People, load_people
from annotator.results.loading.preregistered_plans import Looks, PlanRow, load_looks, load_plans
from annotator.results.loading.verifications import VerificationRow, load_verifications

# Columns of the study that decide what a HIT shows and asks, and who answers it.
DESIGN = (
    "top_count",
    "catch_count",
    "catch_policy",
    "first_view",
    "tile_view",
    "assignments_wanted",
    "worker_share",
    "repeat_count",
    "adaptive_most",
)


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report is made of.

    Attributes:
        threshold: precision above it counts as high, from 0 to 1.
        layout: networks and layers in the order of the report.
        answers: every answer that names a unit, of both crowds, the excluded ones too.
        design: the study's HIT design, by the columns in DESIGN.
        first_answers: how many answers each unit is judged by where some units get more than
            others; None where every unit is judged by all of its answers.
        verifications: every answer of the second round, in which workers are shown a concept.
        looks: early looks at results, and changes of the number of answers after one.
        people: who answered, in counts that show nobody alone.
        data_version: raised whenever somebody takes answers back: data of an older version are
            superseded.
    """

    study: str
    threshold: float
    layout: tuple[NetworkRow, ...]
    answers: tuple[AnswerRow, ...]
    design: Mapping[str, Any] = field(default_factory=dict)
    image_list_sha256: str = ""
    first_answers: int | None = None
    assignments: tuple[AssignmentRow, ...] = ()
    marks: Marks = field(default_factory=Marks)
    merges: tuple[MergeRow, ...] = ()
    verifications: tuple[VerificationRow, ...] = ()
    machine_names: tuple[MachineNameRow, ...] = ()
    plans: tuple[PlanRow, ...] = ()
    people: People = field(default_factory=People)
    looks: Looks = Looks()
    data_version: int = 1

    def shared(self) -> "ReportData":
        """The data without answers whose workers do not share them: what a bundle may hold."""
        kept = tuple(row for row in self.answers if row.shares is not False)
        unshared = {row.answer for row in self.answers} - {row.answer for row in kept}
        if not unshared and all(row.shares is not False for row in self.verifications):
            return self
        return replace(
            self,
            answers=kept,
            marks=self.marks.without(unshared),
            verifications=tuple(row for row in self.verifications if row.shares is not False),
        )


def load_report_data(study: Study, flagged: Container[str] = ()) -> ReportData:
    """Load all that a study's report is made of, as it is now, in at most seventeen queries.

    Args:
        flagged: keys of workers with a signal against them.
    """
    looks = load_looks(study)
    return ReportData(
        study=study.name,
        threshold=study.threshold,
        layout=tuple(load_layout(study)),
        answers=tuple(load_answers(study, flagged)),
        design={name: getattr(study, name) for name in DESIGN},
        image_list_sha256=study.image_list_sha256,
        first_answers=_first_answers(study, looks),
        assignments=load_assignments(study),
        marks=load_marks(study),
        merges=load_merges(study),
        verifications=load_verifications(study),
        machine_names=load_machine_names(study),
        plans=load_plans(study),
        people=load_people(study),
        looks=looks,
        data_version=study.withdrawal_count + 1,
    )


def _first_answers(study: Study, looks: Looks) -> int | None:
    """How many answers of each unit count in a study where some units get more than others.

    Units get more where redundancy is adaptive, and where a unit checks every worker. In other
    studies the number of answers does not depend on what they say, so all may be used: None. Where
    it was changed after somebody had seen results, the first planned number is kept.
    """
    if looks.first_planned is not None:
        return looks.first_planned
    controls = KnownAnswer.objects.filter(unit__layer__network__study=study, for_control=True)
    return study.assignments_wanted if study.adaptive_most or controls.exists() else None
