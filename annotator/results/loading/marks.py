"""Which pictures a worker marked as not fitting, as bits: 60 judgments are one number."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from annotator.models import Exemplar, Hit, Mark, PictureReport, Study


@dataclass(frozen=True, slots=True)
class Marks:
    """Pictures that answers marked, and that their workers hid.

    Each maps an answer's primary key to bits: bit r is the top picture of rank r, from 1. Answers
    that marked, or hid, nothing are left out, as are catch images and controls.
    """

    marked: Mapping[int, int] = field(default_factory=dict)
    hidden: Mapping[int, int] = field(default_factory=dict)

    def without(self, answers: Container[int]) -> "Marks":
        """The marks of all answers but some, by their primary keys."""
        kept = [
            {answer: bits for answer, bits in of_answers.items() if answer not in answers}
            for of_answers in (self.marked, self.hidden)
        ]
        return Marks(*kept)


def load_marks(study: Study) -> Marks:
    """Load the marks of every answer that names a unit, in two queries."""
    of_top_pictures = {
        "exemplar__unit__layer__network__study": study,
        "exemplar__role": Exemplar.Role.TOP,
        "exemplar__rank__isnull": False,
    }
    marks = Mark.objects.filter(answer__assignment__hit__kind=Hit.Kind.NAMING, **of_top_pictures)
    reports = PictureReport.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING,
        assignment__answer__isnull=False,
        **of_top_pictures,
    )
    return Marks(
        _as_bits(marks.values_list("answer", "exemplar__rank").iterator()),
        _as_bits(reports.values_list("assignment__answer", "exemplar__rank").iterator()),
    )


def _as_bits(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    bits: dict[int, int] = {}
    for answer, rank in pairs:
        bits[answer] = bits.get(answer, 0) | 1 << rank
    return bits
