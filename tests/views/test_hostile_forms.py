"""Whatever a form sends, the answer is a page with a sentence, never a crash; nothing is lost.

FORMS has a row for each address that takes a form, HOSTILE a value for every field, REFUSED what a
form says about a value. Anybody can add a row to each.
"""

import html
import re
from contextlib import contextmanager
from copy import deepcopy
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import dumps
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import resolve, reverse

import annotator
from annotator.crowd.access.consent_fields import SECTIONS
from annotator.crowd.access.market_links import make_link
from annotator.crowd.audit import Actor
from annotator.crowd.scheduling.leases import accept
from annotator.imports.submissions import COLUMNS
from annotator.models import (
    Analysis,
    Answer,
    Invitation,
    Membership,
    Outcome,
    PayoutBatch,
    Place,
    ProposedRejection,
    Role,
    Worker,
)
from annotator.models.gold import KnownAnswer as GoldUnit
from annotator.publishing import PublishRequest, layer_name, offer_of
from annotator.views.annotator.debriefing import SALT as TAKE_BACK
from annotator.views.lab.analyses import ANALYSIS_FORMS
from tests.crowd.consents import with_consent
from tests.crowd.studies import workers
from tests.results.studies import answered_study, get_unit
from tests.views.test_hostile_addresses import filled, routes

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOSTILE = {  # a value of any field; anybody can add one
    "nothing": "",
    "NUL": "a\0b",
    "a lone surrogate": "\ud800",
    "right to left": "\u202edog\u200b",
    "10,000 characters": "x" * 10_000,
    "10,000 words": "0-999999 " * 1_100,
    "a number of 10 million digits": "1e9999999",
    "below nothing": "-1",
    "2 to the 63": str(2**63),
    "30 digits": "9" * 30,
    "infinity": "Infinity",
    "no number": "nan",
    "a fraction": "12.5",
    "an Arabic digit": "٣",
    "brackets without an end": "[" * 10_000,
    "markup": "{{ 7 }}<script>'\"",
    "a sign of four bytes": "\U0001f9ff",
}
ANSWER = {
    "concept": "wheel", "group": "4", "second_group": "5", "marked": "1", "says": "concept",
    "remark": "None", "view": "whole", "looked_again": "1", "then": "list", "trace": "{}",
}  # fmt: skip
DECISION = {"assignment": "KEY", "decision": "approve", "feedback": "Thanks"}
FORMS = {  # the name of an address, and a button of it: who sends it, fields with a good value
    "enter": ("anonymous", {"answer": "yes", "version": "1", "is_adult": "on"}),
    "sign_up": (
        "anonymous",
        {"username": "dora", "email": "", "password1": "a-Long-1", "password2": "a-Long-1"},
    ),
    "sign_in": ("anonymous", {"username": "rita", "password": "rita", "next": "/work/"}),
    "consent": ("annotator", {"answer": "yes", "version": "1", "is_adult": "on"}),
    "closing": ("annotator", {"used_ai": "no"}),
    "check": ("annotator", {"choice": "1", "number": "1"}),
    "stop": ("annotator", {}),
    "take_back": ("anonymous", {}),
    "mail_settings": ("member", {"email": "mia@example.org", "wants_mail": "on"}),
    "switch_study": ("member", {}),
    "reply_to_rejection": ("annotator", {"reply": "I looked at each picture."}),
    "next_hit": ("annotator", {}),
    "hit": ("annotator", ANSWER),
    "hit hide": ("annotator", {"hide": "1", "concept": "wheel"}),
    "hit show": ("annotator", {"show": "1", "remark": "None"}),
    "give_back": ("annotator", {"reason": "Too hard"}),
    "change_answer": ("annotator", ANSWER),
    "change_answer hide": ("annotator", {"hide": "1"}),
    "draft": ("annotator", {"revision": "0", "content": "{}", "trace": "{}"}),
    "trace": ("annotator", {"part": "a"}),
    "hide": ("annotator", {"slot": "1", "why": "hidden"}),
    "hide show": ("annotator", {"slot": "1", "show": "1"}),
    "redundancy": ("staff", {"wanted": "4"}),
    "redundancy adaptive": ("staff", {"adaptive_most": "5"}),
    "study_pictures": ("staff", {"may_publish": "on"}),
    "invite": (
        "staff",
        {"role": "reader", "label": "note", "uses": "3", "days": "3", "needs_account": "on"},
    ),
    "revoke": ("staff", {}),
    "people": ("staff", {"account": "rita", "role": "reader"}),
    "take_role": ("staff", {}),
    "terms": (
        "staff",
        {name: "We keep it." for name, _heading, _text in SECTIONS}
        | {"withdrawal_days": "30", "shares_data": "on", "covers_device": "on"}
        | {"covers_market": "on"},
    ),
    "look": ("staff", {"what": "report", "next": "/"}),
    "publish": ("staff", {"request": "{}", "cents": "CENTS"}),
    "study_run": ("staff", {"action": "pause"}),
    "study_run resume": ("staff", {"action": "resume"}),
    "study_run budget": ("staff", {"action": "budget", "budget": "900.00"}),
    "study_run minimum": ("staff", {"action": "minimum", "minimum": "15.00"}),
    "study_run answers": ("staff", {"action": "answers", "answers": "4"}),
    "study_run withdraw": (
        "staff",
        {"action": "withdraw", "layer": "LAYER NAME", "unit": "1", "sure": "on"},
    ),
    "invite_by_mail": ("staff", {"addresses": "ada@example.org", "days": "3"}),
    "add_market_link": ("staff", {"market": "prolific", "uses": "3", "days": "3"}),
    "market_link": (
        "staff",
        {"participant_parameter": "PROLIFIC_PID", "study_parameter": "STUDY_ID"}
        | {"session_parameter": "SESSION_ID", "study_number": "", "session_minutes": "20"}
        | {"return_url": "https://example.org/?cc={code}", "max_minutes": "90"}
        | {"fee_percent": "33.3", "has_attention_checks": "on"}
        | {f"code {outcome}": f"CODE-{number}" for number, outcome in enumerate(Outcome)},
    ),
    "compare_market": ("staff", {f"column {part}": part for part in COLUMNS}),
    "pay": ("staff", {"market": "local"}),
    "approval": ("staff", {"days": "7"}),
    "pay_batch": ("staff", {"step": "sent", "reference": "A 1"}),
    "pay_batch settle": ("staff", {"step": "confirmed", "worker": "ada"}),
    "known": (
        "staff",
        {"layer": "LAYER", "unit": "1", "concepts": "dog", "group": "4", "use": "control"},
    ),
    "known pass mark": ("staff", {"pass_percent": "80"}),
    "forget_known": ("staff", {}),
    "review": ("staff", DECISION),
    "review approve all": ("staff", {"approve_all": "4", "feedback": "Thanks"}),
    "review_answer": ("staff", DECISION),
    "review_answer confirm": ("staff", {"proposal": "confirm"}),
    "open_answer": ("staff", {}),
    "review_hit": ("staff", {"back": "KEY"}),
    "review_hit dispose": ("staff", {"back": "KEY", "dispose": "1"}),
    "bonus": ("staff", {"worker": "WORKER", "bonus": "0.50", "why": "Care"}),
    "bonus confirmed": (
        "staff",
        {"worker": "WORKER", "bonus": "0.50", "why": "Care", "token": "page 0", "confirmed": "1"},
    ),
    "worker include": ("staff", {"include": "1"}),
    "worker": ("staff", {"why": "Always the same word"}),
    "run_defaults": ("staff", {}),
    "question": ("staff", {}),
    "cancel_analysis": ("staff", {}),
    "make_again": ("staff", {"variant": "", "answers": ""}),
    "merge_concepts": ("staff", {"word": "wheel", "into": "tyre"}),
    "keep_concepts_apart": ("staff", {"word": "wheel"}),
    "undo_merge": ("staff", {}),
    "change_password": (
        "staff",
        {"old_password": "rita", "new_password1": "a-Long-1", "new_password2": "a-Long-1"},
    ),
    "sign_out": ("staff", {"next": "/"}),
}  # fmt: skip


class Everybody:
    """A study that has everything, its visitors, and the addresses of its forms."""

    def __init__(self):
        study = answered_study()
        self.study, layer = study, get_unit(study).layer
        mia = workers(study, "mia")[0]
        hit = get_unit(study, number=1).hit
        held = accept(mia, hit)
        answered = Answer.objects.first().assignment
        Place.objects.filter(assignments__isnull=False).update(claim_number=1)
        gold = GoldUnit.objects.create(
            unit=get_unit(study, number=1), concepts=["dog"], for_training=True
        )
        self.rita = User.objects.create_user("rita", password="rita", is_staff=True)
        role = Membership.objects.create(user=self.rita, study=study, role=Role.READER)
        analysis = Analysis.objects.create(network=layer.network, kind="layers", request={})
        token = Invitation.objects.create(study=study, needs_account=False).token
        for_account = Invitation.objects.create(study=study, needs_account=True).token
        with_consent(study)
        market_link = make_link(study, Actor("rita"), "prolific")
        self.real = {
            "study": study.name, "name": study.name, "network": layer.network.slug,
            "layer": layer.slug, "number": 0, "token": token, "key": held.key, "pk": layer.pk,
            "kind": "layers", "version": 1, "file": "a.png",
        }  # fmt: skip
        self.named = {
            "sign_up": {"token": for_account},
            "switch_study": {"pk": mia.pk},
            "take_back": {"token": dumps(mia.pk, salt=TAKE_BACK)},
            "revoke": {"pk": study.invitations.first().pk},
            "take_role": {"pk": role.pk},
            "forget_known": {"pk": gold.pk},
            "review_answer": {"key": answered.key},
            "open_answer": {"key": answered.key},
            "pay_batch": {"pk": PayoutBatch.objects.create(study=study, market="local").pk},
            "review_hit": {"key": answered.hit.key},
            "market_link": {"pk": market_link.pk},
            "compare_market": {"pk": market_link.pk},
            "worker": {"key": answered.worker.key},
            "run_defaults": {"pk": layer.network.pk},
            "question": {"pk": layer.network.pk},
            "cancel_analysis": {"pk": analysis.pk},
        }
        ProposedRejection.objects.create(assignment=held, reason="No work", grounds="no work")
        self.values = {
            "KEY": answered.key, "LAYER": str(layer.pk), "LAYER NAME": layer_name(layer),
            "WORKER": answered.worker.key,
            "CENTS": str(offer_of(study, PublishRequest()).total_cents),
        }  # fmt: skip
        self.clients = {who: Client() for who in ("anonymous", "annotator", "staff", "member")}
        session = self.clients["annotator"].session
        session["worker"] = mia.pk
        session.save()
        self.clients["annotator"].cookies["sessionid"] = session.session_key
        self.clients["staff"].force_login(self.rita)
        user = User.objects.create_user("mia")
        Worker.objects.filter(pk=mia.pk).update(user=user)
        self.clients["member"].force_login(user)

    def addresses(self):
        """(name, address) of each route, with the parts of a row that is there."""
        for route in routes():
            if route.startswith("api/"):  # it takes no form: tests/api
                continue
            name = resolve(filled(route, self.real)).url_name
            named = {part: str(value) for part, value in self.named.get(name, {}).items()}
            yield name, filled(route, self.real, **named)

    def fields(self, name):
        return {key: self.values.get(value, value) for key, value in FORMS[name][1].items()}


@pytest.fixture
def everybody(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # many sign-ins
    return Everybody()


def encoded(data):
    """A form as a browser sends it; a lone surrogate as the bytes that a program may send."""
    return urlencode(data, doseq=True, errors="surrogatepass")


@contextmanager
def sent(client, address, data, content_type="application/x-www-form-urlencoded"):
    """The response to a form, after which database and cookies are as they were."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        body = encoded(data) if isinstance(data, dict) else data
        yield client.generic("POST", address, body, content_type)
        transaction.set_rollback(True)
    client.cookies = cookies


def test_every_address_that_takes_a_form_has_a_row(everybody):
    taking = set()
    for name, address in everybody.addresses():
        for client in everybody.clients.values():
            with sent(client, address, {}) as response:
                to_sign_in = response.get("Location", "").startswith(reverse("sign_in"))
                if response.status_code not in (403, 405) and not to_sign_in:
                    taking.add(name)
    assert taking == {form.split()[0] for form in FORMS}


def names_read():
    """Every field of a form that the views read by its name."""
    views = (Path(annotator.__file__).parent / "views").rglob("*.py")
    code = "".join(path.read_text() for path in views)
    pattern = r'(?:(?:POST|FILES|data)(?:\.get|\.getlist)?[(\[]"(\w+)"|"(\w+)" in request\.POST)'
    return {first or second for first, second in re.findall(pattern, code)}


def test_every_field_that_a_view_reads_has_a_value():
    rows = {field for _, fields in FORMS.values() for field in fields}
    elsewhere = {
        "table",
        "q",
        "page",
        "images",
        "units_of",
        "shares",
    }  # a file, and the fields of the lab's picker
    assert {"concept", "why", "hide", "pass_percent"} <= names_read()
    assert names_read() - elsewhere <= rows


def kept(model, *fields):
    return list(model.objects.order_by("pk").values_list(*fields))


def lost(before):
    return [row for row in before if row not in kept(Answer, "pk", "concept", "fitting", "remark")]


def posts_of(fields, values):
    """Forms with one field too few, with all too many, and with a hostile value in each field."""
    yield {}
    yield {field: [value] * 50 for field, value in fields.items()}
    yield {field: list(HOSTILE.values()) for field in fields}
    for field in fields:
        others = {other: value for other, value in fields.items() if other != field}
        yield others
        for value in islice(values, 5):
            yield others | {field: value}


@pytest.mark.parametrize("part", range(4))
def test_no_value_of_a_field_is_a_crash_or_loses_an_answer(everybody, part):
    addresses, values = dict(everybody.addresses()), cycle(HOSTILE.values())
    before = kept(Answer, "pk", "concept", "fitting", "remark")
    for form in list(FORMS)[part::4]:
        address, (sender, _) = addresses[form.split()[0]], FORMS[form]
        for data in posts_of(everybody.fields(form), values):
            with sent(everybody.clients[sender], address, data) as response:
                assert response.status_code < 500, (form, str(data)[:300])
                assert lost(before) == [], (form, str(data)[:300])


def test_no_value_of_a_lab_form_is_a_crash(everybody):
    network, values = everybody.named["question"]["pk"], cycle(HOSTILE.values())
    for kind, form in ANALYSIS_FORMS.items():
        address = reverse("question", args=[everybody.study.name, network, kind])
        for field in (*form.base_fields, "q", "page"):
            is_list = (kind, field) in (("occlusion", "images"), ("filters", "units"))
            for value in HOSTILE.values() if is_list else islice(values, 2):
                with sent(everybody.clients["staff"], address, {field: value}) as response:
                    assert response.status_code < 500, (kind, field, value[:80])


BODIES = [  # a content type, and what is no such thing; anybody can add one
    ("application/json", "[" * 10_000),
    ("application/json", '{"revision": 1e999, "content": {}}'),
    ("text/plain", "null"),
    ("multipart/form-data; boundary=a", "--a\r\n"),
    ("multipart/form-data", "a=b"),
]


@pytest.mark.parametrize("sender", ["anonymous", "annotator", "member", "staff"])
def test_no_body_or_file_is_a_crash_for_anybody(everybody, sender):
    client, addresses = everybody.clients[sender], dict(everybody.addresses())
    for form, (_, fields) in FORMS.items():
        files = {name: SimpleUploadedFile("\u202ea.csv", b"\xff\0") for name in [*fields, "table"]}
        bodies = [*BODIES, (MULTIPART_CONTENT, encode_multipart(BOUNDARY, files))]
        for content_type, body in bodies:
            with sent(client, addresses[form.split()[0]], body, content_type) as response:
                assert response.status_code < 500, (form, content_type, body[:80])


NUMBERS = "a number of dollars such as 0.80"
REFUSED = [  # what a form says about a value; anybody can add a row
    ("enter", {"version": "1e9999999"}, "read the consent text again"),
    ("enter", {"version": "-1"}, "read the consent text again"),
    ("sign_up", {"username": "x" * 10_000}, "at most 150 characters"),
    ("sign_up", {"username": "\u202e\u200b"}, "This field is required"),
    ("sign_in", {"username": "a\0b"}, "user name or the password is wrong"),
    ("consent", {"version": "9" * 30}, "read the consent text again"),
    ("hit", {"concept": "\u200b"}, "name in a few words"),
    ("hit", {"concept": "x" * 10_000}, "at most 100 characters"),
    ("hit", {"remark": "x" * 10_000}, "at most 500 characters"),
    ("hit", {"group": "1e9999999"}, "There are six groups"),
    ("hit", {"marked": "-1"}, "shows no picture in slot"),
    ("hit hide", {"hide": "9" * 30}, "no picture"),
    ("draft", {}, "error"),
    ("hide", {"slot": "1e9999999"}, "no picture"),
    ("redundancy", {"wanted": "1e9999999"}, "from 3 to 100; got '1e9999999'"),
    ("redundancy", {"wanted": "-1"}, "from 3 to 100; got '-1'"),
    ("redundancy", {"wanted": ""}, "from 3 to 100; got ''"),
    ("redundancy", {"wanted": "99999"}, "from 3 to 100; got '99999'"),
    ("redundancy adaptive", {"adaptive_most": "Infinity"}, "at most 100"),
    ("invite", {"uses": "-1"}, "greater than or equal to 1"),
    ("invite", {"uses": "1e9999999"}, "Enter a whole number"),
    ("invite", {"days": "9" * 30}, "less than or equal to 3650"),
    ("invite", {"label": "x" * 10_000}, "at most 100 characters"),
    ("invite", {"role": "king"}, "Select a valid choice"),
    ("people", {"account": "\0"}, "no account with the user name"),
    ("people", {"role": "king"}, "choose a role"),
    ("mail_settings", {"email": "no"}, "is no e-mail address"),
    ("reply_to_rejection", {"reply": "\u200b"}, "1 to 1000 characters"),
    ("reply_to_rejection", {"reply": "x" * 10_000}, "1 to 1000 characters"),
    ("publish", {"request": "[" * 10_000}, "choose again what to publish"),
    ("publish", {"request": "[[1, 2]]"}, "choose again what to publish"),
    ("publish", {"request": '{"seed": NaN}'}, "seed"),
    ("publish", {"cents": "-1"}, "Nothing was published: the price is"),
    ("study_run", {"action": "\ud800"}, "choose what to change"),
    ("study_run budget", {"budget": "1e9999999"}, NUMBERS),
    ("study_run minimum", {"minimum": "Infinity"}, NUMBERS),
    ("study_run answers", {"answers": "9" * 30}, "from 1 to 100 answers"),
    ("study_run withdraw", {"layer": "a\0b"}, "has no layer"),
    ("study_run withdraw", {"unit": "1e9999999"}, "have no unit"),
    ("invite_by_mail", {"addresses": "no"}, "no is no e-mail address"),
    ("invite_by_mail", {"addresses": "x" * 30_000}, "at most 20000 characters"),
    ("invite_by_mail", {"days": str(2**63)}, "less than or equal to 3650"),
    ("add_market_link", {"market": "\u202e"}, "Market"),
    ("add_market_link", {"uses": "-1"}, "greater than or equal to 1"),
    ("market_link", {"session_minutes": "9" * 30}, "Session minutes"),
    ("market_link", {"max_minutes": str(2**62)}, "Max minutes"),
    ("market_link", {"fee_percent": "nan"}, "Fee percent"),
    ("market_link", {"return_url": "javascript:alert(1)"}, "begins with https://"),
    ("market_link", {"code completed": "a\0b"}, "4 to 64 letters"),
    ("compare_market", {}, "choose a table"),
    ("approval", {"days": "9" * 30}, "after 1 to 30 days"),
    ("known", {"unit": "-1"}, "unit"),
    ("known", {"unit": "1e9999999"}, "unit"),
    ("known", {"group": "9" * 30}, "group"),
    ("known", {"layer": "9" * 30}, "choose a layer"),
    ("known", {"use": "\u202e"}, "use must be one of"),
    ("known pass mark", {"pass_percent": "nan"}, "from 0 to 100"),
    ("known pass mark", {"pass_percent": "1e9999999"}, "from 0 to 100"),
    ("review", {"decision": "\ud800"}, "at least one answer and a decision"),
    ("review", {"assignment": "9" * 30}, "0 of 1 answers changed"),
    ("review", {"feedback": "x" * 10_000}, "characters"),
    ("review approve all", {"approve_all": "1e9999999"}, "answers match now"),
    ("bonus", {"bonus": "1e9999999"}, NUMBERS),
    ("bonus", {"bonus": "-1"}, NUMBERS),
    ("bonus", {"bonus": "$5"}, NUMBERS),
    ("bonus", {"why": ""}, "reason"),
    ("bonus", {"worker": "a\0b"}, "at least one worker"),
    ("bonus confirmed", {"token": "x" * 10_000}, "at most 64 characters"),
    ("worker", {"why": "\u200b"}, "reason"),
    ("worker", {"why": "x" * 10_000}, "characters"),
    ("merge_concepts", {"word": "x" * 10_000}, "No answer uses"),
    ("merge_concepts", {"into": "x" * 10_000}, "1 to 100 characters"),
    ("keep_concepts_apart", {"word": "a\0b"}, "two words or more"),
]


@pytest.mark.parametrize(("form", "wrong", "sentence"), REFUSED)
def test_a_refused_value_gets_a_sentence(everybody, form, wrong, sentence):
    sender, data = FORMS[form][0], everybody.fields(form) | wrong
    client = everybody.clients[sender]

    response = client.post(
        dict(everybody.addresses())[form.split()[0]],
        encoded(data),
        content_type="application/x-www-form-urlencoded",
        follow=True,
    )

    assert sentence in " ".join(html.unescape(response.content.decode()).split())
