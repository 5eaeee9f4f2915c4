"""The reviewers' pages: what they show, what they change, and who may."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from annotator.crowd.answers import traces
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import (
    Assignment,
    AuditRow,
    Bonus,
    Hit,
    KnownAnswer,
    Membership,
    Place,
    Study,
    Unit,
    Worker,
)
from tests.crowd.studies import add_verification, published_study, workers

pytestmark = pytest.mark.django_db

REVIEW, WORKERS = "/studies/rooms/review/", "/studies/rooms/workers/"


@pytest.fixture
def study():
    return published_study(layers=(("net", "conv", 3),))


def answer(worker, unit, concept="wheel", marked=(0, 4, 5)):
    assignment = leases.accept(worker, unit.hit)
    trace = {"active_seconds": 90, "paste_count": 0, "focus_lost_count": 0, "mark_order": []}
    seen = {str(slot): 700 for slot in range(6)}
    traces.save(assignment, trace | {"seen_ms": seen, "views": ["outline"]})
    submit(assignment, AnswerForm(concept, 4, frozenset(marked)))
    Assignment.objects.filter(pk=assignment.pk).update(
        accepted_at=F("submitted_at") - timedelta(seconds=100)
    )
    return assignment


@pytest.fixture
def answers(study):
    """Ana's careful answers about three units, then Zoe's, who leaves the catch images."""
    ana, zoe = workers(study, "ana", "zoe")
    units = Unit.objects.filter(layer__network__study=study).prefetch_related("hits")
    careful = [answer(ana, unit, ["wheel", "tire", "car"][unit.number]) for unit in units]
    return [*careful, *(answer(zoe, unit, f"thing {unit.number}", [0]) for unit in units)]


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def statuses():
    return list(Assignment.objects.order_by("pk").values_list("status", flat=True))


def test_the_list_shows_waiting_answers_with_their_quality_signals(client, answers):
    page = text(client.get(REVIEW))

    assert page.count('<li class="card">') == 6
    assert page.count("left 2 of 2 catch images at first submit") == 3
    assert "Unit 2 of conv, net" in page


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
def test_filters_choose(client, answers, query, count):
    assert text(client.get(REVIEW + query)).count('<li class="card">') == count


def test_answers_can_be_sorted_by_their_number_of_signals(client, answers):
    page = text(client.get(REVIEW + "?order=reasons"))

    assert page.index("thing 0") < page.index("wheel")


def test_what_is_chosen_is_decided_about_and_the_filters_stay(client, answers):
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
def test_a_form_that_says_too_little_changes_nothing_and_says_so(client, answers, sent):
    page = client.post(REVIEW, {"assignment": answers[0].key} | sent, follow=True)

    assert "message-warning" in text(page)
    assert statuses() == 6 * ["submitted"]


def test_all_that_filters_choose_is_approved_unless_there_are_more_by_now(client, answers):
    page = client.post(REVIEW + "?signal=catch", {"approve_all": "2"}, follow=True)
    assert "3 answers match now" in text(page)
    client.post(REVIEW + "?signal=catch", {"approve_all": "3"})

    assert statuses() == [*3 * ["submitted"], *3 * ["approved"]]


def test_an_answer_shows_its_pictures_views_and_history(client, answers):
    first = answers[0]
    client.post(f"{REVIEW}{first.key}/", {"assignment": first.key, "decision": "approve"})

    page = text(client.get(f"{REVIEW}{first.key}/"))

    assert page.count("is-marked") == 3
    assert page.count("catch image") >= 2
    assert "the whole image with the region&#x27;s outline" in page
    assert "submitted → approved" in page
    assert statuses()[0] == "approved"


def test_a_hit_takes_another_answer_or_is_withdrawn(client, answers):
    first = answers[0]
    url = f"{REVIEW}hits/{first.hit.key}/"

    client.post(url, {"ask_again": "", "back": first.key})
    assert Place.objects.filter(hit=first.hit).count() == 4
    assert "to review" in text(client.post(url, {"dispose": "", "back": first.key}, follow=True))
    client.post(REVIEW, {"assignment": [one.key for one in answers], "decision": "approve"})
    client.post(url, {"dispose": "", "back": first.key})

    assert Hit.objects.get(pk=first.hit_id).status == Hit.Status.DISPOSED


def test_workers_are_shown_how_far_and_how_carefully(client, study, answers):
    (ben,) = workers(study, "ben")
    leases.give_back(leases.accept(ben, answers[0].hit), "too hard")

    page = text(client.get(WORKERS))

    assert "0 of 6" in page
    assert "marked 0 of 6 catch images at first submit" in page
    assert page.index(">ana<") < page.index(">zoe<") < page.index(">ben<")
    assert "“too hard”" in text(client.get(WORKERS + "ben/"))


def test_a_worker_is_known_by_what_they_did(client, study):
    (ben,) = workers(study, "ben")
    _first, second, third = Unit.objects.order_by("number")
    KnownAnswer.objects.create(unit=third, concepts=["wheel"], for_qualification=True)
    answer(ben, third, "cat")
    Worker.objects.update(qualification_score=0)
    leases.accept(ben, add_verification(study))  # of the first unit
    leases.accept(ben, second.hit)

    page = text(client.get(WORKERS + "ben/"))
    states = re.findall(r'class="state[^>]*>(\w+)<', page)

    assert states == ["accepted", "accepted", "verification", "waiting", "qualification"]
    assert "not qualified" in text(client.get(WORKERS))


def test_an_answer_that_was_asked_about_no_catch_image_says_nothing_of_them(client, study):
    ana, ben = workers(study, "ana", "ben")
    naming = answer(ana, Unit.objects.first())
    verifying = leases.accept(ben, add_verification(study))
    submit(verifying, AnswerForm("", None, frozenset({6})))

    pages = [text(client.get(f"{REVIEW}{one.key}/")) for one in (naming, verifying)]

    assert ["Catch images" in page for page in pages] == [True, False]


def test_where_workers_are_excluded_neither_concept_nor_precision_shows(client, answers):
    for path in (WORKERS, WORKERS + "zoe/", WORKERS + "ana/"):
        page = text(client.get(path))
        assert "wheel" not in page
        assert "thing 0" not in page
        assert "3 of 4" not in page


def test_a_worker_is_excluded_taken_back_in_and_given_a_bonus_once(client, answers):
    url, zoe = WORKERS + "zoe/", Worker.objects.get(key="zoe")

    client.post(url, {"exclude": "yes", "why": ""})
    assert not Worker.objects.filter(excluded_at__isnull=False).exists()
    client.post(url, {"exclude": "yes", "why": "catch images"})
    assert Worker.objects.get(excluded_at__isnull=False) == zoe
    assert "Excluded from results" in text(client.get(url))
    client.post(url, {"include": "yes"})
    assert not Worker.objects.filter(excluded_at__isnull=False).exists()
    for _ in range(2):
        client.post(url, {"bonus": "0.50", "why": "Thanks", "token": "page 0"})
    assert "such as 0.80" in text(client.post(url, {"bonus": "x", "why": "Thanks"}, follow=True))

    assert Bonus.objects.get().cents == 50
    assert "$0.50: Thanks" in text(client.get(url))


def test_keys_with_strokes_have_pages_too(client, study):
    workers(study, "simulated 0/1", kind=Worker.Kind.SIMULATED)

    page = text(client.get(WORKERS + "simulated 0/1/"))

    assert "Simulated workers: no person answered this study." in page


def test_the_study_page_raises_redundancy_and_shows_what_was_given_back(client, study, answers):
    (ben,) = workers(study, "ben")
    leases.give_back(leases.accept(ben, answers[0].hit))

    page = text(client.get("/studies/rooms/"))
    assert "adds 3 answers and costs up to $2.40" in page
    assert "0 of conv, net" in page
    assert "33.3 %" in page

    client.post("/studies/rooms/redundancy/", {"wanted": "4"})
    client.post("/studies/rooms/redundancy/", {"adaptive_most": "6"})
    study.refresh_from_db()
    assert (study.assignments_wanted, study.adaptive_most) == (4, 6)
    assert Place.objects.count() == 12

    for wrong in ({"wanted": "2"}, {"wanted": "x"}, {"wanted": "999"}, {"adaptive_most": "4"}):
        page = client.post("/studies/rooms/redundancy/", wrong, follow=True)
        assert "message-warning" in text(page)
    client.post("/studies/rooms/redundancy/", {"adaptive_most": ""})
    assert Study.objects.get().adaptive_most is None


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
    assert client.post("/studies/rooms/redundancy/", {"wanted": "4"}).status_code == 403


def test_answers_of_another_study_are_not_there(client, answers):
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
