"""A study that has everything, everybody who visits it, and every form that they can send."""

from contextlib import contextmanager
from copy import deepcopy
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import dumps
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils.http import urlsafe_base64_encode

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
from annotator.results.output.snapshots.lifecycle import take
from annotator.views.annotator.debriefing import SALT as TAKE_BACK
from tests.crowd.consents import with_consent
from tests.crowd.studies import workers
from tests.results.studies import answered_study, get_unit
from tests.views.test_hostile_addresses import filled, routes

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
    "choose_password": (
        "anonymous",
        {"new_password1": "a-Long-1", "new_password2": "a-Long-1"},
    ),
    "consent": ("annotator", {"answer": "yes", "version": "1", "is_adult": "on"}),
    "closing": ("annotator", {"used_ai": "no"}),
    "check": ("annotator", {"choice": "1", "number": "1"}),
    "stop": ("annotator", {}),
    "delete_my_data": ("annotator", {}),
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
    "study_run maximum": ("staff", {"action": "maximum", "maximum": "5"}),
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
        | {"fee_percent": "33.3", "base_cents": "6.00", "has_attention_checks": "on"}
        | {f"code {outcome}": f"CODE-{number}" for number, outcome in enumerate(Outcome)},
    ),
    "compare_market": ("staff", {f"column {part}": part for part in COLUMNS}),
    "pay": ("staff", {"market": "local", "link": ""}),
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
        for each in (hit, get_unit(study).hit):  # beyond the planned answers: nothing is hidden
            each.places.create(number=100)
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
            "uidb64": urlsafe_base64_encode(str(self.rita.pk).encode()),
        }  # fmt: skip
        self.named = {
            "sign_up": {"token": for_account},
            "choose_password": {"token": "set-password"},
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
        session = self.clients["anonymous"].session
        session["_password_reset_token"] = default_token_generator.make_token(self.rita)
        session.save()
        self.clients["anonymous"].cookies["sessionid"] = session.session_key
        self.clients["staff"].force_login(self.rita)
        user = User.objects.create_user("mia")
        Worker.objects.filter(pk=mia.pk).update(user=user)
        self.clients["member"].force_login(user)
        take(study)  # or each page of its results would make one, which is rolled back with it

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


def encoded(data):
    """A form as a browser sends it; a lone surrogate as the bytes that a program may send."""
    return urlencode(data, doseq=True, errors="surrogatepass")


@contextmanager
def sent(client, address, data, content_type="application/x-www-form-urlencoded", follow=False):
    """The response to a form, after which database and cookies are as they were.

    Args:
        follow: give the page that the response leads to.
    """
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        body = encoded(data) if isinstance(data, dict) else data
        response = client.generic("POST", address, body, content_type)
        while follow and "Location" in response:
            response = client.get(response["Location"])
        yield response
        transaction.set_rollback(True)
    client.cookies = cookies
