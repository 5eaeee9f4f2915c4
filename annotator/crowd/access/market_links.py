"""Market links: making and changing the entry link of a market, with a secret code an outcome."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from annotator.crowd.access.invitations import invite
from annotator.crowd.access.markets import MARKETS, OTHER, market_of
from annotator.crowd.audit import Actor, note
from annotator.models import CompletionCode, Invitation, MarketLink, MarketSession, Outcome, Study

CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is read as another
CODE_LENGTH = 8
TERMS = (
    *("participant_parameter", "study_parameter", "session_parameter", "study_number"),
    *("return_url", "session_minutes", "max_minutes", "fee_percent", "base_cents"),
    "has_attention_checks",
)


class CodesAlike(ValueError):
    """Two outcomes would have one code, or one would have none."""


def new_code() -> str:
    """Make a secret completion code for a market link."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))


def make_link(
    study: Study, by: Actor, market: str, uses: int | None = None, days: int | None = None
) -> MarketLink:
    """Make a market's entry link, with the market's own parameters and a code an outcome.

    Args:
        market: a name of MARKETS, or what another market is called.
        uses, days: how many people may enter, and for how long; None is no limit.

    Raises:
        ConsentMissing: the study's consent text is not filled in.
    """
    known = MARKETS.get(market, OTHER)
    with transaction.atomic():
        invitation = invite(study, by, label=market, uses=uses, days=days)
        link = MarketLink.objects.create(
            invitation=invitation,
            market=market,
            participant_parameter=known.participant_parameter,
            study_parameter=known.study_parameter,
            session_parameter=known.session_parameter,
            return_url=known.return_url,
        )
        CompletionCode.objects.bulk_create(
            CompletionCode(link=link, outcome=outcome, code=new_code()) for outcome in Outcome
        )
    return link


def change_link(
    link: MarketLink, by: Actor, terms: Mapping[str, Any], codes: Mapping[str, str]
) -> None:
    """Change a market link's terms, names of TERMS, and its codes by outcome.

    Raises:
        CodesAlike: a code is empty, or two are one.
    """
    if "" in codes.values() or len(set(codes.values())) < len(codes):
        raise CodesAlike(_("Each outcome needs a code of its own."))
    before = {name: getattr(link, name) for name in terms}
    old_codes = dict(link.codes.values_list("outcome", "code"))
    with transaction.atomic():
        MarketLink.objects.filter(pk=link.pk).update(**terms)
        if codes != old_codes:
            link.codes.all().delete()
            CompletionCode.objects.bulk_create(
                CompletionCode(link=link, outcome=outcome, code=code)
                for outcome, code in codes.items()
            )
        changed = {
            name: [before[name], value] for name, value in terms.items() if value != before[name]
        }
        if changed or codes != old_codes:
            changed["codes"] = codes != old_codes  # the codes themselves are secret
            note(link.invitation.study, by, "market link", link=link.pk, **changed)


def entry_address(link: MarketLink, address: str) -> str:
    """The address to enter at the market, with what the market replaces by each person's numbers.

    Args:
        address: of the invitation's page; empty stays so. A market that appends its parameters
            by itself gets it as it is.
    """
    names = (link.participant_parameter, link.study_parameter, link.session_parameter)
    placeholder = market_of(link).placeholder
    if not placeholder or not address:
        return address
    return f"{address}?" + "&".join(f"{name}={placeholder.format(name)}" for name in names if name)


def links_of(study: Study) -> list[MarketLink]:
    """The market links of a study, the newest first, each with `participant_count`."""
    rows = MarketLink.objects.filter(invitation__study=study).select_related("invitation")
    return list(rows.annotate(participant_count=Count("participants")).order_by("-pk"))


def outcome_counts(link: MarketLink) -> dict[str, int]:
    """How many of a market link's sessions ended how; those that go on are under an empty name."""
    rows = MarketSession.objects.with_entry_link().filter(entry=link.pk).values_list("outcome")
    return dict(rows.annotate(Count("pk")).order_by("outcome"))


def link_of(invitation: Invitation) -> MarketLink | None:
    """The market link that an invitation is part of, or None."""
    link = MarketLink.objects.filter(invitation=invitation).first()
    if link is not None:
        link.invitation = invitation  # which knows its token
    return link
