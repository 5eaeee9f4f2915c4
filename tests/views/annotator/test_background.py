"""Background requests of a HIT page: drafts with their revision, traces, hidden pictures."""

import json

import pytest
from django.urls import reverse

from annotator.crowd.answers import pictures
from annotator.crowd.scheduling import leases
from annotator.models import Draft, PictureReport, Trace
from tests.crowd.studies import workers

pytestmark = pytest.mark.django_db

FORM = {
    "concept": "green ball",
    "group": 5,
    "second_group": 4,
    "remark": "",
    "says": "concept",
    "marked": [3],
    "view": "region",
    "views": ["region"],
}


def save(client, assignment, body):
    url = reverse("draft", args=[assignment.key])
    content = body if isinstance(body, str) else json.dumps(body)
    return client.post(url, content, content_type="text/plain")


def hide(client, assignment, **sent):
    return client.post(reverse("hide", args=[assignment.key]), sent)


def test_a_draft_is_saved_and_given_back(as_ana, assignment):
    assert as_ana.get(reverse("draft", args=[assignment.key])).json() == {"revision": 0}

    assert save(as_ana, assignment, {"revision": 0, "content": FORM}).json() == {"revision": 1}

    draft = as_ana.get(reverse("draft", args=[assignment.key])).json()
    assert draft == {"revision": 1, "content": FORM}


def test_a_stale_draft_gets_the_newer_one_back(as_ana, assignment):
    save(as_ana, assignment, {"revision": 0, "content": FORM})

    response = save(as_ana, assignment, {"revision": 0, "content": FORM | {"concept": "cube"}})

    assert response.status_code == 409
    assert response.json() == {"revision": 1, "content": FORM}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{",
        "{}",
        '{"revision": 0}',
        '{"revision": "0", "content": {}}',
        "\x00",
        "1",
        "[" * 100_000,
        '{"revision": 0, "content": ' + '{"a":' * 100_000 + "0" + "}" * 100_000 + "}",
        f'{{"revision": 0, "content": {json.dumps(FORM).replace("[3]", "[" * 900 + "]" * 900)}}}',
        f'{{"revision": 0, "content": {json.dumps(FORM).replace("[3]", "9" * 5000)}}}',
        f'{{"revision": "0", "content": {json.dumps(FORM)}}}',
        f'{{"revision": 0.0, "content": {json.dumps(FORM)}}}',
        f'{{"revision": true, "content": {json.dumps(FORM)}}}',
        f'{{"revision": 1e999, "content": {json.dumps(FORM)}}}',
        f'{{"revision": 0, "content": {json.dumps(FORM | {"concept": "x" * 101})}}}',
        f'{{"revision": 0, "content": {json.dumps(FORM | {"view": chr(0xD800)})}}}',
    ],
    ids=lambda body: f"{body[:12]}... of {len(body)}",
)
def test_what_is_no_draft_is_refused(as_ana, assignment, body):
    response = save(as_ana, assignment, body)

    assert response.status_code == 400
    assert response.json()["error"]
    assert not Draft.objects.exists()


@pytest.mark.parametrize("sent", ["[" * 100_000, "null", "\x00", '{"active_seconds": 1e999}', "1"])
def test_what_is_no_trace_costs_nothing(as_ana, assignment, sent):
    response = as_ana.post(
        reverse("trace", args=[assignment.key]), sent, content_type="application/json"
    )

    assert response.status_code == 204
    assert not Trace.objects.exists()


def test_a_draft_keeps_what_can_be_stored_and_seen(as_ana, assignment):
    content = FORM | {"concept": "gr\0een\u200b \ud800ball\u202e", "remark": "\ufeffok\nfine"}

    assert save(as_ana, assignment, {"revision": 0, "content": content}).status_code == 200

    stored = Draft.objects.get().content
    assert (stored["concept"], stored["remark"]) == ("green ball", "ok\nfine")


def test_after_the_answer_nothing_more_is_saved(as_ana, assignment):
    leases.give_back(assignment)

    assert save(as_ana, assignment, {"revision": 0, "content": FORM}).status_code == 410
    assert hide(as_ana, assignment, slot=3).status_code == 410


def test_saving_keeps_the_place(as_ana, assignment):
    assignment.place.leased_until = assignment.accepted_at
    assignment.place.save()

    save(as_ana, assignment, {"revision": 0, "content": FORM})

    assert leases.holds(assignment)


def test_the_page_comes_back_with_the_draft_even_without_javascript(as_ana, assignment):
    save(as_ana, assignment, {"revision": 0, "content": FORM | {"view": "outline"}})

    page = as_ana.get(reverse("hit", args=[assignment.key])).content.decode()

    assert 'value="green ball"' in page
    assert 'value="3" id="slot-3" checked' in page
    assert 'name="view" value="outline" checked' in page


def test_a_picture_is_hidden_and_shown_again(as_ana, assignment):
    assert hide(as_ana, assignment, slot=3, why="not loaded").status_code == 204
    assert PictureReport.objects.get().why == "not loaded"

    assert hide(as_ana, assignment, slot=3, show="").status_code == 204
    assert pictures.hidden_slots(assignment) == frozenset()


@pytest.mark.parametrize("sent", [{}, {"slot": "x"}, {"slot": 63}, {"slot": 3, "why": "ugly"}])
def test_what_is_not_shown_cannot_be_hidden(as_ana, assignment, sent):
    assert hide(as_ana, assignment, **sent).status_code == 400


def test_somebody_elses_draft_does_not_exist(as_ana, assignment):
    ben = workers(assignment.worker.study, "ben")[0]
    bens = leases.accept(ben, assignment.hit)

    assert save(as_ana, bens, {"revision": 0, "content": FORM}).status_code == 404
    assert hide(as_ana, bens, slot=3).status_code == 404
