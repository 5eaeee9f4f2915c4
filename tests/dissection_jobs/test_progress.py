"""Progress of a claimed row: written at most once a second, and void once the claim is lost."""

import pytest

from annotator.dissection_jobs import progress as module
from annotator.dissection_jobs.claims import LostClaim
from annotator.dissection_jobs.progress import RowProgress, RunProgress
from annotator.models import Run, Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    study = Study.objects.create(name="rooms")
    run = Run.objects.create(study=study, request={})
    assert run.claim()
    return run


@pytest.fixture
def clock(monkeypatch):
    """A clock whose time tests set, in seconds."""

    class Clock:
        seconds = 0.0

        @staticmethod
        def monotonic():
            return Clock.seconds

    monkeypatch.setattr(module, "time", Clock)
    return Clock


def written(run):
    run.refresh_from_db()
    return run.stage, run.done_count, run.total_count


def test_progress_is_written_once_a_second(run, clock):
    row = RowProgress(run)

    assert row.write(done_count=1)
    clock.seconds = 0.9
    assert not row.write(done_count=2)
    clock.seconds = 1.0
    assert row.write(done_count=3)
    assert row.write(is_due=True, done_count=4)

    assert written(run) == ("", 4, 0)


def test_writing_renews_the_lease(run):
    before = Run.objects.get().renewed_at

    RowProgress(run).write(done_count=1)

    assert Run.objects.get().renewed_at > before


def test_a_worker_that_lost_its_claim_is_stopped_and_writes_nothing(run):
    Run.objects.update(claim_number=2, done_count=7)

    with pytest.raises(LostClaim):
        RowProgress(run).write(done_count=1)

    assert written(run) == ("", 7, 0)


def test_the_first_and_the_last_step_of_a_stage_are_always_written(run, clock):
    with RunProgress(run) as progress:
        progress("drawing pictures", 1, 3)
        assert written(run) == ("drawing pictures", 1, 3)
        progress("drawing pictures", 2, 3)
        assert written(run) == ("drawing pictures", 1, 3)
        progress("drawing pictures", 3, 3)
        assert written(run) == ("drawing pictures", 3, 3)
        progress("storing rows", 0, 1)
        assert written(run) == ("storing rows", 0, 1)
