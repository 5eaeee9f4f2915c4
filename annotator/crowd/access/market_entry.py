"""Entering from a market: whoever comes with the same number is the same worker, on any device."""

from typing import Any

from django.db import transaction

from annotator.crowd.access import invitations
from annotator.crowd.access.markets import Arrival
from annotator.crowd.access.sessions import end_session, expire, start_session
from annotator.models import MarketLink, MarketSession, Outcome, Participant, Study
from annotator.models.worker_details import participant_hash


def session_of(link: MarketLink, arrival: Arrival) -> MarketSession | None:
    """Entering from a market: the session that somebody comes back to; None for a new one."""
    participant = _participant(link, arrival)
    if participant is None:
        return None
    session = participant.sessions.filter(number=arrival.session).first()
    if session is None:
        return None
    session.participant = participant
    return expire(session)


def _participant(link: MarketLink, arrival: Arrival) -> Participant | None:
    """The person with a number; one whose number was deleted is known by its hash."""
    people = Participant.objects.select_related("worker__study", "link", "study")
    people = people.filter(study=link.invitation.study_id, market=link.market)
    hashed = participant_hash(link.invitation.study, arrival.participant)
    return (
        people.filter(number=arrival.participant).first()
        or people.filter(worker__details__participant=hashed).first()
    )


def enter(link: MarketLink, arrival: Arrival, agreed_to: Any, browser: str = "") -> MarketSession:
    """Let somebody who agrees to the consent text enter from a market: begin a session. Idempotent.

    Args:
        agreed_to: as `invitations.enter` takes it.
        browser: the value of the browser's own cookie. It joins a person to a worker who came
            here before by another link, unless that one has a number of its own.

    Raises:
        EntryRefused, MixedCrowd, ConsentChanged: as `invitations.enter`.
    """
    study = link.invitation.study
    with transaction.atomic():
        participant = _locked_participant(link, arrival)
        if participant.worker is None:
            if _is_of_another(study, browser):
                browser = ""
            token = link.invitation.token
            participant.worker = invitations.enter(
                token, agreed_to, None, arrival.participant, browser
            )
        participant.number, participant.link = arrival.participant, link
        participant.save(update_fields=["worker", "number", "link"])
        return start_session(participant, arrival.session)


def decline(link: MarketLink, arrival: Arrival) -> MarketSession:
    """Let nobody enter from a market who does not agree; their number alone is kept, for pay."""
    with transaction.atomic():
        session = start_session(_locked_participant(link, arrival), arrival.session)
        return end_session(session, Outcome.NO_CONSENT)


def _locked_participant(link: MarketLink, arrival: Arrival) -> Participant:
    """The person with a number, made if new; the study is locked until the transaction ends."""
    study = Study.objects.select_for_update(no_key=True).get(pk=link.invitation.study_id)
    return _participant(link, arrival) or Participant.objects.create(
        study=study, link=link, market=link.market, number=arrival.participant
    )


def _is_of_another(study: Study, browser: str) -> bool:
    """Whether the worker of a browser is a market's participant already."""
    hashed = invitations.browser_hash(study, browser) if browser else ""
    same = Participant.objects.filter(study=study, worker__browser=hashed)
    return bool(hashed) and same.exists()
