"""A fake Prolific: it sends people to an entry link and takes the completion codes they bring."""

from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client
from django.urls import reverse

from annotator.models import Hit
from tests.crowd.markets import NUMBER

STUDY_NUMBER, SESSION_NUMBER = "5a1b" * 6, "6c3d" * 6


class Prolific:
    """The market's side of one entry link."""

    def __init__(self, link):
        self.entry = reverse("enter", args=[link.invitation.token])

    def address(self, pid=NUMBER, session=SESSION_NUMBER, **other):
        """The address that somebody opens who takes part."""
        names = {"PROLIFIC_PID": pid, "STUDY_ID": STUDY_NUMBER, "SESSION_ID": session}
        return f"{self.entry}?{urlencode(names | other)}"


class Visitor:
    """A person in a browser, who follows the links and fills in the forms of the pages."""

    def __init__(self, address):
        self.client, self.address = Client(), address

    def open(self, address=None):
        return self.client.get(address or self.address, follow=True)

    def answer(self, yes=True):
        """Open the entry link and answer the consent text."""
        page = self.open()
        text = (page.context or {}).get("consent_text")
        form = {"answer": "yes" if yes else "no", "version": text.version if text else 1}
        form |= {"is_adult": "on", "shares": "yes"}
        return self.client.post(self.address, form, follow=True)

    def next(self):
        """Press the button for the next set."""
        return self.client.post(reverse("next_hit"), follow=True)

    def label(self, page):
        """Fill in the page of a set and submit it; the next page."""
        address = page.redirect_chain[-1][0]
        form = {"concept": "grass", "group": "4", "says": "concept", "then": "next"}
        return self.client.post(address, form, follow=True)

    def check(self, page, right=True):
        """Answer an attention check; the next page."""
        question = page.context["question"]
        choice = int(question.asked) if right else int(question.asked) % 6 + 1
        form = {"number": question.number, "choice": choice}
        self.client.post(reverse("check"), form)
        return self.next()


def code_on(page):
    """The completion code of a page: as shown, and as its link hands it to Prolific."""
    shown = page.context["code"]
    assert f'value="{shown}"' in page.content.decode()
    query = parse_qs(urlsplit(page.context["address"]).query)
    assert page.context["address"] in page.content.decode()
    assert query == {"cc": [shown]}
    return shown


def is_hit(page):
    """Whether a page is a set to label."""
    return isinstance(page.context and page.context.get("hit"), Hit)
