"""The report of a study as its answers stand now, made again only when they have changed."""

import hashlib

from django.core.cache import cache
from django.db.models import Count, Max, Sum

from annotator.models import Answer, Layer, Study
from annotator.results.answers import Crowd
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


def state_of(study: Study) -> str:
    """A short text that changes whenever an answer comes, or is excluded or counted again."""
    answers = Answer.objects.filter(assignment__unit__layer__network__study=study)
    by_status = answers.values_list("assignment__status", "is_surplus").order_by(
        "assignment__status", "is_surplus"
    )
    # The sum of keys tells which answers are excluded, not only how many.
    counts = list(by_status.annotate(Count("pk"), Max("pk"), Sum("pk")))
    layers = Layer.objects.filter(network__study=study).aggregate(Count("pk"), Max("pk"))
    told = repr((counts, sorted(layers.items()), study.threshold))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
