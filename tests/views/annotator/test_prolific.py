"""The journey of people from Prolific, whole: entry, consent, a session of sets, their code."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from annotator.crowd.access.sessions import expire_sessions
from annotator.models import (
    Answer,
    Assignment,
    Hit,
    LedgerEntry,
    MarketSession,
    Outcome,
    Participant,
    Place,
    Worker,
)
from tests.crowd.consents import with_consent
from tests.crowd.markets import NUMBER, code_of, prolific_link
from tests.crowd.studies import published_study
from tests.views.annotator.prolific import (
    SESSION_NUMBER,
    STUDY_NUMBER,
    Prolific,
    Visitor,
    code_on,
    is_hit,
)

pytestmark = pytest.mark.django_db

OTHER = "ab12" * 6


@pytest.fixture(autouse=True)
def study():
    return published_study(layers=(("squeezenet", "conv10", 12),), worker_share=1)


@pytest.fixture
def link(study):
    return prolific_link(study)


@pytest.fixture
def prolific(link):
    return Prolific(link)


def entered(prolific, **names):
    """Somebody who has agreed, and the first set."""
    visitor = Visitor(prolific.address(**names))
    visitor.answer()
    return visitor, visitor.next()


def test_the_entry_page_asks_for_no_address_and_says_what_is_kept(prolific):
    page = Visitor(prolific.address()).open().content.decode()

    assert "A session is 5 sets and takes about 20 minutes" in page
    assert "Your number at Prolific is kept" in page
    assert 'type="email"' not in page
    assert not Participant.objects.exists(), "opening a link changes nothing"


def test_a_completed_session_leads_to_its_code(prolific):
    visitor, page = entered(prolific)
    for _ in range(5):
        assert is_hit(page)
        page = visitor.label(page)

    assert code_on(page) == code_of("completed")
    assert Answer.objects.count() == 5
    assert Participant.objects.get().number == NUMBER
    assert not is_hit(visitor.next())


def test_no_consent_leads_to_its_code_and_makes_no_worker(prolific):
    page = Visitor(prolific.address()).answer(yes=False)

    assert code_on(page) == code_of("no consent")
    assert not Worker.objects.exists()


def test_who_stops_half_way_gets_that_code_and_is_paid_what_is_done(prolific):
    visitor, page = entered(prolific)
    visitor.label(page)
    page = visitor.client.post("/stop/", follow=True)

    assert code_on(page) == code_of("stopped")
    assert LedgerEntry.objects.filter(kind="reward").count() == 1


def test_whose_time_is_over_gets_that_code_and_may_finish_the_set_in_hand(prolific):
    visitor, page = entered(prolific)
    MarketSession.objects.update(started_at=now() - timedelta(minutes=91))

    assert code_on(visitor.label(page)) == code_of("timed out")
    assert LedgerEntry.objects.filter(kind="reward").count() == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([True, True], "completed"),
        ([False, True], "completed"),
        ([True, False], "completed"),
        ([False, False], "failed checks"),
    ],
)
def test_only_two_failed_checks_fail_a_session(study, answers, outcome):
    prolific = Prolific(prolific_link(study, has_attention_checks=True))
    visitor, page = entered(prolific)
    answers = list(answers)
    while "code" not in page.context:
        page = visitor.label(page) if is_hit(page) else visitor.check(page, answers.pop(0))

    assert code_on(page) == code_of(outcome)
    done = Answer.objects.count()
    assert done == (5 if outcome == "completed" else 3)
    assert LedgerEntry.objects.filter(kind="reward").count() == done, "what is done is paid"


def test_no_catch_image_repeat_or_speed_fails_a_session(prolific):
    """Every catch image is left, each set takes no time: the session is completed."""
    visitor, page = entered(prolific)
    while is_hit(page):
        page = visitor.label(page)

    assert Answer.objects.filter(catch_marked_at_first=0).count() == 5
    assert code_on(page) == code_of("completed")


def test_a_check_is_readable_and_answered_once(study):
    prolific = Prolific(prolific_link(study, has_attention_checks=True))
    visitor, page = entered(prolific)
    page = visitor.label(page)
    asked = page.context["question"].asked

    assert f"choose “{asked.label}” here" in page.content.decode()
    visitor.check(page, right=False)
    form = {"number": "1", "choice": int(asked)}
    visitor.client.post("/check/", form)

    session = MarketSession.objects.get()
    assert session.checks.get().chosen != asked
    assert visitor.open("/check/").redirect_chain, "none is due"


@pytest.mark.parametrize("ending", ["completed", "no consent", "stopped"])
def test_a_repeated_visit_shows_the_same_code_on_a_second_device_too(prolific, ending):
    visitor = Visitor(prolific.address())
    visitor.answer(yes=ending != "no consent")
    if ending == "completed":
        page = visitor.next()
        while is_hit(page):
            page = visitor.label(page)
    if ending == "stopped":
        visitor.client.post("/stop/")

    codes = [code_on(each.open()) for each in (visitor, visitor, Visitor(prolific.address()))]

    assert codes == [code_of(ending)] * 3
    assert MarketSession.objects.count() == 1
    # Nor does anything that is sent again get another code.
    for device in (visitor, Visitor(prolific.address())):
        assert code_on(device.answer()) == code_of(ending)
        assert code_on(device.answer(yes=False)) == code_of(ending)


def test_a_second_device_goes_on_with_the_same_work(prolific):
    phone, page = entered(prolific)
    phone.label(page)
    laptop = Visitor(prolific.address())

    assert "1 of 5 sets" in laptop.open().content.decode()
    assert is_hit(laptop.next())
    assert Worker.objects.count() == Participant.objects.count() == 1


def test_people_who_share_a_browser_are_different_workers(prolific):
    ana, page = entered(prolific)
    ana.label(page)
    ben = Visitor(prolific.address(pid=OTHER, session="77ff" * 6))
    ben.client = ana.client
    ben.answer()

    assert Worker.objects.count() == 2
    assert "0 of 5 sets" in ben.open().content.decode()
    assert "1 of 5 sets" in ana.open().content.decode()


def test_agreeing_twice_begins_one_session(prolific):
    for _ in range(2):
        Visitor(prolific.address()).answer()

    assert MarketSession.objects.count() == Worker.objects.count() == 1


def test_another_submission_of_the_same_person_is_another_session_of_one_worker(prolific):
    visitor, _page = entered(prolific)
    visitor.client.post("/stop/")
    again = Visitor(prolific.address(session="77ff" * 6))

    assert is_hit((again.answer(), again.next())[1])
    assert code_on(visitor.open()) == code_of("stopped")
    assert (Worker.objects.count(), MarketSession.objects.count()) == (1, 2)


# What stands in an address, and the sentence by which it is refused.
REFUSED = [
    ({"pid": "{{%PROLIFIC_PID%}}"}, "has not filled in PROLIFIC_PID"),
    ({"session": "{{%SESSION_ID%}}"}, "has not filled in SESSION_ID"),
    ({"pid": "[[%PROLIFIC_PID%]]"}, "has not filled in PROLIFIC_PID"),
    ({"pid": ""}, "lacks PROLIFIC_PID"),
    ({"pid": "   "}, "lacks PROLIFIC_PID"),
    ({"session": ""}, "lacks SESSION_ID"),
    ({"STUDY_ID": ""}, "lacks STUDY_ID"),
    ({"pid": "me"}, "has as PROLIFIC_PID is no number"),
    ({"pid": "5f8d" * 5}, "has as PROLIFIC_PID is no number"),
    ({"pid": "5f8d" * 7}, "has as PROLIFIC_PID is no number"),
    ({"pid": "٣" * 24}, "has as PROLIFIC_PID is no number"),
    ({"pid": "' OR 1=1 --"}, "has as PROLIFIC_PID is no number"),
    ({"pid": "deleted 1"}, "has as PROLIFIC_PID is no number"),
    ({"session": "../" * 8}, "has as SESSION_ID is no number"),
    ({"STUDY_ID": "bb22" * 6}, "for another study at Prolific"),
]


@pytest.mark.parametrize(("names", "sentence"), REFUSED)
def test_an_address_that_cannot_be_is_refused_with_a_sentence(study, names, sentence):
    visitor = Visitor(Prolific(prolific_link(study, study_number=STUDY_NUMBER)).address(**names))

    for page in (visitor.open(), visitor.answer(), visitor.answer(yes=False)):
        assert page.status_code == 403
        assert sentence in page.content.decode()
    assert not Participant.objects.exists()
    assert not Worker.objects.exists()


def test_a_parameter_given_twice_is_refused_unless_it_says_the_same(prolific):
    once = prolific.address()

    assert "twice" in Visitor(f"{once}&PROLIFIC_PID={OTHER}").open().content.decode()
    assert Visitor(f"{once}&PROLIFIC_PID={NUMBER}").open().status_code == 200


def test_a_closed_link_takes_nobody_new_and_resumes_who_has_entered(prolific, link):
    visitor, page = entered(prolific)
    link.invitation.revoked_at = now()
    link.invitation.save()

    assert Visitor(prolific.address(pid=OTHER)).open().status_code == 403
    assert is_hit((Visitor(prolific.address()).open(), visitor.next())[1])
    assert visitor.label(page).status_code == 200


def test_the_pages_of_a_session_are_for_its_worker(client):
    for address in ("/finished/", "/check/", "/debriefing/"):
        assert client.get(address).status_code == 403
    assert client.post("/stop/").status_code == 403


def test_every_outcome_has_a_page_with_its_code(link):
    """Those that are reached above and those that are not."""
    for number, outcome in enumerate(Outcome):
        pid = f"{number:024x}"
        participant = Participant.objects.create(
            study=link.invitation.study,
            link=link,
            market="prolific",
            number=pid,
            worker=Worker.objects.create(study=link.invitation.study, invitation=link.invitation),
        )
        MarketSession.objects.create(
            participant=participant,
            number=SESSION_NUMBER,
            set_count=3,
            outcome=outcome,
            ended_at=now(),
        )
        page = Visitor(Prolific(link).address(pid=pid)).open()
        assert code_on(page) == code_of(outcome)


@pytest.mark.parametrize(("done", "outcome"), [(1, "completed"), (0, "stopped")])
def test_where_no_set_is_left_the_session_ends_by_a_button(prolific, done, outcome):
    """Completed, if a set was done: who has done nothing gets no code that says so."""
    visitor, page = entered(prolific)
    if done:
        page = visitor.label(page)
    visitor.client.post(f"{page.redirect_chain[-1][0]}return/")
    Assignment.objects.filter(status="accepted").update(status="returned")
    Hit.objects.update(status="disposed")
    page = visitor.open("/hits/")

    assert "Get the completion code" in page.content.decode()
    page = visitor.next()
    assert code_on(page) == code_of(outcome)
    assert ("You submitted no set in it" in page.content.decode()) == (not done)


def closed(study, why):
    """Close a study to newcomers in one of the ways there are."""
    if why == "paused":
        study.paused_at = now()
    if why == "budget":
        study.budget_cents = 60
    study.save()
    if why == "full":
        Place.objects.update(is_filled=True)
    if why == "leased":
        Place.objects.update(leased_until=now() + timedelta(hours=1))
    if why == "withdrawn":
        Hit.objects.update(status="disposed")


NOBODY_NEW = {
    "paused": "This study is paused",
    "budget": "Every set of this study is taken",
    "full": "Every set of this study is taken",
    "leased": "Every set of this study is taken",
    "withdrawn": "Every set of this study is taken",
}


@pytest.mark.parametrize("why", NOBODY_NEW)
def test_nobody_new_enters_a_study_without_a_set_for_them(study, prolific, why):
    invited = Visitor(f"/enter/{study.invitations.create().token}/")
    closed(study, why)

    for visitor, advice in [
        (Visitor(prolific.address()), "Please return the study at Prolific"),
        (invited, "You can try this link again later"),
    ]:
        for page in (visitor.open(), visitor.answer(), visitor.answer(yes=False)):
            assert page.status_code == 403
            assert NOBODY_NEW[why] in page.content.decode()
            assert advice in page.content.decode()
    assert not Participant.objects.exists()
    assert not Worker.objects.exists()


def test_a_pause_is_said_to_who_has_a_set_open(study, prolific):
    visitor, page = entered(prolific)
    closed(study, "paused")

    page = visitor.open("/hits/").content.decode()
    assert "This study is paused" in page
    assert "The open set may be finished and is paid." in page
    assert is_hit(visitor.next())


@pytest.mark.parametrize("why", NOBODY_NEW)
def test_who_has_entered_before_comes_back_to_a_closed_study(study, prolific, why):
    visitor, page = entered(prolific)
    visitor.label(page)
    closed(study, why)
    laptop = Visitor(prolific.address())

    assert "1 of 5 sets" in laptop.open().content.decode()
    assert code_on(laptop.client.post("/stop/", follow=True)) == code_of("stopped")


def test_a_market_fee_and_the_debriefing_need_room_in_the_budget(study):
    prolific = Prolific(prolific_link(with_consent(study), fee_percent=25))
    study.budget_cents = 124  # 80 for a set and 20 for the debriefing, and a quarter of both

    study.save()
    assert Visitor(prolific.address()).open().status_code == 403
    study.budget_cents = 125
    study.save()
    assert is_hit((Visitor(prolific.address()).answer(), entered(prolific)[1])[1])


@pytest.mark.parametrize("ending", ["completed", "stopped", "timed out", "another submission"])
def test_the_debriefing_is_read_before_the_code_and_paid_once(study, ending):
    prolific = Prolific(prolific_link(with_consent(study)))
    visitor, page = entered(prolific)
    page = visitor.label(page)
    while ending == "completed" and is_hit(page):
        page = visitor.label(page)
    if ending == "stopped":
        visitor.client.post("/stop/")
    if ending == "timed out":
        MarketSession.objects.update(started_at=now() - timedelta(minutes=91))
        expire_sessions(study)
    if ending == "another submission":
        Visitor(prolific.address(session="77ff" * 6)).answer()

    for device in (visitor, Visitor(prolific.address())):
        page = device.open(prolific.address())
        text = page.content.decode()
        assert text.index("What this was about") < text.index('value="CODE-')
        assert "For reading this page you get $0.20" in text
        assert "/take-back/" in text
    assert LedgerEntry.objects.filter(kind="debriefing").count() == 1


def test_who_has_done_nothing_reads_no_debriefing(prolific):
    visitor, _page = entered(prolific)
    page = visitor.client.post("/stop/", follow=True)

    assert code_on(page) == code_of("stopped")
    assert "What this was about" not in page.content.decode()


def test_the_debriefing_is_not_read_before_the_end_of_a_session(prolific):
    visitor, page = entered(prolific)
    visitor.label(page)

    assert visitor.open("/debriefing/").redirect_chain[-1][0] == "/hits/"
    assert "What this was about" not in visitor.open("/work/").content.decode()
