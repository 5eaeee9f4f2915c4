"""Whatever a form sends, the answer is a page with a sentence, never a crash; nothing is lost.

FORMS of tests/views/everybody.py has a row for each address that takes a form, HOSTILE a value for
every field, REFUSED what a form says about a value. Anybody can add a row to each.
"""

import html
import re
from itertools import cycle, islice
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

import annotator
from annotator.models import Answer, Network
from annotator.views.lab.options import ANALYSIS_FORMS
from tests.views.everybody import FORMS, encoded, sent

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.slow]

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


def posts_of(fields, values, count):
    """Forms with one field too few, with all too many, and with hostile values in each field."""
    yield {}
    yield {field: [value] * 50 for field, value in fields.items()}
    yield {field: list(HOSTILE.values()) for field in fields}
    for field in fields:
        others = {other: value for other, value in fields.items() if other != field}
        yield others
        for value in islice(values, count):
            yield others | {field: value}


# The short run gives each field one value, in turn, so that each value comes to
# many fields.
@pytest.mark.parametrize(
    "count", [1, pytest.param(len(HOSTILE), marks=pytest.mark.thorough)], ids=["some", "all"]
)
def test_no_value_of_a_field_is_a_crash_or_loses_an_answer(everybody, count):
    addresses, values = dict(everybody.addresses()), cycle(HOSTILE.values())
    before = kept(Answer, "pk", "concept", "fitting", "remark")
    for form in FORMS:
        address, (sender, _) = addresses[form.split()[0]], FORMS[form]
        for data in posts_of(everybody.fields(form), values, count):
            with sent(everybody.clients[sender], address, data) as response:
                assert response.status_code < 500, (form, str(data)[:300])
                assert lost(before) == [], (form, str(data)[:300])


def test_no_value_of_a_lab_form_is_a_crash(everybody):
    network = Network.objects.get(pk=everybody.named["question"]["pk"])
    for form in ANALYSIS_FORMS.values():
        for field in form.base_fields:
            for value in HOSTILE.values():
                bound = form(network, QueryDict(encoded({field: value})), defaults=None)
                if bound.is_valid():  # as the page does with it
                    bound.options()


def test_the_page_of_a_lab_form_shows_hostile_values_of_all_its_fields_at_once(everybody):
    values, network = cycle(HOSTILE.values()), everybody.named["question"]["pk"]
    for kind, form in ANALYSIS_FORMS.items():
        names = [*form.base_fields, "q", "page"]
        posts = [dict(zip(names, values, strict=False)) for _ in range(2)]
        if kind == "occlusion":  # it lists images to pick
            posts += [{"images": value, "q": value, "page": value} for value in HOSTILE.values()]
        address = reverse("question", args=[everybody.study.name, network, kind])
        for data in posts:
            with sent(everybody.clients["staff"], address, data) as response:
                assert response.status_code < 500, (kind, str(data)[:300])


BODIES = [  # a content type, and what is no such thing; anybody can add one
    ("application/json", "[" * 10_000),
    ("application/json", '{"revision": 1e999, "content": {}}'),
    ("text/plain", "null"),
    ("multipart/form-data; boundary=a", "--a\r\n"),
    ("multipart/form-data", "a=b"),
]


def bodies_of(fields):
    files = {name: SimpleUploadedFile("\u202ea.csv", b"\xff\0") for name in [*fields, "table"]}
    return [*BODIES, (MULTIPART_CONTENT, encode_multipart(BOUNDARY, files))]


# In the short run a form gets each body from whom it is for, and from the others in turn.
@pytest.mark.parametrize(
    "at_once", [1, pytest.param(4, marks=pytest.mark.thorough)], ids=["some", "all"]
)
def test_no_body_or_file_is_a_crash_for_anybody(everybody, at_once):
    addresses, visitors = dict(everybody.addresses()), list(everybody.clients)
    for row, (form, (sender, fields)) in enumerate(FORMS.items()):
        for number, (content_type, body) in enumerate(bodies_of(fields), row):
            for who in {sender, *islice(cycle(visitors), number, number + at_once)}:
                client, address = everybody.clients[who], addresses[form.split()[0]]
                with sent(client, address, body, content_type) as response:
                    assert response.status_code < 500, (who, form, content_type, body[:80])


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
    ("study_run answers", {"answers": "-1"}, "from 1 to 100 answers"),
    ("study_run answers", {"answers": ""}, "from 1 to 100 answers"),
    ("study_run maximum", {"maximum": "Infinity"}, "from 4 to 100"),
    ("study_run withdraw", {"layer": "a\0b"}, "has no layer"),
    ("study_run withdraw", {"unit": "1e9999999"}, "have no unit"),
    ("invite_by_mail", {"addresses": "no"}, "no is no e-mail address"),
    ("invite_by_mail", {"addresses": "x" * 30_000}, "at most 20000 characters"),
    ("invite_by_mail", {"days": str(2**63)}, "less than or equal to 3650"),
    ("add_market_link", {"market": "\u202e"}, "Market"),
    ("add_market_link", {"uses": "-1"}, "greater than or equal to 1"),
    ("market_link", {"session_minutes": "9" * 30}, "Minutes of a session"),
    ("market_link", {"max_minutes": str(2**62)}, "Minutes until a session is timed out"),
    ("market_link", {"fee_percent": "nan"}, "Fee of the market (percent)"),
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


def test_a_refused_value_gets_a_sentence(everybody):
    addresses, silent = dict(everybody.addresses()), []
    for form, wrong, sentence in REFUSED:
        client, data = everybody.clients[FORMS[form][0]], everybody.fields(form) | wrong
        with sent(client, addresses[form.split()[0]], data, follow=True) as response:
            text = " ".join(html.unescape(response.content.decode()).split())
        if sentence not in text:
            silent.append(
                f"{form}, {str(wrong)[:100]}: no {sentence!r}, status {response.status_code}"
            )
    assert not silent, "\n".join(silent)
