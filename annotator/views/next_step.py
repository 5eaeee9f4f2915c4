"""The one next step about a study, by its state and the role of whoever looks at it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.models import Role
from annotator.pay.money import dollars
from annotator.views.study_status import StudyProgress


@dataclass(frozen=True)
class Step:
    """What to do next about a study: the text of a button, and where it leads."""

    text: str
    url: str


def next_step(name: str, roles: Collection[str], progress: StudyProgress) -> Step | None:
    """The one next step about a study for somebody with these roles; None if there is none yet.

    Dissect, publish a pilot, review, recruit, pay, report. Reviewing comes before recruiting,
    because annotators wait for it.
    """
    study = reverse("study", args=[name])
    if Role.REVIEWER in roles and progress.waiting:
        text = ngettext("Review %(n)s answer", "Review %(n)s answers", progress.waiting)
        return Step(text % {"n": f"{progress.waiting:,}"}, reverse("review", args=[name]))
    if Role.REQUESTER in roles and (step := _requesters_step(name, progress)):
        return step
    is_complete = progress.is_simulated or progress.filled >= progress.places
    if Role.READER in roles and progress.filled and is_complete:
        return Step(_("Read the report"), reverse("report", args=[name]))
    if Role.REVIEWER in roles and progress.filled:
        return Step(_("See the answers"), reverse("review", args=[name]))
    return Step(_("See the study"), study) if Role.REQUESTER in roles else None


def _requesters_step(name: str, progress: StudyProgress) -> Step | None:
    """The step that only a requester can take; None where all of them are taken."""
    study = reverse("study", args=[name])
    if progress.is_running or not progress.networks:
        return Step(_("See the dissection"), f"{study}#dissection")
    if not progress.places:
        return Step(_("Publish a pilot"), reverse("publish", args=[name]) + "?which=pilot")
    if progress.filled < progress.places and not progress.is_simulated:
        if progress.is_paused:
            return Step(_("Resume the study"), reverse("publish", args=[name]))
        return Step(_("Recruit annotators"), reverse("recruit", args=[name]))
    if progress.owed_cents > 0:
        text = _("Pay %(cost)s")
        return Step(text % {"cost": dollars(progress.owed_cents)}, reverse("pay", args=[name]))
    return None
