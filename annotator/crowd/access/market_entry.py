"""Entering from a market: whoever comes with the same number is the same worker, on any device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotator.crowd.access import invitations
from annotator.crowd.access.markets import market_label, market_of
from annotator.crowd.access.sessions import end_session, expire, start_session
from annotator.crowd.errors import EntryRefused
from annotator.models import MarketLink, MarketSession, Outcome, Participant, Study
from annotator.models.worker_details import participant_hash

PLACEHOLDER_SIGNS = "{}[]<>$%"  # of a template that a market has not filled in
Query = Mapping[str, Sequence[str]]  # the values of each parameter


@dataclass(frozen=True)
class Arrival:
    """What an entry link says of the person who opened it; session is empty if it says nothing."""

    participant: str
    session: str


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
        participant.sessions.filter(link=None).update(link=participant.link)
        participant.number, participant.link = arrival.participant, link
        participant.save(update_fields=["worker", "number", "link"])
        return start_session(participant, link, arrival.session)


def decline(link: MarketLink, arrival: Arrival) -> MarketSession:
    """Let nobody enter from a market who does not agree; their number alone is kept, for pay."""
    with transaction.atomic():
        session = start_session(_locked_participant(link, arrival), link, arrival.session)
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


def read_arrival(link: MarketLink, query: Query) -> Arrival:
    """Read the parameters of a market's entry link: who enters, and for which submission.

    Raises:
        EntryRefused: one is missing, given twice with two values, not filled in, or not of this
            market or study.
    """
    participant = _value(link, query, link.participant_parameter)
    study = _value(link, query, link.study_parameter) if link.study_parameter else ""
    session = _value(link, query, link.session_parameter) if link.session_parameter else ""
    if link.study_number and study != link.study_number:
        raise EntryRefused(
            _(
                "This link is for another study at %(market)s: %(name)s is %(value)s. Please open "
                "the study from its page there."
            )
            % {
                "market": market_label(link.market),
                "name": link.study_parameter,
                "value": study or "?",
            }
        )
    return Arrival(participant, session)


def _value(link: MarketLink, query: Query, name: str) -> str:
    values = {value.strip() for value in query.get(name, ())}
    if len(values) > 1:
        problem = _("The address has %(name)s twice, with different values.")
    elif not "".join(values):
        problem = _("The address lacks %(name)s.")
    elif set(PLACEHOLDER_SIGNS) & set(value := values.pop()):
        problem = _("The market has not filled in %(name)s in the address.")
    elif not market_of(link).number.fullmatch(value):
        problem = _("What the address has as %(name)s is no number of this market.")
    else:
        return value
    advice = _("Please open the study from its page at %(market)s, and not from a copied address.")
    about = {"name": name, "market": market_label(link.market)}
    raise EntryRefused(" ".join((problem % about, advice % about)))
