"""Pages set apart what people wrote: words from right to left leave the line as it is."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import decisions
from annotator.crowd.review.bonuses import give_bonus
from annotator.models import Answer, Assignment, Invitation, Layer, Membership, Role, Worker
from tests.results.studies import answered_study, get_unit, store_answer
from tests.views.test_hostile_addresses import filled, routes

pytestmark = pytest.mark.django_db
HEBREW = "גלגל"
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
APART = {"bdi", "title", "option", "textarea", "script", "style", "svg", "code"}


class Mixed(HTMLParser):
    """Texts with Hebrew that no element sets apart from the English around them."""

    def __init__(self, page):
        super().__init__()
        self.open, self.mixed = [], []
        self.has_hebrew = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, "dir" in dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if HEBREW in data:
            self.has_hebrew = True
            if not any(tag in APART or has_dir for tag, has_dir in self.open):
                self.mixed.append(" ".join(data.split()))


@pytest.fixture
def study(client):
    """A study in which every text that people can enter is Hebrew."""
    study = answered_study()
    study.contact = HEBREW
    study.save()
    Answer.objects.update(concept=HEBREW, remark=HEBREW)
    ada = Worker.objects.get(study=study, key="ada")
    worked = Assignment.objects.filter(worker=ada).first()
    decisions.approve(worked, COMMAND, HEBREW)
    give_bonus(ada, 50, HEBREW, COMMAND)
    left = store_answer(study, get_unit(study, number=1), "zoe", HEBREW).assignment
    left.return_reason = HEBREW
    left.save()
    decisions.exclude(left.worker, HEBREW, COMMAND)
    Membership.objects.create(user=User.objects.create_user(HEBREW), study=study, role=Role.READER)
    Invitation.objects.create(study=study, label=HEBREW)
    session = client.session
    session["worker"] = ada.pk
    session.save()
    return study


def parts_of(study):
    layer = Layer.objects.filter(network__study=study).select_related("network").first()
    ada = Worker.objects.get(study=study, key="ada")
    answered = Assignment.objects.filter(worker=ada).first()
    names = dict.fromkeys(("study", "name"), study.name)
    token = study.invitations.first().token
    return names | {
        "network": layer.network.slug, "layer": layer.slug, "number": 0, "token": token,
        "uidb64": "MQ", "pk": layer.pk, "kind": "csv", "version": 1, "file": "a.png",
    } | {"key": answered.key, "worker": ada.key}  # fmt: skip


def test_every_page_sets_apart_what_people_wrote(client, study):
    real, with_hebrew, mixed = parts_of(study), set(), {}
    for route in routes():
        named = {"key": real["worker"]} if "workers/" in route else {}
        response = client.get(filled(route, real, **named), {"q": HEBREW[:2]})
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        for close in response._resource_closers:
            close()
        if response.streaming or response.status_code != 200 or not is_page:
            continue
        page = Mixed(response.content.decode())
        with_hebrew |= {route} if page.has_hebrew else set()
        if page.mixed:
            mixed[route] = page.mixed
    assert len(with_hebrew) > 12
    assert not mixed


def test_the_static_site_does_too(study, tmp_path):
    call_command("results", study.name, format="site", out=tmp_path / "site", no_pictures=True)
    pages = list((tmp_path / "site").rglob("*.html"))

    checked = [Mixed(page.read_text()) for page in pages]

    assert sum(page.has_hebrew for page in checked) > 2
    assert not [page.mixed for page in checked if page.mixed]
