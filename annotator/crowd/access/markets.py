"""Markets that send people by an entry link: their parameters, and what may stand in them.

An entry link carries a person's number at the market, and mostly those of the study and of the
submission. Anybody can write an address, so what stands in it is checked before it is believed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotator.crowd.errors import EntryRefused
from annotator.models import Invitation, MarketLink

ANY_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
HEX_24 = re.compile(r"[0-9a-fA-F]{24}")
PLACEHOLDER_SIGNS = "{}[]<>$%"  # of a template that a market has not filled in


@dataclass(frozen=True)
class Market:
    """A market as it is known here.

    Attributes:
        label: what it is called.
        number: what its numbers look like.
        placeholder: what it replaces by a parameter's value, a format string; empty if it appends
            the parameters by itself.
        return_url: with {code} where the completion code goes; empty if each study has its own.
    """

    name: str
    label: str
    participant_parameter: str
    study_parameter: str = ""
    session_parameter: str = ""
    number: re.Pattern[str] = ANY_NUMBER
    placeholder: str = ""
    return_url: str = ""


PROLIFIC = Market(
    "prolific",
    "Prolific",
    "PROLIFIC_PID",
    "STUDY_ID",
    "SESSION_ID",
    HEX_24,
    "{{{{%{}%}}}}",
    "https://app.prolific.com/submissions/complete?cc={code}",
)
CONNECT = Market("connect", "CloudResearch Connect", "participantId", "projectId", "assignmentId")
OTHER = Market("other", "another market", "participant")
MARKETS = {market.name: market for market in (PROLIFIC, CONNECT, OTHER)}


def market_of(link: MarketLink) -> Market:
    """The market of a link, by its name; OTHER for one that is not known here."""
    return MARKETS.get(link.market, OTHER)


def market_label(name: str) -> str:
    """What people call a market: its label, or the name that a requester gave it."""
    known = MARKETS.get(name)
    return known.label if known and known is not OTHER else name.capitalize()


def link_of(invitation: Invitation) -> MarketLink | None:
    """The market's link of an invitation, or None."""
    link = MarketLink.objects.filter(invitation=invitation).first()
    if link is not None:
        link.invitation = invitation  # which knows its token
    return link


Query = Mapping[str, Sequence[str]]  # the values of each parameter


@dataclass(frozen=True)
class Arrival:
    """What an entry link says of the person who opened it; session is empty if it says nothing."""

    participant: str
    session: str


def read_arrival(link: MarketLink, query: Query) -> Arrival:
    """Read the parameters of an entry link.

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
