"""The tabs of a study's pages: one list for all of them, each tab for those with its role.

`templates/base.html` shows them on every page whose URL names a study. A page gets its tab by one
line of TABS; pages below the address of a tab belong to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from annotator.models import Role
from annotator.views.access import roles_in


@dataclass(frozen=True)
class Tab:
    """One tab.

    Attributes:
        label: what it is called.
        page: the name of the URL that it leads to, which has the study as its only argument.
        role: who sees it.
        other_pages: names of URLs, with the study alone, whose pages belong to it too.
    """

    label: str | Promise
    page: str
    role: Role
    other_pages: tuple[str, ...] = ()


TABS = (
    Tab(_("Overview"), "study", Role.REQUESTER),
    Tab(_("Consent"), "terms", Role.REQUESTER),
    Tab(_("Publish"), "publish", Role.REQUESTER, ("known",)),
    Tab(_("Recruit"), "recruit", Role.REQUESTER),
    Tab(_("Members"), "people", Role.REQUESTER),
    Tab(_("Review"), "review", Role.REVIEWER, ("workers", "bonus")),
    Tab(_("Pay"), "pay", Role.REQUESTER),
    Tab(_("Results"), "report", Role.READER),
    Tab(_("Lab"), "lab", Role.READER),
)


@dataclass(frozen=True)
class ShownTab:
    """A tab as a page shows it. is_page: it leads to this very page, not to one above it."""

    label: str | Promise
    address: str
    is_current: bool
    is_page: bool


@dataclass(frozen=True)
class TabBar:
    """The tabs of one page."""

    study: str
    tabs: Sequence[ShownTab]


def tab_bar(request: HttpRequest) -> TabBar | None:
    """The tabs of a page for its visitor; None without a study in its URL, or without a role."""
    match = request.resolver_match
    study = (match.kwargs.get("study") or match.kwargs.get("name")) if match else None
    if not study or not (roles := roles_in(request, study)):
        return None
    tabs = [tab for tab in TABS if tab.role in roles]
    if not tabs:  # an annotator with an account
        return None
    current = max(tabs, key=lambda tab: _length_above(request.path, tab, study))
    is_below = _length_above(request.path, current, study) > 0
    shown = []
    for tab in tabs:
        address = reverse(tab.page, args=[study])
        is_current = is_below and tab is current
        shown.append(ShownTab(tab.label, address, is_current, address == request.path))
    return TabBar(study, shown)


def _length_above(path: str, tab: Tab, study: str) -> int:
    """How much of a page's path is the address of a tab: the tab with most of it is current."""
    addresses = (reverse(page, args=[study]) for page in (tab.page, *tab.other_pages))
    return max((len(address) for address in addresses if path.startswith(address)), default=0)


def study_tabs(request: HttpRequest) -> dict[str, object]:
    """Context processor: `study_tabs`, the TabBar of a page, computed where a page shows it."""
    return {"study_tabs": SimpleLazyObject(lambda: tab_bar(request))}
