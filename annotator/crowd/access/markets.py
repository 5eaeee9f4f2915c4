"""Markets that send people by an entry link: their parameters, and what may stand in them.

An entry link carries a person's number at the market, and mostly those of the study and of the
submission. Anybody can write an address, so what stands in it is checked before it is believed.
"""

import re
from dataclasses import dataclass

from annotator.models import MarketLink

ANY_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
HEX_24 = re.compile(r"[0-9a-fA-F]{24}")


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
