"""The overview of a study: how it is going, the answers of the last days, and the one next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotator.crowd.access.mixed_crowds import is_simulated
from annotator.crowd.review.looks import look_early, open_results
from annotator.crowd.review.quality_index import with_size
from annotator.crowd.review.rejections import rejection_counts
from annotator.crowd.watch.overview import DayCount, Overview, overview
from annotator.models import Snapshot, Study
from annotator.results.output.snapshots import lifecycle, stored_reports
from annotator.views.access import actor_of, for_requesters, roles_in
from annotator.views.next_step import next_step
from annotator.views.study_status import StudyDissection, StudyProgress, study_dissection

WIDTH, HEIGHT = 420, 90  # of the drawing, in its own units
MIN_HEIGHT = 2.0  # of a day with answers: one is seen beside a thousand
LOOKED_AT = ("report", "agreement")


@dataclass(frozen=True)
class DayBar:
    """The bar of one day; its height is 0 without answers. is_labelled: the date stands below."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float
    is_labelled: bool

    @property
    def label_x(self) -> float:
        """Where the label of the day ends: the last one ends with the drawing."""
        return round(self.x + self.width, 2)


def _day_bars(days: Sequence[DayCount]) -> list[DayBar]:
    """A bar for each day, the highest as high as the drawing; every third one has its date.

    >>> bars = _day_bars([DayCount(date(2026, 5, 1), 2), DayCount(date(2026, 5, 2), 4)])
    >>> [(bar.height, bar.is_labelled) for bar in bars]
    [(45.0, False), (90.0, True)]
    """
    highest, step = max((day.count for day in days), default=0), WIDTH / max(len(days), 1)
    bars = []
    for number, day in enumerate(days):
        height = max(HEIGHT * day.count / highest, MIN_HEIGHT) if day.count else 0.0
        bars.append(
            DayBar(
                day=day.day,
                count=day.count,
                x=round(number * step + 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(step - 4, 2),
                height=round(height, 2),
                is_labelled=(len(days) - 1 - number) % 3 == 0,
            )
        )
    return bars


@never_cache
@require_safe
@for_requesters
def study(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the overview of a study for its requester; to htmx, only how its dissection goes."""
    study = get_object_or_404(with_size(Study.objects.all()), name=name)
    dissection = study_dissection(study)
    if request.htmx:
        return render(request, "studies/_dissection.html", {"dissection": dissection})
    watched = overview(study, now())
    context = {
        "study": study,
        "dissection": dissection,
        "overview": watched,
        "rejections": rejection_counts(study),
        "is_simulated": is_simulated(study),
        "bars": _day_bars(watched.days),
        "bars_width": WIDTH,
        "bars_height": HEIGHT,
    }
    context["step"] = next_step(
        name, roles_in(request, name), _progress(dissection, watched, context["is_simulated"])
    )
    if watched.wanted:
        context |= _results(request, study)
    return render(request, "studies/study.html", context)


def _progress(dissection: StudyDissection, watched: Overview, has_simulated: bool) -> StudyProgress:
    """The progress from which the next step follows, of what the page has counted."""
    return StudyProgress(
        is_running=dissection.is_running,
        networks=len(dissection.networks),
        places=watched.wanted,
        filled=watched.filled,
        waiting=0 if has_simulated else watched.activity.waiting,
        is_simulated=has_simulated,
        is_paused=dissection.study.paused_at is not None,
        owed_cents=watched.owed_cents,
    )


def _results(request: HttpRequest, study: Study) -> dict[str, Any]:
    """Precision and agreement for the page, unless they are still hidden."""
    is_hidden = not open_results(study, actor_of(request), LOOKED_AT[1])
    snapshot: Snapshot | None = None if is_hidden else lifecycle.latest(study)
    return {
        "is_hidden": is_hidden,
        "report": stored_reports.report_in(snapshot) if snapshot else None,
    }


@require_POST
@for_requesters
def look(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST of the overview page that shows a requester results early; it is logged."""
    study = get_object_or_404(Study, name=name)
    what = request.POST.get("what", "")
    if look_early(study, actor_of(request), what if what in LOOKED_AT else LOOKED_AT[0]):
        messages.success(request, _("Your look was logged. It lasts for an hour."))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(back)  # `redirect` would look it up as the name of a page
    return redirect("study", name)
