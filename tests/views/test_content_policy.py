"""No page has what its content security policy forbids: scripts, styles or files from elsewhere.

Pages are read here as they are sent. What scripts do on them is tested wherever a browser opens
them: `browser_page` fails for every violation that Chromium reports.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
LOADING = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


class Violations(HTMLParser):
    """What a page has that its policy forbids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in values):
            self.all.append(f"<{tag}> in the page")
        if tag in {"object", "embed", "base"}:
            self.all.append(f"<{tag}>")
        self.all += [f"{tag} {name}" for name in values if name == "style" or name[:2] == "on"]
        address = urlsplit(values.get(LOADING.get(tag, ""), "") or "")
        if address.scheme or address.netloc:
            self.all.append(f"{tag} from {address.geturl()[:60]}")
        if (values.get("href") or "").startswith("javascript:"):
            self.all.append(f"{tag} javascript:")
        action = urlsplit(values.get("action") or "") if tag == "form" else None
        if action and (action.scheme or action.netloc):
            self.all.append(f"form to {action.geturl()[:60]}")


def pages(everybody):
    """(name, visitor, response) of each page that is shown in the browser."""
    for name, address in everybody.addresses():
        for who in ("staff", "annotator", "anonymous"):
            answer = everybody.clients[who].get(address)
            if answer.streaming:
                list(answer.streaming_content)  # a file; reading it closes it
            elif is_shown(answer):
                yield name, who, answer


def is_shown(answer):
    """Whether a response is a page, and not one to be saved, which brings its own style."""
    is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
    return is_page and "attachment" not in answer.get("Content-Disposition", "")


def test_no_page_has_what_its_policy_forbids(everybody):
    count = 0
    for name, who, answer in pages(everybody):
        count += 1
        assert "default-src 'self'" in answer["Content-Security-Policy"], name
        assert Violations(answer.content.decode()).all == [], (name, who)
    assert count > 60


@pytest.mark.parametrize(
    "page",
    [
        '<p style="color: red">',
        "<style>p {color: red}</style>",
        "<script>alert(1)</script>",
        '<button onclick="x()">',
        '<img src="https://elsewhere.example/a.png">',
        '<script src="//elsewhere.example/a.js"></script>',
        '<a href="javascript:x()">',
        '<form action="https://elsewhere.example">',
        '<svg><path style="fill: red"/></svg>',
        '<img src="data:image/png;base64,AA">',
    ],
)
def test_each_kind_of_violation_is_seen(page):
    assert Violations(page).all


def test_errors_have_the_policy_too(client):
    answer = client.get("/none/")

    assert answer.status_code == 404
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get(reverse("sign_in"))["Content-Security-Policy"]
