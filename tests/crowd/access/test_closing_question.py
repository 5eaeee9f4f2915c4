"""The closing question: asked once, of people, and no answer to it changes anything for them."""

import pytest

from annotator.crowd.access.closing_question import close_with, is_due
from annotator.crowd.answers.submission import submit
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.quality.workers import flag_reasons, worker_qualities
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import Answer, ClosingAnswer, Worker
from annotator.pay.earnings import earnings_of
from tests.crowd.reviewing import GRASS, answered
from tests.crowd.studies import published_study, workers
from tests.house.reading import sources

pytestmark = pytest.mark.django_db
LAYERS = (("squeezenet", "conv10", 2),)


@pytest.fixture
def ana():
    return workers(published_study(), "ana")[0]


def test_it_is_asked_of_a_person_who_has_answered(ana):
    assert not is_due(ana)

    answered(ana)

    assert is_due(ana)


def test_it_is_not_asked_of_simulated_workers(ana):
    (robot,) = workers(ana.study, "robot", kind="simulated")

    answered(robot)

    assert not is_due(robot)


@pytest.mark.parametrize("used_ai", [True, False, None])
def test_whoever_answered_is_not_asked_again_and_the_first_answer_stays(ana, used_ai):
    answered(ana)

    close_with(ana, used_ai)
    close_with(ana, not used_ai)

    assert not is_due(ana)
    assert ClosingAnswer.objects.get().used_ai is used_ai


@pytest.mark.parametrize("used_ai", [True, False, None])
def test_no_answer_is_punished(used_ai):
    """Whatever is answered, all that decides about a worker stays as it was."""
    study = published_study(layers=LAYERS, places=9, worker_share=1)
    (ana,) = workers(study, "ana")
    submit(take_next(ana), GRASS)
    before = all_that_decides(ana)

    close_with(ana, used_ai)

    assert all_that_decides(ana) == before
    assert take_next(ana)


def all_that_decides(worker):
    earned = earnings_of(worker)
    quality = worker_qualities(quality_rows(worker.study))[worker.key]
    counted = Answer.objects.counted().filter(assignment__worker=worker).count()
    is_excluded = Worker.objects.get(pk=worker.pk).excluded_at is not None
    return earned.total_cents, earned.waiting, flag_reasons(quality), quality, counted, is_excluded


def test_nothing_but_the_page_and_the_report_knows_the_answer():
    """Reviewers decide about workers: no module of theirs reads it."""
    asking = {name for name, path in sources("annotator").items() if "losing" in path.read_text()}
    rooms = ("annotator.crowd.review", "annotator.crowd.quality", "annotator.crowd.scheduling")
    rooms += ("annotator.pay", "annotator.views.reviewer")

    assert [name for name in asking if name.startswith(rooms)] == []
