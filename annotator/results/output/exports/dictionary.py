"""The data dictionary, and a data sheet after Gebru et al. 2018 (arXiv:1803.09010)."""

from collections.abc import Iterator

from django.db.models import Max, Min

from annotator.models import Answer, Snapshot, Study
from annotator.results.loading.answers import EXCLUSIONS, NOT_SHARED
from annotator.results.output.exports.columns import ExportTable, Row, columns
from annotator.results.output.exports.registry import TABLE_NAMES, export_table
from annotator.results.output.formatting import GROUP_NAMES
from annotator.results.output.snapshots.stored_reports import report_in

DICTIONARY = columns(
    ("table", "text", "The table."),
    ("row", "text", "What one row of it is."),
    ("column", "text", "The column."),
    ("kind", "text", "text, whole (number), number, flag or time."),
    ("meaning", "text", "What it holds."),
)


def dictionary(study: Study, snapshot: Snapshot) -> ExportTable:
    """The data dictionary: a table that describes every column of every exported table."""

    def rows() -> Iterator[Row]:
        for name in TABLE_NAMES:
            table = export_table(name, study, snapshot)
            for column in table.columns:
                yield name, table.row, column.name, column.kind, column.meaning

    return ExportTable("dictionary", "a column of a table", DICTIONARY, rows)


def data_sheet(study: Study, snapshot: Snapshot) -> str:
    """The data sheet beside the data dictionary: what somebody new must know of a study's data."""
    report = report_in(snapshot)
    answers = Answer.objects.filter(assignment__worker__study=study)
    times = answers.aggregate(first=Min("given_at"), last=Max("given_at"))
    first, last = (f"{time:%Y-%m-%d}" if time else "-" for time in times.values())
    groups = ", ".join(f"{number} {name.lower()}" for number, name in GROUP_NAMES.items())
    reasons = "\n".join(f"- `{key}`: {reason}." for key, reason in EXCLUSIONS.items())
    return "\n\n".join(
        [
            f"# Data sheet of the study {study.name}",
            f"**{report.notice}**" if report.notice else "",
            "## Motivation",
            "What single units of vision networks respond to, named by people: for every unit the "
            "images that excite it most were shown, and each worker named what they share, marked "
            "those that do not fit, and chose one of six semantic groups.",
            "## Composition",
            f"{report.answer_count} answers that count, {sum(report.excluded.values())} excluded, "
            f"about the units of {len(report.networks)} networks. Groups: {groups}.",
            _pictures(study),
            "## Collection",
            f"Answers were given from {first} to {last} (UTC). A HIT showed "
            f"{study.top_count} top images and {study.catch_count} catch images; "
            f"{study.assignments_wanted} answers per unit were wanted. The catch policy was "
            f"`{study.catch_policy}`. Workers did not see network, layer, unit or others' answers.",
            "## Cleaning",
            _cleaning(study) + f" An answer is left out of every number for one of:\n\n{reasons}",
            "## People",
            "Workers stand under pseudonyms made by a keyed hash, which cannot be traced back "
            "without the key. Concepts are their own words: read them before you publish them. "
            "Nothing here says who they are: the report has counts of at least five people. "
            f"{_not_shared(study)}",
            "## Uses",
            "Concepts and precisions describe these weights on this image list. Three answers a "
            "unit separate layers, not units.",
        ]
    ).replace("\n\n\n\n", "\n\n")


def _cleaning(study: Study) -> str:
    version = study.withdrawal_count + 1
    return (
        f"Nothing is deleted but answers that people took back (data version {version}: data of an "
        "older version are superseded)."
    )


def _not_shared(study: Study) -> str:
    """What is left out because people do not share their single answers."""
    unshared = study.workers.refusing_to_share().values("pk")
    n = Answer.objects.filter(assignment__worker__in=unshared).count()
    return (
        f"{n} answers are in no table, since their workers do not share single answers; they count "
        "in the numbers of the report, but not in those of a bundle. Words that only these workers "
        f"used stand as `{NOT_SHARED}`."
    )


def _pictures(study: Study) -> str:
    images = f"{study.image_count} images, list SHA-256 `{study.image_list_sha256 or '-'}`."
    if study.may_publish_pictures:
        return f"{images} The pictures may be published, and are in the study bundle."
    return (
        f"{images} The pictures may not be published: each stands as its place in the image list "
        "and the SHA-256 of what was shown."
    )
