"""The Recruit pages: invite links with QR codes, e-mail, market links, and comparing tables."""

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.crowd.audit import COMMAND
from annotator.models import AuditRow, CompletionCode, Invitation, MarketLink, Outcome, Worker
from annotator.publishing import running_studies
from tests.crowd.consents import with_consent
from tests.crowd.markets import NUMBER, code_of, participant_of, prolific_link
from tests.crowd.studies import published_study
from tests.views.annotator.prolific import Prolific, Visitor, code_on

pytestmark = pytest.mark.django_db

PAGE = "/studies/rooms/recruit/"


@pytest.fixture
def rooms():
    return with_consent(published_study(layers=(("squeezenet", "conv10", 6),), worker_share=1))


def terms_of(link, **changed):
    """The form of a market link's page as it is filled in, with some changes."""
    names = ("participant_parameter", "study_parameter", "session_parameter", "study_number")
    more = ("return_url", "session_minutes", "max_minutes", "fee_percent")
    form = {name: getattr(link, name) for name in names + more}
    codes = {f"code {row.outcome}": row.code for row in link.codes.all()}
    return form | codes | changed


def test_an_invite_link_has_a_copy_button_and_a_qr_code(client, rooms):
    made = Invitation.objects.create(study=rooms)

    page = client.get(PAGE).content.decode()
    code = client.get(f"{PAGE}{made.pk}/qr.svg")

    assert f"/enter/{made.token}/" in page
    assert f'data-copy="copy-{made.pk}"' in page
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<svg" in code.content


def test_pages_say_what_newcomers_read_while_nobody_new_gets_in(client, rooms):
    sentence = "This study is paused, so nobody new can start at the moment."
    link = prolific_link(rooms)
    pages = [PAGE, f"{PAGE}markets/{link.pk}/"]

    for page in pages:
        assert sentence not in client.get(page).content.decode()
    running_studies.pause(rooms, COMMAND)
    for page in [*pages, Prolific(link).address()]:
        assert sentence in client.get(page).content.decode()


def test_each_address_gets_a_link_of_its_own_and_is_stored_nowhere(client, rooms):
    client.post(f"{PAGE}mail/", {"addresses": "ana@x.test, ben@x.test\nANA@x.test", "days": "7"})

    assert [message.to for message in mail.outbox] == [["ana@x.test"], ["ben@x.test"]]
    links = [re.search(r"/enter/([\w-]+)/", message.body)[1] for message in mail.outbox]
    rows = [Invitation.objects.with_token(link) for link in links]
    assert [(row.uses_left, row.is_personal) for row in rows] == [(1, True)] * 2
    assert len(set(links)) == 2
    stored = [*Invitation.objects.values_list("label", flat=True), *AuditRow.objects.values()]
    assert "x.test" not in str(stored)
    assert "rooms" not in mail.outbox[0].body, "annotators do not see what it is about"


@pytest.mark.parametrize(
    ("addresses", "sentence"),
    [
        ("", "E-mail addresses"),
        ("   ", "E-mail addresses"),
        ("ana@x.test, ben", "ben is no e-mail address"),
        ("ana@x.test\r\nBcc: eve", "Bcc: is no e-mail address"),
        (" ".join(f"p{n}@x.test" for n in range(201)), "At most 200"),
    ],
)
def test_a_list_with_a_wrong_address_sends_nothing(client, rooms, addresses, sentence):
    page = client.post(f"{PAGE}mail/", {"addresses": addresses}, follow=True)

    assert sentence in page.content.decode()
    assert not mail.outbox
    assert not Invitation.objects.exists()


def test_where_mail_cannot_be_sent_the_link_is_revoked_and_the_address_named(
    client, rooms, settings
):
    settings.EMAIL_BACKEND = "tests.views.requester.test_recruitment.Refusing"

    page = client.post(f"{PAGE}mail/", {"addresses": "ana@x.test"}, follow=True)

    assert "Nothing could be sent to ana@x.test" in page.content.decode()
    assert Invitation.objects.get().revoked_at


class Refusing:
    """A mail server that is away."""

    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError


def test_a_personal_link_is_one_worker_on_every_device(client, rooms):
    made = Invitation.objects.create(study=rooms, uses_left=1, is_personal=True)
    for _ in range(2):
        device = Visitor(f"/enter/{made.token}/")
        device.answer()

    assert Worker.objects.count() == 1
    assert device.open("/hits/").status_code == 200


def test_a_prolific_link_has_its_address_and_six_secret_codes(client, rooms):
    page = client.post(f"{PAGE}markets/", {"market": "prolific", "uses": "30"}, follow=True)

    link = MarketLink.objects.get()
    text = page.content.decode()
    wanted = (
        f"/enter/{link.invitation.token}/?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}&amp;"
        "STUDY_ID={{%STUDY_ID%}}&amp;SESSION_ID={{%SESSION_ID%}}"
    )
    assert wanted in text
    codes = set(link.codes.values_list("code", flat=True))
    assert len(codes) == len(Outcome)
    assert all(f'value="{code}"' in text for code in codes)
    assert link.return_url == "https://app.prolific.com/submissions/complete?cc={code}"
    assert link.invitation.uses_left == 30


@pytest.mark.parametrize(
    ("market", "names"),
    [
        ("connect", ("participantId", "projectId", "assignmentId")),
        ("sona", ("participant", "", "")),
    ],
)
def test_other_markets_have_parameters_that_can_be_changed(client, rooms, market, names):
    client.post(f"{PAGE}markets/", {"market": market})
    link = MarketLink.objects.get()

    parameters = (link.participant_parameter, link.study_parameter, link.session_parameter)
    client.post(f"{PAGE}markets/{link.pk}/", terms_of(link, participant_parameter="id"))

    assert parameters == names
    assert MarketLink.objects.get().participant_parameter == "id"


def test_a_market_whose_parameters_are_named_leads_people_in_and_back(client, rooms):
    client.post(f"{PAGE}markets/", {"market": "sona"})
    link = MarketLink.objects.get()
    changed = {"participant_parameter": "survey_code", "return_url": "https://s.test/{code}"}
    client.post(f"{PAGE}markets/{link.pk}/", terms_of(link, **changed))
    visitor = Visitor(f"/enter/{link.invitation.token}/?survey_code=41")
    visitor.answer()

    page = visitor.client.post("/stop/", follow=True)

    code = CompletionCode.objects.get(outcome="stopped").code
    assert (page.context["code"], page.context["address"]) == (code, f"https://s.test/{code}")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"session_minutes": "5"}, "15 to 30 minutes"),
        ({"session_minutes": "31"}, "15 to 30 minutes"),
        ({"base_cents": "6.005"}, "number of dollars"),
        ({"fee_percent": "-1"}, "0 to 200 percent"),
        ({"fee_percent": "nan"}, "number"),
        ({"return_url": "javascript:alert(1)"}, "begins with https://"),
        ({"return_url": "http://m.test/{code}"}, "begins with https://"),
        ({"code stopped": "CODE-COMPLETED"}, "a code of its own"),
        ({"code stopped": ""}, "4 to 64 letters"),
        ({"code stopped": "a b<c>"}, "4 to 64 letters"),
        ({"participant_parameter": ""}, "required"),
    ],
)
def test_terms_that_cannot_be_are_refused_with_a_sentence(client, rooms, changed, sentence):
    link = prolific_link(rooms)

    page = client.post(f"{PAGE}markets/{link.pk}/", terms_of(link, **changed), follow=True)

    assert sentence in page.content.decode()
    assert CompletionCode.objects.get(outcome="stopped").code == code_of("stopped")
    assert MarketLink.objects.get().session_minutes == link.session_minutes


def test_codes_of_the_market_are_pasted_and_their_change_is_logged_without_them(client, rooms):
    link = prolific_link(rooms)

    form = terms_of(link, **{"code completed": "C1KX9Q2Z", "has_attention_checks": "on"})
    client.post(f"{PAGE}markets/{link.pk}/", form)

    assert CompletionCode.objects.get(outcome="completed").code == "C1KX9Q2Z"
    row = AuditRow.objects.get(action="market link")
    assert row.detail["has_attention_checks"] == [False, True]
    assert "C1KX9Q2Z" not in str(row.detail)
    visitor = Visitor(Prolific(link).address())
    visitor.answer()
    assert code_on(visitor.client.post("/stop/", follow=True)) == code_of("stopped")


def test_a_table_of_the_market_is_compared_on_the_page(client, rooms):
    link = prolific_link(rooms)
    participant_of(link)
    table = (
        f"Submission id,Participant id,Status\nx1,{'ab' * 12},APPROVED\ns{NUMBER},{NUMBER},ACTIVE\n"
    )
    upload = SimpleUploadedFile("prolific.csv", table.encode())

    page = client.post(f"{PAGE}markets/{link.pk}/compare/", {"table": upload}).content.decode()

    assert "Paid there, unknown here (1)" in page
    assert "ab" * 12 in page
    assert "1 submission agrees" in page


def test_a_file_that_is_no_table_is_refused_by_its_name(client, rooms):
    link = prolific_link(rooms)
    upload = SimpleUploadedFile("notes.csv", b"Name,Age\nx,1\n")

    address = f"{PAGE}markets/{link.pk}/compare/"
    page = client.post(address, {"table": upload}, follow=True).content.decode()

    assert "no column participant, status" in page


def test_the_pages_ask_no_more_of_the_database_with_many_links(
    client, rooms, django_assert_max_num_queries
):
    for _ in range(8):
        prolific_link(rooms)
        Invitation.objects.create(study=rooms)

    with django_assert_max_num_queries(12):
        client.get(PAGE)


def test_a_link_of_another_study_is_not_found(client, rooms):
    link = prolific_link(published_study("other"))

    for address in (f"{PAGE}markets/{link.pk}/", f"{PAGE}{link.pk}/qr.svg"):
        assert client.get(address).status_code == 404
