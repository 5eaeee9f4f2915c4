"""No page and no message shows a text that a translation cannot reach."""

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.html import conditional_escape

from annotator.models import Membership, Role
from annotator.publishing import PublishRequest
from tests.views.everybody import FORMS, sent
from tests.views.pseudo_locale import names_in_the_database, speak_in_brackets, texts_outside
from tests.views.test_hostile_forms import REFUSED

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitors(everybody, settings):
    """The clients of a stranger, an annotator, a member, a reviewer and the requester."""
    settings.EMBEDDED = False  # else a stranger on this machine would be the requester
    reviewer = User.objects.create_user("rob")
    Membership.objects.create(user=reviewer, study=everybody.study, role=Role.REVIEWER)
    clients = {**everybody.clients, "reviewer": Client()}
    clients["reviewer"].force_login(reviewer)
    return clients


@pytest.fixture
def names(everybody):
    """What people called something, and what the forms send."""
    sent = {str(value) for form in FORMS for value in everybody.fields(form).values()}
    sent |= {str(value) for _, wrong, _ in REFUSED for value in wrong.values()}
    options = set(PublishRequest.model_fields)  # an error names one as a command does
    return sorted(sent | options | set(names_in_the_database()), key=len, reverse=True)


def html_of(response):
    """The text of a page; nothing of other files, which are closed."""
    for close in response._resource_closers:  # response.close() would close the database too
        close()
    is_page = "html" in response.get("Content-Type", "") and not response.streaming
    return response.content.decode() if is_page else ""


def untranslated(pages, names):
    """By page, the texts that no translation made."""
    texts = {page: texts_outside(html, names) for page, html in pages if html}
    assert len(texts) > 20
    return {page: outside for page, outside in texts.items() if outside}


def test_every_text_of_every_page_can_be_translated(everybody, visitors, names, monkeypatch):
    speak_in_brackets(monkeypatch)
    pages = [
        ((who, name), html_of(client.get(address)))
        for who, client in visitors.items()
        for name, address in everybody.addresses()
        if who == "staff" or not address.startswith("/results/")  # the same for all who read it
    ]
    assert untranslated(pages, names) == {}


def test_every_answer_to_a_form_can_be_translated(everybody, visitors, names, monkeypatch):
    speak_in_brackets(monkeypatch)
    addresses, pages = dict(everybody.addresses()), []
    for form, wrong in [(form, {}) for form in FORMS] + [row[:2] for row in REFUSED]:
        client, fields = visitors[FORMS[form][0]], everybody.fields(form) | wrong
        with sent(client, addresses[form.split()[0]], fields) as response:
            pending = get_messages(response.wsgi_request)  # the next page shows them
            shown = "".join(f"<p>{conditional_escape(message)}</p>" for message in pending)
            pages.append(((form, str(wrong)[:60]), html_of(response) + shown))
    assert untranslated(pages, names) == {}


def test_a_text_outside_of_brackets_is_found():
    html = '<p title="⟦Hi⟧ you">⟦Unit⟧ 3 of conv1 <b>⟦a <i>b⟧</i> c</b><code>d</code></p>'
    assert texts_outside(html, ["conv1"]) == ["you", "of", "c"]
