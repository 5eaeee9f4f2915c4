"""Market sessions: a bundle of sets that a participant does in one go, and how it ended.

A session ends once. Its outcome has a completion code, by which the market learns it.
"""

from datetime import timedelta
from urllib.parse import quote

from django.db.models import QuerySet
from django.db.models.functions import Now

from annotator.crowd.errors import SessionEnded
from annotator.models import (
    Assignment,
    MarketLink,
    MarketSession,
    Outcome,
    Participant,
    Study,
    Worker,
)
from annotator.pay.debriefing import owe_debriefing
from annotator.pay.top_up import owe_shortfalls
from annotator.pay.work_time import DEFAULT_MINUTES, measured_minutes

CODE_PLACE = "{code}"  # in a return address, where the completion code goes
MAX_SETS = 100  # of a session, however fast the first people were


def planned_sets(study: Study, session_minutes: int) -> int:
    """How many sets are planned for a session, by the study's measured minutes: 1 to MAX_SETS."""
    minutes = measured_minutes(study) or DEFAULT_MINUTES
    return min(MAX_SETS, max(1, round(session_minutes / minutes)))


def start_session(participant: Participant, link: MarketLink, number: str) -> MarketSession:
    """Start a session of a market's participant, or return the one with this number. Idempotent.

    A market's participant is in one session at a time: an earlier one that is open is stopped.

    Args:
        link: by which the participant came now; it may be another than the last time.
        number: of the submission; empty if the market gives none, and then there is one session.
    """
    session, is_new = MarketSession.objects.get_or_create(
        participant=participant,
        number=number,
        defaults={
            "link": link,
            "set_count": planned_sets(participant.study, link.session_minutes),
        },
    )
    if is_new:
        for earlier in participant.sessions.filter(outcome="").exclude(pk=session.pk):
            end_session(earlier, Outcome.STOPPED)
        session.refresh_from_db()
    return session


def may_have_session(worker: Worker) -> bool:
    """Whether a worker may have a session: False for people whom no market sent.

    Costs no query: a market's people come by its link. Views say of a worker `is_of_market`.
    """
    return worker.invitation_id is not None and getattr(worker, "is_of_market", True)


def current_session(worker: Worker) -> MarketSession | None:
    """The newest session of a worker, ended or not; None for people whom no market sent.

    A session whose time is over ends here, if nothing else has ended it.
    """
    if not may_have_session(worker):
        return None
    newest = MarketSession.objects.filter(participant__worker=worker).order_by("-pk")
    session = newest.select_related("link", "participant__link", "participant__study").first()
    return session and expire(session)


def expire(session: MarketSession) -> MarketSession:
    """End a session whose time is over, by the database's clock."""
    if not session.outcome and _overdue(entry_link(session)).filter(pk=session.pk).exists():
        return end_session(session, Outcome.TIMED_OUT)
    return session


def expire_sessions(study: Study) -> int:
    """End every session of a study whose time is over. Returns how many there were."""
    open_sessions = MarketSession.objects.with_entry_link().filter(
        participant__study=study, outcome=""
    )
    links = MarketLink.objects.filter(pk__in=open_sessions.values("entry"))
    overdue = [session for link in links for session in _overdue(link)]
    for session in overdue:
        end_session(session, Outcome.TIMED_OUT)
    return len(overdue)


def _overdue(link: MarketLink) -> QuerySet[MarketSession]:
    latest_start = Now() - timedelta(minutes=link.max_minutes)
    rows = MarketSession.objects.with_entry_link().filter(entry=link.pk, outcome="")
    return rows.filter(started_at__lt=latest_start)


def end_session(session: MarketSession, outcome: Outcome) -> MarketSession:
    """End a session, and owe what its end pays. Idempotent: the first outcome stays."""
    rows = MarketSession.objects.filter(pk=session.pk, outcome="")
    rows.update(outcome=outcome, ended_at=Now())
    if worker := session.participant.worker:
        owe_debriefing(worker)
        owe_shortfalls(worker.study, worker)
    session.refresh_from_db(fields=["outcome", "ended_at"])
    return session


def completion(session: MarketSession) -> tuple[str, str]:
    """The completion code of a market session that has ended, and its address to return to.

    Returns:
        Each is empty if the link has none. An address without a place for the code is the market's
        own for a completed session, and takes nobody else back.
    """
    link = entry_link(session)
    code = link.codes.filter(outcome=session.outcome).values_list("code", flat=True).first() or ""
    if CODE_PLACE in link.return_url:
        return code, link.return_url.replace(CODE_PLACE, quote(code, safe="")) if code else ""
    return code, link.return_url if session.outcome == Outcome.COMPLETED else ""


def sets_done(session: MarketSession) -> int:
    """How many sets were submitted in a session; practice, and what was taken back, included."""
    rows = Assignment.objects.filter(worker=session.participant.worker_id)
    rows = rows.filter(status__in=Assignment.DONE, submitted_at__gte=session.started_at)
    if session.ended_at:
        rows = rows.filter(submitted_at__lte=session.ended_at)
    return rows.count()


def end_without_sets(worker: Worker, session: MarketSession) -> None:
    """Where no set is left to hand out, end a worker's session: completed, if there was one before.

    Raises:
        SessionEnded: always; it has ended.
    """
    is_failed = worker.qualification_score is not None and worker.qualified_at is None
    outcome = Outcome.COMPLETED if sets_done(session) else Outcome.STOPPED
    if is_failed:
        outcome = Outcome.SCREENED_OUT
    if worker.excluded_at:
        outcome = Outcome.STOPPED
    raise SessionEnded(end_session(session, outcome))


def entry_link(session: MarketSession) -> MarketLink:
    """The market link by which a session began: its codes and checks hold for the session."""
    return session.link or session.participant.link
