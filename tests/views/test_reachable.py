"""Every page of the service is linked from another one: nobody has to know its address."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

pytestmark = pytest.mark.django_db

# Pages that are reached otherwise, and how.
ELSEWHERE = {
    "publish_tiles": "the Publish page loads it as a part of itself",
    "sign_in": "the requester is signed in",
    "choose_password": "a requester sends its link to who forgot the password",
    "take_back": "only the person whose answers they are has the link",
}


def page_of(client, address):
    """The HTML of a page; empty for what is no page."""
    response = client.get(address)
    for close in response._resource_closers:
        close()
    is_page = "html" in response.get("Content-Type", "") and not response.streaming
    return response.content.decode() if is_page and response.status_code == 200 else ""


def names_linked(html):
    """The name of each page of the service that a page links to, with an address."""
    for address in re.findall(r'href="([^"#?]*)', html):
        try:
            yield resolve(urlsplit(address).path).url_name, address
        except Resolver404:  # a file, or another site
            continue


def walk(client, start):
    """The names of the pages that links lead to from one page, each looked at once."""
    waiting, seen = [("home", start)], set()
    while waiting:
        name, address = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += names_linked(page_of(client, address))
    return seen


def test_a_requester_gets_to_every_page_by_links(everybody):
    staff = everybody.clients["staff"]
    pages = {name for name, address in everybody.addresses() if page_of(staff, address)}

    assert len(pages) > 30
    assert pages - walk(staff, "/") == set(ELSEWHERE)
