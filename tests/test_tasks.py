"""Tasks: a message only tells workers to look at a row, and every row that waits is found again."""

from datetime import timedelta

import pytest
from celery import Celery
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from annotator import tasks
from annotator.interruptions.broker import message_count
from annotator.job_queue import enqueue_analysis, enqueue_run
from annotator.job_requests import RunRequest
from annotator.models import Analysis, Assignment, LedgerEntry, Run, Shard
from annotator.storage import StorageDown
from annotator.tasks import periodic
from tests.crowd.markets import NUMBER, participant_of, prolific_link
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db
REQUEST = RunRequest(network="n", layers=["a"], images="/pictures")


@pytest.fixture
def sent(settings, monkeypatch):
    """The messages to a broker, as (task, key, queue)."""
    messages = []
    settings.BROKER_URL = "redis://nowhere"
    monkeypatch.setattr(periodic, "message_count", lambda queue, connection: 0)
    for name in ("dissect", "collect", "analyse", "take_snapshot"):
        task = getattr(tasks, name)
        monkeypatch.setattr(
            task,
            "apply_async",
            lambda keys, queue, name=name: messages.append((name, *keys, queue)),
        )
    monkeypatch.setattr(transaction, "on_commit", lambda send: send())
    return messages


def test_without_a_broker_nobody_is_told(sent, settings):
    settings.BROKER_URL = ""

    enqueue_run("rooms", REQUEST)

    assert sent == []


def test_a_run_goes_to_the_queue_of_its_device(sent):
    run = enqueue_run("rooms", REQUEST)
    on_gpu = enqueue_run("rooms", REQUEST.model_copy(update={"device": "cuda"}))

    assert sent == [("dissect", run.pk, "dissect"), ("dissect", on_gpu.pk, "dissect-gpu")]


def test_every_row_that_waits_is_found_again(sent):
    run = enqueue_run("rooms", REQUEST)
    cut = enqueue_run("rooms", REQUEST.model_copy(update={"top": 8}))
    shard = Shard.objects.create(run=cut, number=0, first=0, stop=32)
    Run.objects.filter(pk=cut.pk).update(status=Run.Status.COLLECTING)
    analysis = enqueue_analysis(published_study("other").networks.get(), "layers", {})
    sent.clear()

    tasks.requeue_lost_runs()

    assert sent == [
        ("dissect", run.pk, "dissect"),
        ("collect", shard.pk, "dissect"),
        ("analyse", analysis.pk, "dissect"),
    ]


def test_a_queue_that_still_has_messages_is_not_added_to(sent, monkeypatch):
    enqueue_run("rooms", REQUEST)
    on_gpu = enqueue_run("rooms", REQUEST.model_copy(update={"device": "cuda"}))
    sent.clear()
    monkeypatch.setattr(
        periodic, "message_count", lambda queue, connection: {"dissect": 1}.get(queue, 0)
    )

    tasks.requeue_lost_runs()

    assert sent == [("dissect", on_gpu.pk, "dissect-gpu")]


def test_what_beat_sends_expires_before_beat_sends_it_again(settings):
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"]


def test_messages_in_a_queue_of_redis_are_counted(redis_url):
    app = Celery(broker=redis_url, set_as_current=False)
    with app.connection_for_write() as connection:
        assert message_count("dissect", connection) == 0
        for pk in range(3):
            app.send_task("annotator.tasks.dissect", (pk,), queue="dissect", connection=connection)
        assert message_count("dissect", connection) == 3


def test_a_row_that_a_worker_holds_is_left_to_it(sent):
    run = enqueue_run("rooms", REQUEST)
    analysis = enqueue_analysis(published_study("other").networks.get(), "layers", {})
    assert run.claim()
    assert analysis.claim()
    sent.clear()

    tasks.requeue_lost_runs()

    assert sent == []


def test_a_message_that_is_delivered_twice_does_nothing(sent, monkeypatch):
    from annotator.dissection_jobs import runs

    advanced = []
    monkeypatch.setattr(runs, "advance", lambda run: advanced.append(run.pk) or [])
    run = enqueue_run("rooms", REQUEST)

    tasks.dissect(run.pk)
    tasks.dissect(run.pk)

    assert advanced == [run.pk]
    assert not Analysis.objects.exists()


def test_snapshots_of_changed_studies_are_made_by_workers_where_there_are_any(
    sent, settings, monkeypatch
):
    made = []
    study = published_study()
    monkeypatch.setattr(periodic.lifecycle, "is_due", lambda study: True)
    monkeypatch.setattr(periodic.lifecycle, "kinds", lambda study: [])

    tasks.take_due_snapshots()
    assert sent == [("take_snapshot", study.pk, None)]

    settings.BROKER_URL = ""
    monkeypatch.setattr(periodic.lifecycle, "kinds", lambda study: made.append(study) or [])
    tasks.take_due_snapshots()
    assert made == [study]


def test_what_people_lack_to_the_minimum_is_owed_by_itself_and_once():
    study = published_study(min_hourly_cents=1_000_000)
    answered(workers(study, "ana")[0])
    Assignment.objects.update(accepted_at=F("submitted_at") - timedelta(minutes=1))

    for _ in range(2):
        tasks.pay_upkeep()

    assert LedgerEntry.objects.filter(kind="top-up").count() == 1


TASKS = [  # a task, its arguments, and what it asks the database or the storage first
    (tasks.dissect, (1,), "annotator.tasks.jobs.Run.objects.get"),
    (tasks.collect, (1,), "annotator.tasks.jobs.Shard.objects.select_related"),
    (tasks.analyse, (1,), "annotator.tasks.jobs.Analysis.objects.waiting"),
    (tasks.publish, (1,), "annotator.tasks.jobs.Publication.objects.select_related"),
    (tasks.take_snapshot, (1,), "annotator.tasks.reports.Study.objects.get"),
    (tasks.requeue_lost_runs, (), "annotator.tasks.periodic.Run.objects.waiting"),
    (tasks.expire_lapsed_assignments, (), "annotator.tasks.periodic.leases.expire_assignments"),
    (tasks.take_due_snapshots, (), "annotator.tasks.periodic.Study.objects.all"),
    (tasks.store_due_quality, (), "annotator.tasks.periodic.Study.objects.all"),
    (tasks.tell_requesters, (), "annotator.tasks.periodic.Study.objects.all"),
    (tasks.end_market_sessions, (), "annotator.tasks.periodic.Study.objects.filter"),
    (tasks.pay_upkeep, (), "annotator.tasks.periodic.Study.objects.filter"),
    (tasks.keep_only_what_is_needed, (), "annotator.tasks.periodic.import_module"),
]


NAMES = {  # as schedules and the messages of older versions have them
    f"annotator.tasks.{name}"
    for name in (
        *("dissect", "collect", "analyse", "publish", "take_snapshot", "requeue_lost_runs"),
        *("expire_lapsed_assignments", "take_due_snapshots", "store_due_quality"),
        *("tell_requesters", "end_market_sessions", "pay_upkeep", "keep_only_what_is_needed"),
    )
}


def test_tasks_keep_their_names_wherever_their_functions_are():
    ours = {name for name in tasks.dissect.app.tasks if name.startswith("annotator.")}

    assert ours == NAMES


def test_every_task_has_a_row():
    assert {task.name for task, *_ in TASKS} == NAMES


def test_queues_and_schedules_name_tasks_that_there_are(settings):
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert scheduled | settings.CELERY_TASK_ROUTES.keys() <= NAMES


@pytest.mark.parametrize(
    ("task", "keys", "asks"), TASKS, ids=[task.name.rpartition(".")[2] for task, *_ in TASKS]
)
def test_a_task_that_finds_database_or_storage_away_is_repeated(task, keys, asks, monkeypatch):
    errors = [OperationalError("away"), InterfaceError("away"), StorageDown("away", may_pass=True)]

    def ask(*arguments, **options):
        raise errors.pop(0) if errors else ZeroDivisionError

    monkeypatch.setattr(asks, ask)

    assert isinstance(task.apply(keys).result, ZeroDivisionError)
    assert errors == []


def test_tasks_are_repeated_later_each_time_and_not_for_ever():
    for task, *_ in TASKS:
        assert (task.retry_backoff, task.retry_backoff_max) == (2, 60)
        assert 5 <= task.max_retries <= 20


UPKEEP = [  # what is done for each study, and the task that does it
    ("annotator.tasks.periodic.approve_due", tasks.pay_upkeep),
    ("annotator.tasks.periodic.owe_shortfalls", tasks.pay_upkeep),
    ("annotator.tasks.periodic.sessions.expire_sessions", tasks.end_market_sessions),
    ("annotator.tasks.periodic.personal_data.delete_numbers", tasks.end_market_sessions),
    ("annotator.tasks.periodic.store_quality", tasks.store_due_quality),
    ("annotator.tasks.periodic.lifecycle.is_due", tasks.take_due_snapshots),
    ("annotator.tasks.periodic.tell", tasks.tell_requesters),
]


@pytest.mark.parametrize(("done", "task"), UPKEEP, ids=[done for done, _ in UPKEEP])
def test_what_fails_for_one_study_is_done_for_every_other(done, task, monkeypatch, caplog):
    for name in ("first", "second", "third"):
        participant_of(prolific_link(published_study(name)), NUMBER[::-1] + name)
    studies = []

    def fail_for_the_first(study, *arguments):
        studies.append(study.name)
        if len(studies) == 1:
            raise ValueError("a broken row")

    fail_for_the_first.__name__ = "a part"
    monkeypatch.setattr(done, fail_for_the_first)

    task()

    assert sorted(studies) == ["first", "second", "third"]
    assert f"of study {studies[0]} failed" in caplog.text


def test_a_database_that_is_away_is_no_fault_of_a_study(monkeypatch):
    published_study()
    monkeypatch.setattr("annotator.tasks.periodic.store_quality", lambda study: 1 / 0)
    tasks.store_due_quality()

    def away(study):
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr("annotator.tasks.periodic.store_quality", away)
    with pytest.raises(OperationalError):
        tasks.store_due_quality()
