"""Who may open which address: each has a row, and a new one needs one.

DOORS says for every route which visitors it admits, POST_DOORS where a form of it admits fewer.
Everybody else is sent to sign in (302), refused (401, 403), or told that nothing is there (404).
"""

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client

from annotator.access_keys import create_key
from annotator.crowd.access.market_links import make_link
from annotator.crowd.audit import Actor
from annotator.crowd.scheduling.leases import accept
from annotator.models import (
    Analysis,
    Answer,
    Invitation,
    KnownAnswer,
    Membership,
    PayoutBatch,
    ProposedRejection,
    Role,
)
from annotator.results.output.snapshots.lifecycle import take
from annotator.views.annotator.debriefing import take_back_path
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study, workers
from tests.folder_storage import use_folder
from tests.results.studies import answered_study, get_unit, store_answer
from tests.views.test_hostile_addresses import filled, routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ACCOUNTS = {"reader", "reviewer", "requester", "requester of B", "staff"}  # with a key for the API
ANYBODY = {"nobody", "annotator", "annotator of B"} | ACCOUNTS
OWNER = {"annotator"}  # whose set, answer or message it is
ANNOTATORS = {"annotator", "annotator of B"}
READERS = {"reader", "requester", "staff"}
REVIEWERS = {"reviewer", "requester", "staff"}
REQUESTERS = {"requester", "staff"}
B = {"requester of B"}  # where what is shown are the studies of the visitor
BLIND = {"nobody", "requester of B"} | ANNOTATORS  # nobody who knows study A can work in it

CONTENT = 32 * "ab"  # the hash that a file of media is named by
PICTURE = f"pictures/{CONTENT}.jpg"
STUDY, LAB, RESULTS, API = "studies/<str:name>/", "studies/<str:name>/lab/", "results/", "api/"
OF_STUDY = RESULTS + "<str:study>/"
DOORS = {
    "": ANYBODY,
    "enter/<str:token>/": BLIND,
    "enter/<str:token>/sign-up/": ANYBODY,
    **dict.fromkeys(("consent/", "closing/", "check/", "finished/", "hits/"), ANNOTATORS),
    **dict.fromkeys(("stop/", "debriefing/", "hits/next/", "work/delete/"), ANNOTATORS),
    "take-back/<str:token>/": ANYBODY,  # who has the link from the debriefing
    "work/": ANNOTATORS | ACCOUNTS,
    "work/mail/": ACCOUNTS,
    "work/<str:key>/reply/": OWNER,
    "work/<int:pk>/": set(),  # an account that works in that study
    **dict.fromkeys(
        (
            "hits/<str:key>/" + page
            for page in (
                *("", "feedback/", "return/", "change/", "draft/", "trace/", "hide/", "ahead/"),
            )
        ),
        OWNER,
    ),
    "studies/": REQUESTERS | B,
    **dict.fromkeys(
        (
            STUDY + page
            for page in (
                *("", "publish/", "publish/tiles/", "run/", "look/", "preview/", "pictures/"),
                *("pay/", "pay/approval/", "pay/<int:pk>/", "pay/<int:pk>.csv"),
                *("recruit/", "recruit/mail/", "recruit/markets/", "recruit/markets/<int:pk>/"),
                *("recruit/markets/<int:pk>/compare/", "recruit/<int:pk>/qr.svg"),
                *("invite/", "invitations/<int:pk>/", "people/", "people/<int:pk>/", "consent/"),
                *("known/", "known/<int:pk>/"),
            )
        ),
        REQUESTERS,
    ),
    **dict.fromkeys(
        (
            STUDY + page
            for page in (
                *("review/", "review/hits/<str:key>/", "review/<str:key>/"),
                *("review/<str:key>/open/", "bonus/", "workers/", "workers/<path:key>/"),
            )
        ),
        REVIEWERS,
    ),
    **dict.fromkeys(
        (
            LAB + page
            for page in (
                *("", "<int:pk>/classes/", "<int:pk>/<slug:kind>/", "answers/<int:pk>/"),
                *("answers/<int:pk>.json", "answers/<int:pk>/grid-<int:number>.csv"),
                "answers/<int:pk>/pictures/<path:file>",
            )
        ),
        READERS,
    ),
    LAB + "<int:pk>/run/": REQUESTERS,
    LAB + "answers/<int:pk>/cancel/": REQUESTERS,
    "review/": REVIEWERS | B,
    RESULTS: READERS | B,
    RESULTS + "masks/<int:pk>.png": READERS | B,
    **dict.fromkeys(
        (
            OF_STUDY + page
            for page in (
                *("", "make-again/", "results.json", "paper/", "definitions/", "paper.md"),
                *("data/", "datasheet.md", "tables/<slug:name>.<slug:kind>", "report.html"),
                *("named/", "layers/<int:pk>/", "units/<int:pk>/", "<str:network>/"),
                *("<str:network>/<str:layer>/", "<str:network>/<str:layer>/<int:number>"),
                "<str:network>/<str:layer>/<int:number>/",
            )
        ),
        READERS,
    ),
    r"results/(?P<study>[^/]+)/figures/(?P<name>\w+).(?P<kind>\w+)": READERS,
    **dict.fromkeys(
        (
            OF_STUDY + page
            for page in (
                *("bundle.zip", "concepts/", "concepts/merge/", "concepts/apart/"),
                "concepts/undo/<int:version>/",
            )
        ),
        REQUESTERS,
    ),
    "sign-in/": ANYBODY,
    "password/": ACCOUNTS,
    "password/<uidb64>/<token>/": ANYBODY,  # who has the link from an administrator
    "sign-out/": ANYBODY,
    API: set(),  # nothing is there
    API + "openapi.json": ANYBODY,
    API + "studies": ACCOUNTS,
    **dict.fromkeys(
        (
            API + "studies/<study>" + page
            for page in (
                *("", "/report", "/layers", "/units", "/answers", "/workers"),
                "/tables/<name>.<kind>",
            )
        ),
        READERS,
    ),
    **dict.fromkeys(("pictures/<str:name>", "sheets/<str:name>.css", "sheets/<str:name>"), ANYBODY),
}
POST_DOORS = {LAB + "<int:pk>/<slug:kind>/": REQUESTERS}  # a form that admits fewer than its page
# Where "not found" comes after the door: files of an analysis that is not done, masks, no form.
EMPTY = {
    STUDY + "review/hits/<str:key>/",
    RESULTS + "masks/<int:pk>.png",
    *(LAB + "answers/<int:pk>" + file for file in (".json", "/grid-<int:number>.csv")),
    LAB + "answers/<int:pk>/pictures/<path:file>",
}


class World:
    """Study A with everything that has an address, study B, and a client of each visitor."""

    def __init__(self):
        study = with_consent(answered_study())
        other = published_study("streets")
        unit = get_unit(study, number=1)
        ana = workers(study, "ana")[0]
        unit.hit.places.create(number=9)
        held = accept(ana, unit.hit)
        answered = Answer.objects.first().assignment
        done = store_answer(study, get_unit(study, layer="conv2"), "ana").assignment
        KnownAnswer.objects.create(unit=done.unit, concepts=["dog"], for_training=True)
        unit.hit.places.create(number=10)  # beyond the plan: somebody may enter, nothing is hidden
        for file in (*(f"sheets/{CONTENT}.{kind}" for kind in ("png", "css")), PICTURE):
            default_storage.save(file, ContentFile(b"picture"))
        ProposedRejection.objects.create(assignment=held, reason="No work", grounds="no work")
        self.study = study
        self.clients = {"nobody": Client()}
        self.clients["annotator"] = self.working(ana)
        self.clients["annotator of B"] = self.working(workers(other, "ben")[0])
        self.keys = {}
        for who, of in [("reader", study), ("reviewer", study), ("requester", study)] + [
            ("requester of B", other)
        ]:
            account = self.account(who)
            Membership.objects.create(user=account, study=of, role=Role(who.split()[0]))
        self.account("staff", is_staff=True)
        layer, network = unit.layer, unit.layer.network
        market = make_link(study, Actor("rita"), "prolific")
        invitation = Invitation.objects.create(study=study)
        analysis = Analysis.objects.create(network=network, kind="layers", request={})
        self.parts = {
            "study": study.name, "name": study.name, "network": network.slug, "layer": layer.slug,
            "number": 0, "token": invitation.token, "key": held.key, "pk": layer.pk, "version": 1,
            "uidb64": "MQ",
            "kind": "csv", "file": "a.png",
        }  # fmt: skip
        self.own_parts = {  # by what a route contains: another thing that its part names
            "feedback/": {"key": done.key},
            "take-back/": {"token": take_back_path(ana).rstrip("/").rpartition("/")[2]},
            "pictures/<str:name>": {"name": f"{CONTENT}.jpg"},
            "sheets/": {"name": f"{CONTENT}.png"},
            "sheets/<str:name>.css": {"name": CONTENT},
            "sign-up/": {"token": Invitation.objects.create(study=study, needs_account=True).token},
            "work/<int:pk>/": {"pk": ana.pk},
            "invitations/": {"pk": invitation.pk},
            "people/<": {"pk": Membership.objects.filter(study=study).first().pk},
            "known/<": {"pk": KnownAnswer.objects.create(
                unit=unit, concepts=["dog"], for_control=True).pk},
            "review/<": {"key": answered.key},
            "review/hits/": {"key": answered.hit.key},
            "workers/<": {"key": answered.worker.key},
            "pay/<": {"pk": PayoutBatch.objects.create(study=study, market="local").pk},
            "markets/<": {"pk": market.pk},
            "recruit/<int:pk>/qr": {"pk": invitation.pk},
            "lab/<": {"pk": network.pk, "kind": "layers"},
            "lab/answers/": {"pk": analysis.pk},
            "masks/": {"pk": unit.pk},
            "units/": {"pk": unit.pk},
            "tables/": {"name": "units"},
            "figures/": {"name": "precision"},
        }  # fmt: skip
        take(study)  # or each page of its results would make one, which is rolled back with it

    def working(self, worker):
        client = Client()
        session = client.session
        session["worker"] = worker.pk
        session.save()
        client.cookies["sessionid"] = session.session_key
        return client

    def account(self, who, **fields):
        account = User.objects.create_user(who, **fields)
        key, secret = create_key(account)
        self.keys[who] = f"Bearer {key.access_key_id}:{secret}"
        self.clients[who] = Client()
        self.clients[who].force_login(account)
        return account

    def address(self, route):
        parts = {}
        for part, named in self.own_parts.items():
            if part in route:
                parts |= {name: str(value) for name, value in named.items()}
        return filled(route, self.parts, **parts)

    def status(self, who, method, route):
        """What a visitor gets, as a word or a number; afterwards everything is as it was."""
        headers = (
            {"Authorization": self.keys[who]} if route.startswith(API) and who in ACCOUNTS else {}
        )
        client = self.clients[who]
        cookies = client.cookies.copy()
        with transaction.atomic():
            response = client.generic(method, self.address(route), headers=headers)
            for close in response._resource_closers:  # response.close() closes the database too
                close()
            transaction.set_rollback(True)
        client.cookies = cookies
        if response.get("Location", "").startswith("/sign-in/"):
            return "sign in"
        return response.status_code


@pytest.fixture
def world(settings, tmp_path):
    settings.EMBEDDED = False
    use_folder(settings, tmp_path)
    return World()


def answers_of(world, method, route):
    """What each visitor gets; nothing of a route that does not take the method."""
    answers = {}
    for who in ["staff", "annotator", *sorted(ANYBODY - {"staff", "annotator"})]:
        answers[who] = world.status(who, method, route)
        if answers[who] == 405:
            return {}
    return answers


def is_refused(status, route):
    """Whether an answer keeps the visitor out."""
    return status in ("sign in", 401, 403) or (status == 404 and route not in EMPTY)


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(routes()) == set(DOORS)


def test_a_route_admits_those_of_its_row_and_nobody_else(world):
    wrong = []
    for route, door in DOORS.items():
        for method in ("GET", "POST"):
            answers = answers_of(world, method, route)
            admitted = {who for who, status in answers.items() if not is_refused(status, route)}
            expected = POST_DOORS.get(route, door) if method == "POST" else door
            if answers and admitted != expected:
                wrong.append(f"{method} {route}: {answers}")
    assert not wrong, "\n".join(wrong)
