"""The reviewers' list of answers, one answer, and the decisions about them."""

import pytest
from django.contrib.auth.models import User

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import (
    Answer,
    Assignment,
    AuditRow,
    ClosingAnswer,
    Hit,
    Membership,
    Place,
    Study,
    Unit,
)
from tests.crowd.studies import add_verification, workers
from tests.views.reviewer.reviewed import REVIEW, WORKERS, answer, text

pytestmark = pytest.mark.django_db


def statuses():
    return list(Assignment.objects.order_by("pk").values_list("status", flat=True))


def test_the_list_shows_waiting_answers_with_their_quality_signals(client, answers):
    page = text(client.get(REVIEW))

    assert page.count('<li class="card">') == 6
    assert page.count("left 2 of 2 catch images at first submit") == 3
    assert "Unit 2 of conv" in page


def test_reviewers_read_the_remark_and_nothing_about_ai_tools(client, answers):
    first = answers[0]
    Answer.objects.filter(assignment=first).update(remark="Upside <down>")
    ClosingAnswer.objects.create(worker=first.worker, used_ai=True)

    assert "Upside" not in text(client.get(REVIEW)) + text(client.get(f"{REVIEW}{first.key}/"))
    client.post(f"{REVIEW}{first.key}/open/")
    pages = [text(client.get(url)) for url in (REVIEW, f"{REVIEW}{first.key}/")]
    about = text(client.get(f"{WORKERS}{first.worker.key}/"))

    assert all("Upside &lt;down&gt;" in page for page in pages)
    assert "Upside" not in about  # that page hides what workers write about units
    assert not any("AI tool" in page for page in (*pages, about, text(client.get(WORKERS))))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("?signal=any", 3),
        ("?signal=catch", 3),
        ("?signal=fast", 0),
        ("?worker=ana", 3),
        ("?worker=nobody", 0),
        ("?status=approved", 0),
        ("?status=any&order=last", 6),
        ("?status=nonsense&signal=nonsense&order=nonsense&page=nonsense", 6),
    ],
)
def test_filters_select_answers(client, answers, query, count):
    assert text(client.get(REVIEW + query)).count('<li class="card">') == count


def test_answers_can_be_sorted_by_their_number_of_signals(client, answers):
    page = text(client.get(REVIEW + "?order=reasons"))

    assert page.index(">zoe<") < page.index(">ana<")


def test_a_decision_is_about_the_selected_answers_and_keeps_the_filters(client, answers):
    chosen = {"assignment": [answers[0].key, answers[1].key]}

    response = client.post(
        REVIEW + "?worker=ana", chosen | {"decision": "soft-reject", "feedback": "Look closer."}
    )

    assert response["Location"] == REVIEW + "?worker=ana"
    assert statuses() == ["soft-rejected", "soft-rejected", *4 * ["submitted"]]
    row = AuditRow.objects.first()
    assert (row.actor, row.actor_name, row.action) == (None, "at the machine", "soft-rejected")


@pytest.mark.parametrize(
    "sent",
    [
        {"decision": "reject"},
        {"decision": "approve", "assignment": []},
        {"decision": "delete"},
        {},
    ],
)
def test_an_incomplete_decision_changes_nothing_and_warns(client, answers, sent):
    page = client.post(REVIEW, {"assignment": answers[0].key} | sent, follow=True)

    assert "message-warning" in text(page)
    assert statuses() == 6 * ["submitted"]


def test_all_matching_answers_are_approved_unless_their_number_has_changed(client, answers):
    page = client.post(REVIEW + "?signal=catch", {"approve_all": "2"}, follow=True)
    assert "3 answers match now" in text(page)
    client.post(REVIEW + "?signal=catch", {"approve_all": "3"})

    assert statuses() == [*3 * ["submitted"], *3 * ["approved"]]


def test_an_answer_shows_its_pictures_views_and_history(client, answers):
    first = answers[0]
    client.post(f"{REVIEW}{first.key}/", {"assignment": first.key, "decision": "approve"})

    page = text(client.get(f"{REVIEW}{first.key}/"))

    assert page.count("is-marked") == 2  # the catch images; the rest is hidden
    assert page.count("catch image") >= 2
    assert "the whole image with the region&#x27;s outline" in page
    assert "submitted → approved" in page
    assert statuses()[0] == "approved"


BLINDED = ["wheel", "thing 0", "4 of 4 fit", "3 of 4", "Object parts", "apart from the others"]


def test_words_marks_and_other_answers_are_hidden_until_they_are_opened(client, answers):
    first, url = answers[0], f"{REVIEW}{answers[0].key}/"
    for page in (text(client.get(REVIEW + "?status=any")), text(client.get(url))):
        assert [words for words in BLINDED if words in page] == []
    assert "Unit 0 of conv" in text(client.get(REVIEW))

    page = text(client.post(f"{url}open/", follow=True))

    assert "<bdi>wheel</bdi>" in page
    assert "<bdi>thing 0</bdi>" in page  # Zoe's answer to the same HIT
    assert page.count("is-marked") == 3
    listed = text(client.get(REVIEW))
    assert "<bdi>wheel</bdi>" in listed
    assert "<bdi>thing 0</bdi>" in listed
    assert "<bdi>thing 1</bdi>" not in listed  # of another HIT
    assert AuditRow.objects.get(action="open answer").assignment == first


def test_what_one_reviewer_opens_stays_closed_for_another(client, settings, study, answers):
    settings.EMBEDDED = False
    url = f"{REVIEW}{answers[0].key}/"
    for name in ("mia", "rex"):
        user = User.objects.create(username=name)
        Membership.objects.create(user=user, study=study, role="reviewer")
    client.force_login(User.objects.get(username="mia"))
    client.post(f"{url}open/")
    client.force_login(User.objects.get(username="rex"))

    assert "<bdi>wheel</bdi>" not in text(client.get(url))


def test_a_decision_after_opening_is_logged_as_not_blind(client, answers):
    first = answers[0]
    client.post(f"{REVIEW}{first.key}/open/")
    client.post(REVIEW, {"assignment": [first.key, answers[1].key], "decision": "soft-reject"})

    rows = AuditRow.objects.filter(action="soft-rejected").order_by("assignment")
    assert [row.detail.get("blind", True) for row in rows] == [False, True]


@pytest.mark.parametrize("signal", ["apart", "share", "wording"])
def test_answers_are_not_listed_by_signals_that_use_words_or_precision(client, answers, signal):
    page = text(client.get(f"{REVIEW}?signal={signal}"))

    assert page.count('<li class="card">') == 6
    assert f'value="{signal}"' not in page


def test_words_are_opened_by_a_post_alone(client, answers):
    assert client.get(f"{REVIEW}{answers[0].key}/open/").status_code == 405
    assert not AuditRow.objects.exists()


def test_a_hit_takes_another_answer_or_is_withdrawn(client, answers):
    first = answers[0]
    url = f"{REVIEW}hits/{first.hit.key}/"

    client.post(url, {"ask_again": "", "back": first.key})
    assert Place.objects.filter(hit=first.hit).count() == 4
    assert "to review" in text(client.post(url, {"dispose": "", "back": first.key}, follow=True))
    client.post(REVIEW, {"assignment": [one.key for one in answers], "decision": "approve"})
    client.post(url, {"dispose": "", "back": first.key})

    assert Hit.objects.get(pk=first.hit_id).status == Hit.Status.DISPOSED


@pytest.mark.parametrize("back", ["//x", "", "\0", "../..", "nobody"])
def test_a_hit_is_changed_only_from_the_page_of_one_of_its_answers(client, answers, back):
    url = f"{REVIEW}hits/{answers[0].hit.key}/"

    assert client.post(url, {"ask_again": "", "back": back}).status_code == 404

    assert Place.objects.filter(hit=answers[0].hit).count() == 3


def test_an_answer_without_catch_images_does_not_mention_them(client, study):
    ana, ben = workers(study, "ana", "ben")
    naming = answer(ana, Unit.objects.first())
    verifying = leases.accept(ben, add_verification(study))
    submit(verifying, AnswerForm("", None, frozenset({6})))

    pages = [text(client.get(f"{REVIEW}{one.key}/")) for one in (naming, verifying)]

    assert ["Catch images" in page for page in pages] == [True, False]


def test_reviewers_review_and_readers_do_not(client, settings, study, answers):
    settings.EMBEDDED = False
    for name, role in (("rita", "reader"), ("mia", "reviewer")):
        user = User.objects.create(username=name)
        Membership.objects.create(user=user, study=study, role=role)
    paths = [REVIEW, f"{REVIEW}{answers[0].key}/", WORKERS, WORKERS + "ana/", "/review/"]
    chosen = {"assignment": answers[0].key, "decision": "approve"}

    client.force_login(User.objects.get(username="rita"))
    assert {client.get(path).status_code for path in paths} == {403}
    assert client.post(REVIEW, chosen).status_code == 403
    client.force_login(User.objects.get(username="mia"))
    assert {client.get(path).status_code for path in paths} == {200}
    client.post(REVIEW, chosen)

    assert AuditRow.objects.get().actor.username == "mia"
    more = {"action": "answers", "answers": "4"}
    assert client.post("/studies/rooms/run/", more).status_code == 403


def test_answers_of_another_study_are_not_found(client, answers):
    Study.objects.create(name="other")

    response = client.get(f"/studies/other/review/{answers[0].key}/")
    client.post("/studies/other/review/", {"assignment": answers[0].key, "decision": "approve"})

    assert response.status_code == 404
    assert statuses() == 6 * ["submitted"]


def test_a_page_of_the_list_takes_a_fixed_number_of_queries(client, answers):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(query):
        with CaptureQueriesContext(connection) as captured:
            text(client.get(REVIEW + query))
        return len(captured)

    assert queries("?worker=ana") == queries("") <= 14
