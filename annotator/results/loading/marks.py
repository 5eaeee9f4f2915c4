"""Which pictures a worker marked as not fitting, as bits: 60 judgements are one number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotator.models import Exemplar, Hit, Mark, PictureReport, Study


@dataclass(frozen=True, slots=True)
class Marks:
    """Top pictures by answer; bit r of a number is the picture of rank r.

    Answers that marked, or hid, nothing are left out. Catch images and controls are not in it.
    """

    marked: Mapping[int, int] = field(default_factory=dict)
    hidden: Mapping[int, int] = field(default_factory=dict)


def load_marks(study: Study) -> Marks:
    """The marks of every answer that names a unit, in two queries."""
    naming = {"exemplar__role": Exemplar.Role.TOP, "exemplar__rank__isnull": False}
    marks = Mark.objects.filter(
        answer__assignment__hit__kind=Hit.Kind.NAMING,
        exemplar__unit__layer__network__study=study,
        **naming,
    )
    reports = PictureReport.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING,
        assignment__answer__isnull=False,
        exemplar__unit__layer__network__study=study,
        **naming,
    )
    return Marks(
        _bits(marks.values_list("answer", "exemplar__rank").iterator()),
        _bits(reports.values_list("assignment__answer", "exemplar__rank").iterator()),
    )


def _bits(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for answer, rank in pairs:
        found[answer] = found.get(answer, 0) | 1 << rank
    return found
