"""A second round: fresh workers say which pictures show a concept that they are given."""

from dataclasses import dataclass
from datetime import datetime

from annotator.models import Answer, Hit, Study
from annotator.models.answer import exclusion_of
from annotator.results.loading.answers import Crowd, UnitName, pseudonym


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """One answer to a given concept.

    `shown` and `fitting` count held-out pictures of the unit, `random_shown` and
    `random_fitting` random ones mixed among them.
    """

    answer: int
    network: str
    layer: str
    unit: int
    worker: str
    kind: str
    status: str
    is_surplus: bool
    worker_excluded_at: datetime | None
    concept: str
    concept_by: str
    shown: int
    fitting: int
    random_shown: int
    random_fitting: int

    @property
    def unit_name(self) -> UnitName:
        return UnitName(self.network, self.layer, self.unit)

    @property
    def crowd(self) -> Crowd:
        return "simulated" if self.kind == "simulated" else "people"

    @property
    def precision(self) -> float:
        """Fitting / shown of the held-out pictures. Only what counts has one."""
        return self.fitting / self.shown

    @property
    def counts(self) -> bool:
        """Whether it is analysed: by the same rule as an answer that names a unit."""
        excluded = exclusion_of(self.status, self.is_surplus, self.worker_excluded_at, self.shown)
        return excluded is None


def load_verifications(study: Study) -> tuple[VerificationRow, ...]:
    """Every answer to a given concept, in one query."""
    answers = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.VERIFICATION,
        assignment__unit__layer__network__study=study,
    )
    rows = answers.order_by("pk").values_list(
        "pk",
        "assignment__unit__layer__network__name",
        "assignment__unit__layer__name",
        "assignment__unit__number",
        "assignment__worker__key",
        "assignment__worker__kind",
        "assignment__status",
        "is_surplus",
        "assignment__worker__excluded_at",
        "assignment__hit__concept",
        "assignment__hit__concept_by",
        "shown",
        "fitting",
        "random_shown",
        "random_fitting",
    )
    key = study.key
    return tuple(
        VerificationRow(*(*row[:4], pseudonym(key, row[4]), *row[5:])) for row in rows.iterator()
    )
