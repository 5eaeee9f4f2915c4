"""A second round as plain rows: fresh workers say which pictures show a concept."""

from dataclasses import dataclass

from annotator.models import Answer, Hit, Study
from annotator.results.loading.answers import SUBMITTED_COLUMNS, SubmittedRow, stored_values

VERIFICATION_COLUMNS = {
    **SUBMITTED_COLUMNS,
    "concept": "assignment__hit__concept",
    "concept_by": "assignment__hit__concept_by",
    "random_shown": "random_shown",
    "random_fitting": "random_fitting",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRow(SubmittedRow):
    """One answer about a concept that the worker was shown.

    `shown` and `fitting` count held-out pictures of the unit.

    Attributes:
        concept_by: `consensus`, or the method whose name of the unit the concept is.
        random_shown, random_fitting: the same counts of the random pictures mixed among them.
    """

    concept_by: str
    random_shown: int
    random_fitting: int


def load_verifications(study: Study) -> tuple[VerificationRow, ...]:
    """Load every verification, an answer of the second round, excluded ones too, in one query."""
    answers = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.VERIFICATION,
        assignment__unit__layer__network__study=study,
    )
    return tuple(
        VerificationRow(**values) for _, values in stored_values(answers, VERIFICATION_COLUMNS)
    )
