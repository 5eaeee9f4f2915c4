"""No study is opened to people before its consent text says all that it has to."""

import json
import tomllib

import pytest
from django.core.management import CommandError, call_command

from annotator.crowd.access.consent import agree, is_required, newest_text, write_fields
from annotator.crowd.access.consent_fields import (
    HEADINGS,
    REQUIRED,
    ConsentFieldsInvalid,
    default_fields,
    missing_fields,
    parse_fields,
)
from annotator.crowd.access.invitations import enter, invite
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ConsentIncomplete, ConsentMissing
from annotator.models import AuditRow, ConsentGiven, Invitation, Worker
from tests.crowd.consents import ANSWERED, LOGGED, POSTED, agreed, with_consent
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return published_study()


def test_the_fields_are_all_that_a_consent_text_has_to_say():
    assert set(HEADINGS) == {
        "purpose", "logged", "retention", "anonymity", "sharing", "legal_basis", "stopping",
        "withdrawal", "risks", "nothing_in_common", "wrong_names", "not_counted", "contact",
        "ethics", "age",
    }  # fmt: skip
    assert set(REQUIRED) == set(ANSWERED)


@pytest.mark.parametrize("role", ["annotator", "reader"])
def test_no_annotator_is_invited_without_consent_fields(study, role):
    if role == "reader":
        assert invite(study, COMMAND, role=role)
        return
    with pytest.raises(ConsentMissing) as refused:
        invite(study, COMMAND)

    for name in REQUIRED:
        assert f"“{HEADINGS[name]}”" in str(refused.value)
    assert "/studies/rooms/consent/" in str(refused.value)
    assert not Invitation.objects.exists()
    assert invite(with_consent(study), COMMAND)


def test_people_who_agreed_to_the_text_of_before_are_not_asked_again(study):
    ana = enter(Invitation.objects.create(study=study).token, 1)

    assert not is_required(ana)
    assert newest_text(study).fields is None


def test_a_text_with_fields_is_a_new_version_that_everybody_is_asked_for(study):
    ana = enter(Invitation.objects.create(study=study).token, 1)
    with_consent(study)

    assert is_required(ana)
    agree(ana, agreed())
    assert not is_required(ana)
    with_consent(study)
    assert newest_text(study).version == 2
    with_consent(study, retention="Five years.")
    assert newest_text(study).version == 3
    assert [row.detail for row in AuditRow.objects.filter(action="consent written")] == [
        {"version": [2, 3]},
        {"version": [1, 2]},
    ]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", ["", "  \r\n "])
def test_what_only_the_requester_knows_has_to_be_answered(study, name, empty):
    with pytest.raises(ConsentFieldsInvalid) as refused:
        parse_fields(study, ANSWERED | {name: empty})

    assert list(refused.value.errors) == [name]


HOSTILE = [
    ({"age": "Anybody may take part."}, "age", "18"),
    ({"withdrawal_days": 13}, "withdrawal_days", "14"),
    ({"withdrawal_days": "soon"}, "withdrawal_days", "14"),
    ({"withdrawal_days": 10**9}, "withdrawal_days", "3650"),
    ({"colour": "red"}, "colour", "no such field"),
    ({"risks": ""}, "risks", "empty"),
    ({"risks": ["none"]}, "risks", "string"),
    ({"purpose": "x" * 10_001}, "purpose", "10000"),
    ({"contact": "x" * 201}, "contact", "200"),
]


@pytest.mark.parametrize(("given", "name", "why"), HOSTILE)
def test_a_field_that_cannot_be_is_refused_by_name(study, given, name, why):
    with pytest.raises(ConsentFieldsInvalid) as refused:
        parse_fields(study, ANSWERED | given)

    assert why in refused.value.errors[name]


def test_the_text_says_the_days_and_amounts_of_the_study(study):
    study.hourly_cents = 1500
    text = write_fields(study, parse_fields(study, ANSWERED | {"withdrawal_days": 21}), COMMAND)

    for phrase in (
        "until 21 days",
        "30 seconds and entered something in, half of its pay",
        "with $0.25, once",
    ):
        assert phrase in text.text
    assert "{" not in text.text
    assert text.debriefing_cents == 25
    study.refresh_from_db()
    assert (study.withdrawal_days, study.contact) == (21, "ada@example.org")


def test_every_field_stands_in_the_text_under_its_heading(study):
    sections = dict(newest_text(with_consent(study)).sections)

    assert [heading for heading in sections if heading] == [str(h) for h in HEADINGS.values()]
    assert sections["Ethics approval"] == ANSWERED["ethics"]


def test_the_service_text_names_all_that_is_logged(study):
    text = " ".join(default_fields(study)["logged"].lower().split())

    for phrase in LOGGED.values():
        assert phrase in text
    assert "your choices below it" in text
    assert "what you are owed and paid" in text


def test_nobody_enters_without_being_18_or_without_a_choice(study):
    token = invite(with_consent(study), COMMAND).token

    for given in (2, agreed(shares=None)):
        with pytest.raises(ConsentIncomplete):
            enter(token, given)
    assert not Worker.objects.exists()

    ana, ben = enter(token, agreed()), enter(token, agreed(shares=False))
    given = ConsentGiven.objects.order_by("pk").values_list("worker", "is_adult", "shares")
    assert list(given) == [(ana.pk, True, True), (ben.pk, True, False)]
    assert list(Worker.objects.refusing_to_share()) == [ben]


def test_a_study_that_shares_nothing_does_not_ask(study):
    token = invite(with_consent(study, shares_data=False), COMMAND).token

    ana = enter(token, agreed(shares=None))

    assert ana.consents_given.get().shares is None


def test_the_page_asks_for_age_and_choice_and_keeps_what_was_chosen(client, study):
    token = invite(with_consent(study), COMMAND).token
    page = client.get(f"/enter/{token}/").content.decode()
    assert page.count('name="shares"') == 2
    assert 'name="is_adult"' in page

    no_age = {name: value for name, value in POSTED.items() if name != "is_adult"}
    again = client.post(f"/enter/{token}/", no_age).content.decode()

    assert "18 or older" in again
    assert 'value="yes" required checked' in again
    assert client.post(f"/enter/{token}/", POSTED).url == "/hits/"
    assert "Ten years" in client.get("/consent/").content.decode()


def test_the_form_saves_all_or_nothing_and_keeps_what_was_typed(client, study):
    half = ANSWERED | {"ethics": "", "retention": "A hundred years.", "withdrawal_days": "3"}

    page = client.post("/studies/rooms/consent/", half)

    assert page.status_code == 400
    assert "A hundred years." in page.content.decode()
    assert "2 fields need your attention" in page.content.decode()
    assert '<a href="#ethics">' in page.content.decode()
    assert newest_text(study).version == 1
    client.post("/studies/rooms/consent/", ANSWERED)
    assert missing_fields(newest_text(study).fields) == []
    assert not newest_text(study).asks_sharing  # the box was not ticked


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_the_template_of_the_command_is_read_back(study, tmp_path, capsys, suffix):
    hard = 'Zoë\'s "quote", C:\\new\n\n"""three""" \x7f'
    with_consent(study, risks=hard)
    call_command("consent", "rooms", template=True)
    printed = capsys.readouterr().out
    assert tomllib.loads(printed) == newest_text(study).fields
    file = tmp_path / f"consent{suffix}"
    file.write_text(printed if suffix == ".toml" else json.dumps(tomllib.loads(printed)))

    call_command("consent", "rooms", str(file))

    assert newest_text(study).version == 2


def test_the_command_fills_in_the_service_texts(study, tmp_path):
    file = tmp_path / "consent.json"
    file.write_text(json.dumps(ANSWERED))

    call_command("consent", "rooms", str(file))

    assert newest_text(study).fields["risks"] == default_fields(study)["risks"]
    assert invite(study, COMMAND)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("c.toml", "retention = ", "cannot be read"),
        ("c.json", "[1]", "is a list"),
        ("c.json", "{}", "retention: It is empty."),
        ("c.toml", "nothing = 1", "no such field"),
        ("c.toml", None, "cannot be read"),
        ("c.json", b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_a_sentence(study, tmp_path, name, content, why):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(CommandError, match=why):
        call_command("consent", "rooms", str(file))

    assert newest_text(study).version == 1
