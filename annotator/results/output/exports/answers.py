"""The tables of answers: a row for each answer, or for each answer and image that was shown."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet

from annotator.models import Answer, Exemplar, Mark, PictureReport, Study
from annotator.models.answer import exclusion_of
from annotator.models.hit import SHOWN
from annotator.results.loading.answers import IDENTITY_COLUMNS
from annotator.results.loading.people import pseudonym
from annotator.results.output.exports.columns import UNIT, WORKER, Row, columns
from annotator.results.output.formatting import GROUP_NAMES
from dissect.format.tiles import WHOLE, Box

MAX_UNITS_AT_ONCE = 40  # of which pictures and marks are in memory: some MB

ANSWERS = (
    *columns(("answer", "whole", "The answer's number; the same in every table.")),
    *UNIT,
    *WORKER,
    *columns(
        ("task", "text", "naming, or verification of a given concept."),
        ("given_concept", "text", "The concept to verify; empty where the unit was to be named."),
        ("given_by", "text", "Where that came from: consensus, or the method that named the unit."),
        ("says", "text", "concept, two things (the first counts), nothing (in common), or given."),
        ("concept", "text", "The worker's own words, as typed."),
        ("group", "text", "The semantic group chosen; empty for nothing in common."),
        ("group_number", "whole", "1 simple elements and colors ... 6 scenes."),
        ("second_group_number", "whole", "A second choice of group, if any."),
        ("shown", "whole", "Top images that were really shown: catch images are not counted."),
        ("fitting", "whole", "Of these, how many were left unmarked."),
        ("precision", "number", "fitting / shown."),
        ("catch_shown", "whole", "Catch images shown."),
        ("catch_marked_at_first", "whole", "Of these, marked at the first press of submit."),
        ("repeat_shown", "whole", "Mirrored repeats of the best images shown; not in precision."),
        ("repeat_marked", "whole", "Of these, marked."),
        ("random_shown", "whole", "Random images shown in a verification."),
        ("random_fitting", "whole", "Of these, said to show the given concept."),
        ("status", "text", "submitted, approved, rejected, or soft-rejected: paid, left out."),
        ("is_surplus", "flag", "Late: paid, but its place had been filled by another."),
        (
            "excluded",
            "text",
            "Why it is in no number, blind to concept and precision, or empty. practice: of a unit "
            "for training or qualification.",
        ),
        ("accepted_at", "time", "When the worker took the HIT, UTC."),
        ("given_at", "time", "When the answer was submitted, UTC."),
    ),
)
MARKS = (
    *columns(("answer", "whole", "The answer's number; the same in every table.")),
    *UNIT,
    *WORKER,
    *columns(
        ("image", "whole", "Where the image stands in the study's image list, from 0."),
        ("picture_sha256", "text", "SHA-256 of the picture that was shown."),
        ("path", "text", "The image's file; empty where pictures may not be published."),
        ("role", "text", "top, catch, repeat (a best image again), held-out, or random."),
        ("rank", "whole", "By score, from 1; none for a catch or random image."),
        (
            "region_share",
            "number",
            "Share of the picture in its region; 0 (no cell passed the threshold) and 1 were shown "
            "whole. A catch or random image's is borrowed.",
        ),
        ("crop_left", "number", "Left edge of what its tile showed, as a share of the picture."),
        ("crop_top", "number", "Top edge of what its tile showed, as a share of the picture."),
        ("crop_side", "number", "Side of the square that its tile showed; 1 is all of it."),
        ("is_marked", "flag", "Whether the worker marked it as not fitting."),
        ("is_hidden", "flag", "Whether it did not load, or the worker hid it: not judged."),
    ),
)
# Where the database keeps what a row of answers is made from.
FIELDS = {
    **IDENTITY_COLUMNS,
    "task": "assignment__hit__kind",
    "given_concept": "assignment__hit__concept",
    "given_by": "assignment__hit__concept_by",
    "says": "says",
    "concept": "concept",
    "group_number": "group",
    "second_group_number": "second_group",
    "shown": "shown",
    "fitting": "fitting",
    "catch_shown": "catch_shown",
    "catch_marked_at_first": "catch_marked_at_first",
    "repeat_shown": "repeat_shown",
    "repeat_marked": "repeat_marked",
    "random_shown": "random_shown",
    "random_fitting": "random_fitting",
    "status": "assignment__status",
    "is_surplus": "is_surplus",
    "worker_excluded_at": "assignment__worker__excluded_at",
    "for_training": "assignment__unit__known__for_training",
    "for_qualification": "assignment__unit__known__for_qualification",
    "accepted_at": "assignment__accepted_at",
    "given_at": "given_at",
}


def answers_in(study: Study) -> QuerySet[Answer]:
    """The answers to a study's HITs that an export holds, in the order of storing.

    Those of workers who do not share their answers are in none.
    """
    answers: QuerySet[Answer] = Answer.objects.filter(assignment__unit__layer__network__study=study)
    unshared = study.workers.refusing_to_share().values("pk")
    return answers.exclude(assignment__worker__in=unshared).order_by("pk")


def answer_rows(
    study: Study, only: Mapping[str, Any] = MappingProxyType({}), part: slice = slice(None)
) -> Iterator[Row]:
    """Export the answers of a study as rows, as they were stored.

    Args:
        only: Django lookups that select answers.
        part: a slice of the selected answers.
    """
    answers = answers_in(study).filter(**only).values_list(*FIELDS.values())
    names = [column.name for column in ANSWERS]
    for values in answers[part].iterator(chunk_size=2000):
        row = _answer(study.key, dict(zip(FIELDS, values, strict=True)))
        yield tuple(row[name] for name in names)


def _answer(study_key: str, stored: dict[str, Any]) -> dict[str, Any]:
    is_practice = stored["for_training"] or stored["for_qualification"]
    excluded = exclusion_of(
        stored["status"], stored["is_surplus"], stored["worker_excluded_at"], stored["shown"]
    )
    return stored | {
        "worker": pseudonym(study_key, stored["worker"]),
        "worker_kind": stored["kind"],
        "group": GROUP_NAMES.get(stored["group_number"]),
        "precision": stored["fitting"] / stored["shown"] if stored["shown"] else None,
        "excluded": "practice" if is_practice else excluded or "",
    }


def mark_rows(study: Study) -> Iterator[Row]:
    """Export every image of every answer as rows, some units at a time to bound the memory."""
    units = answers_in(study).order_by("assignment__unit").distinct()
    pks = list(units.values_list("assignment__unit", flat=True))
    for start in range(0, len(pks), MAX_UNITS_AT_ONCE):
        yield from _marks_of(study, pks[start : start + MAX_UNITS_AT_ONCE])


def _marks_of(study: Study, units: list[int]) -> Iterator[Row]:
    pictures = _pictures(units)
    answers = answers_in(study).filter(assignment__unit__in=units)
    of_answers = answers.order_by()
    marked = set(Mark.objects.filter(answer__in=of_answers).values_list("answer", "exemplar"))
    reports = PictureReport.objects.filter(assignment__answer__in=of_answers)
    hidden = set(reports.values_list("assignment__answer", "exemplar"))
    rows = answers.order_by("assignment__unit", "pk").values_list(
        *IDENTITY_COLUMNS.values(), "assignment__unit", "assignment__hit__kind"
    )
    for pk, network, layer, number, worker, kind, unit, task in rows:
        identity = (pk, network, layer, number, pseudonym(study.key, worker), kind)
        for exemplar, role, rank, place, path, share, tile, crop in pictures.get(unit, ()):
            if role in SHOWN[task] and kind != "imported":
                key = (pk, exemplar)
                file = path if study.may_publish_pictures else ""
                picture = (place, tile.removesuffix(".jpg"), file, role, rank, share, *crop)
                yield (*identity, *picture, key in marked, key in hidden)


def _pictures(units: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Unit: (exemplar, role, rank, place, path, coverage, tile, crop) of its pictures, by slot."""
    pictures: dict[int, list[tuple[Any, ...]]] = {}
    exemplars = Exemplar.objects.filter(unit__in=units, slot__isnull=False)
    rows = exemplars.order_by("unit", "slot").values_list(
        "unit", "tile", "image__tile", "box_left", "box_top", "box_side",
        "pk", "role", "rank", "image__place", "image__path", "coverage",
    )  # fmt: skip
    for unit, tile, whole, *box, exemplar, role, rank, place, path, share in rows:
        crop = Box(*box) if tile else WHOLE
        facts = (exemplar, role, rank, place, path, share, tile or whole, crop)
        pictures.setdefault(unit, []).append(facts)
    return pictures
