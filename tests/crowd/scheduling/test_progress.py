"""How far a worker has come: what is answered, of what is there for them."""

import pytest
from django.template.loader import render_to_string

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling import progress as scheduling_progress
from annotator.crowd.scheduling.progress import Progress, progress
from annotator.crowd.scheduling.scheduler import take_next
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db


def ana_of(**design):
    study = published_study(layers=(("n", "l", 4),), **{"worker_share": 1, **design})
    return workers(study, "ana")[0]


def answer(assignment):
    submit(assignment, AnswerForm(concept="grass", group=3, marked=frozenset()))


def test_at_first_everything_is_still_to_do():
    assert progress(ana_of()) == Progress(done=0, of=4, is_open=False, minutes_left=16)


def test_an_accepted_hit_is_open_and_an_answered_one_done():
    ana = ana_of()
    answer(take_next(ana))
    take_next(ana)

    assert progress(ana) == Progress(done=1, of=4, is_open=True, minutes_left=10)


def test_what_was_given_back_is_not_offered_again():
    ana = ana_of()
    leases.give_back(take_next(ana))

    assert progress(ana) == Progress(done=0, of=3, is_open=False, minutes_left=12)


def test_what_others_have_filled_is_not_there():
    ana = ana_of(places=1)
    ben = workers(ana.study, "ben")[0]
    answer(take_next(ben))

    assert progress(ana) == Progress(done=0, of=3, is_open=False, minutes_left=12)


def test_nobody_is_promised_more_than_their_share():
    ana = ana_of(places=1, worker_share=0.5)  # of 4 places
    answer(take_next(ana))

    assert progress(ana) == Progress(done=1, of=2, is_open=False, minutes_left=3)


@pytest.mark.parametrize(("minutes", "hours"), [(0, 0), (115, 0), (120, 2), (136, 2), (160, 3)])
def test_what_is_left_reads_in_hours_from_two_on(minutes, hours):
    assert Progress(done=0, of=34, is_open=False, minutes_left=minutes).hours_left == hours
    page = render_to_string(
        "annotator/_progress.html", {"progress": Progress(0, 34, False, minutes_left=minutes)}
    )
    assert (f"about {hours} h left" in page) == bool(hours)
    assert (f"about {minutes} min left" in page) == (0 < minutes < 120)
    assert "0 submitted of up to 34 sets for you" in page


@pytest.mark.parametrize(("minutes", "about"), [(1, 1), (14, 14), (17, 15), (18, 20), (118, 120)])
def test_minutes_are_rounded_to_what_an_estimate_can_say(minutes, about):
    assert Progress(0, 34, False, minutes_left=minutes).about_minutes_left == about


def test_a_large_study_is_counted_again_only_after_some_seconds(monkeypatch):
    study = published_study(layers=(("net", "layer", 3),), places=1, worker_share=1)
    ana, ben = workers(study, "ana", "ben")
    monkeypatch.setattr(scheduling_progress, "MAX_COUNTED", 2)
    clock = iter([0, 1, 11, 12])
    monkeypatch.setattr(scheduling_progress, "monotonic", lambda: next(clock))

    assert progress(ana).of == 3  # counted at 0 s
    take_next(ben)
    assert progress(ana).of == 3  # asked at 1 s
    assert progress(ana).of == 2  # asked at 11 s


def test_what_a_worker_has_taken_is_never_left_however_old_the_count_is(monkeypatch):
    study = published_study(layers=(("net", "layer", 3),), places=2, worker_share=1)
    (ana,) = workers(study, "ana")
    monkeypatch.setattr(scheduling_progress, "MAX_COUNTED", 2)
    progress(ana)

    answer(take_next(ana))

    assert (progress(ana).done, progress(ana).of) == (1, 3)
