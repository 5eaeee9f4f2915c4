"""The tabs of a study's pages: which ones a visitor sees, and which one is current."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from annotator.models import Membership, Role, Study
from annotator.views.study_tabs import TABS
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

TAB = re.compile(r'<li><a href="([^"]+)"(?: aria-current="(\w+)")?>([^<]+)</a></li>')
ROLES = {
    Role.REQUESTER: {str(tab.label) for tab in TABS},
    Role.REVIEWER: {"Review"},
    Role.READER: {"Results", "Lab"},
}
# An address below /studies/rooms/ or /results/rooms/, its tab, and whether it is the tab's own.
CURRENT = [
    ("/studies/rooms/", "Overview", "page"),
    ("/studies/rooms/publish/", "Publish", "page"),
    ("/studies/rooms/people/", "Members", "page"),
    ("/studies/rooms/recruit/", "Recruit", "page"),
    ("/studies/rooms/consent/", "Consent", "page"),
    ("/studies/rooms/known/", "Publish", "true"),
    ("/studies/rooms/review/", "Review", "page"),
    ("/studies/rooms/pay/", "Pay", "page"),
    ("/studies/rooms/workers/", "Review", "true"),
    ("/studies/rooms/lab/", "Lab", "page"),
    ("/results/rooms/", "Results", "page"),
    ("/results/rooms/data/", "Results", "true"),
    ("/results/rooms/net/conv/", "Results", "true"),
]


@pytest.fixture
def rooms():
    return published_study(name="rooms", layers=(("net", "conv", 2),))


def tabs_of(response):
    """The tabs of a page: label to (address, what aria-current says)."""
    bar = re.search(r'<nav class="study-tabs".*?</nav>', response.content.decode(), re.DOTALL)
    return {text: (to, current) for to, current, text in TAB.findall(bar[0])} if bar else {}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_the_tabs_of_pages_that_it_may_open(client, rooms, role):
    rita = User.objects.create_user("rita")
    Membership.objects.create(user=rita, study=rooms, role=role)
    client.force_login(rita)
    first = next(reverse(tab.page, args=["rooms"]) for tab in TABS if str(tab.label) in ROLES[role])

    tabs = tabs_of(client.get(first))

    assert set(tabs) == ROLES[role]
    for address, _ in tabs.values():
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize(("address", "label", "current"), CURRENT)
def test_the_tab_above_a_page_is_current(client, rooms, address, label, current):
    tabs = tabs_of(client.get(address))

    assert tabs[label][1] == current
    assert [text for text, (_, mark) in tabs.items() if mark] == [label]


def test_a_preview_of_a_hit_has_no_tabs_since_annotators_see_none(client, rooms):
    assert tabs_of(client.get("/studies/rooms/preview/")) == {}


def test_a_study_that_does_not_exist_has_no_tabs(client, db):
    response = client.get("/studies/nowhere/")

    assert response.status_code == 404
    assert tabs_of(response) == {}


def test_a_visitor_without_access_sees_only_tabs_of_their_roles(client, rooms):
    rita = User.objects.create_user("rita")
    Membership.objects.create(user=rita, study=Study.objects.create(name="other"), role="requester")
    client.force_login(rita)

    response = client.get("/studies/rooms/")

    assert response.status_code == 403
    assert tabs_of(response) == {}
