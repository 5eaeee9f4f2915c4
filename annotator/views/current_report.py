"""The report of a study as its answers stand now, made again only when they have changed."""

from django.core.cache import cache

from annotator.models import Study
from annotator.results.answers import Crowd
from annotator.results.material import state_of
from annotator.results.page import Figure, drawn
from annotator.results.report import StudyReport, report_of

KEEP_SECONDS = 24 * 3600


def current_report(study: Study, crowd: Crowd | None = None) -> StudyReport:
    """The report, from the cache if nothing that it is made of has changed since."""
    return cache.get_or_set(
        f"report:{_state(study, crowd)}", lambda: report_of(study, crowd), KEEP_SECONDS
    )


def current_figures(study: Study, crowd: Crowd | None = None) -> dict[str, Figure]:
    """The figures of the report, drawn once like it."""
    return cache.get_or_set(
        f"figures:{_state(study, crowd)}",
        lambda: drawn(current_report(study, crowd)),
        KEEP_SECONDS,
    )


def _state(study: Study, crowd: Crowd | None) -> str:
    return f"{study.key}:{crowd}:{state_of(study)}"
