"""Markets whose participants come by an entry link: query parameters, and their valid values.

An entry link has a person's number at the market, and usually the numbers of the study and of the
submission. Anybody can write such an address, so its values are checked before they are used.
"""

import re
from dataclasses import dataclass

from annotator.models import MarketLink

ANY_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
HEX_24 = re.compile(r"[0-9a-fA-F]{24}")


@dataclass(frozen=True)
class Market:
    """A market that Unitscope knows.

    Attributes:
        label: its name for people.
        number: the pattern of its numbers.
        placeholder: a format string of the text that the market replaces by a parameter's value;
            empty if the market appends the parameters itself.
        return_url: has {code} in place of the completion code; empty if each study has its own.
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
    """The market of a link, by its name; OTHER if Unitscope does not know it."""
    return MARKETS.get(link.market, OTHER)


def market_label(name: str) -> str:
    """The name of a market for people: its label, or the name that a requester gave it."""
    known = MARKETS.get(name)
    return known.label if known and known is not OTHER else name.capitalize()
