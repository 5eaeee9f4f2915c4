"""What a trial asks of the installation's tables, in a process of its own: lines of JSON.

`Records` starts it and asks; `python -m benchmarks.chaos.records` answers. A question that fails,
because the database or the storage is away, is asked again.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 180.0
REWARD_CENTS = 80


class Records:
    """Asks questions, from any thread; one at a time."""

    def __init__(self, environment: dict[str, str], folder: str) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.chaos.records"], env=environment, cwd=folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def ask(self, question: str, *values: object) -> Any:
        """The answer to a question; `question` names a function of QUESTIONS.

        Raises:
            TimeoutError: it has failed for three minutes; the last error is in the message.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            with self._lock:
                print(json.dumps([question, values]), file=self._process.stdin, flush=True)
                answer = json.loads(self._process.stdout.readline())
            if "error" not in answer:
                return answer["answer"]
            if time.monotonic() > until:
                raise TimeoutError(f"{question}: {answer['error']}")
            time.sleep(0.5)

    def close(self) -> None:
        """End the process that answers."""
        with self._process:  # closes its pipes, and waits
            self._process.kill()


def make(units: int, places: int) -> str:
    """Make the tables and a study with a market link; the token of the link."""
    from django.conf import settings
    from django.core.management import call_command

    from annotator.models import MarketLink
    from tests.crowd.consents import with_consent
    from tests.crowd.markets import prolific_link
    from tests.views.hits import pictured_study

    call_command("migrate", verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if link := MarketLink.objects.first():
        return link.invitation.token
    study = pictured_study(
        name="crowd", layers=(("net", "conv", units),), tops=4, catches=1, places=places,
        worker_share=1, budget_cents=10**9,
    )  # fmt: skip
    return prolific_link(with_consent(study)).invitation.token


def request_run(name: str) -> int:
    """Queue a dissection of the photographs for a study of its own; the run's number."""
    from annotator.job_queue import enqueue_run
    from annotator.job_requests import RunRequest

    request = RunRequest(
        network="tests.dissect.custom_networks:slow", layers=["stem", "deep"], device="cpu",
        images="s3://photos", top=20, shards=3,
    )  # fmt: skip
    return enqueue_run(name, request).pk


def migrate() -> None:
    """Make the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def request_list(name: str, images: str) -> int:
    """Queue a dissection of a list of images by the network of `many_images`; the run's number."""
    from annotator.job_queue import enqueue_run
    from annotator.job_requests import RunRequest

    field = {"size": "assumed"}
    request = RunRequest(
        network="benchmarks.many_images:tiny", layers=["conv"], device="cpu", images=images, top=20,
        field=field,
    )  # fmt: skip
    return enqueue_run(name, request).pk


def progress(pk: int) -> dict[str, Any]:
    """How far a run is: its status, its error, and how many images it has collected."""
    from annotator.models import Run

    run = Run.objects.get(pk=pk)
    return {"status": run.status, "error": run.error, "done": run.done_count}


def request_analysis(name: str) -> int:
    from annotator.job_queue import enqueue_analysis
    from annotator.models import Network

    network = Network.objects.get(study__name=name)
    return enqueue_analysis(network, "filters", {"layers": ["stem"]}).pk


def request_publication(name: str) -> int:
    from annotator.crowd.audit import COMMAND
    from annotator.job_queue import enqueue_publication
    from annotator.models import Study
    from annotator.publishing import PublishRequest

    request = PublishRequest(assignments=1, reward=80, catch=0)
    return enqueue_publication(Study.objects.get(name=name), request, COMMAND, cents=10**6).pk


def state(kind: str, pk: int) -> list[str]:
    """The status of a job and its error; `kind` is a table: Run, Analysis, Publication."""
    from annotator import models

    job = getattr(models, kind).objects.get(pk=pk)
    return [job.status, job.error]


def answers() -> list[list[str]]:
    """[key of the assignment, remark, concept] of every answer that is stored."""
    from annotator.models import Answer

    return list(map(list, Answer.objects.values_list("assignment__key", "remark", "concept")))


def doubled() -> int:
    """How many answers or rewards are there twice, by a rule each."""
    from django.db.models import Count

    from annotator.models import Answer, Assignment, LedgerEntry

    done = Assignment.objects.filter(status__in=Assignment.DONE)
    groups = [
        done.values("worker", "unit"),
        Answer.objects.exclude(remark="").values("remark"),
        LedgerEntry.objects.filter(kind="reward").values("assignment"),
    ]
    return sum(rows.annotate(n=Count("pk")).filter(n__gt=1).count() for rows in groups)


def money() -> dict[str, int]:
    """The cents of all rewards, and by how many cents the ledger is off, each worker by itself."""
    from django.db.models import Count, Sum

    from annotator.models import Assignment, LedgerEntry, Study
    from annotator.pay import payouts

    study = Study.objects.get(name="crowd")
    rewards = LedgerEntry.objects.filter(study=study, kind="reward").values_list("worker")
    paid = dict(rewards.annotate(Sum("cents")))
    done = Assignment.objects.filter(worker__study=study, status__in=Assignment.DONE)
    due = {pk: n * REWARD_CENTS for pk, n in done.values_list("worker").annotate(Count("pk"))}
    off = sum(abs(paid.get(pk, 0) - due.get(pk, 0)) for pk in {*paid, *due})
    off += abs(payouts.totals(study).difference)
    return {"cents": sum(paid.values()), "off": off}


def is_report_current() -> bool:
    """Whether there is a report of the crowd's study that holds every answer."""
    from annotator.models import Snapshot, Study
    from annotator.results.loading.data_fingerprint import data_fingerprint

    study = Study.objects.get(name="crowd")
    newest = Snapshot.objects.filter(study=study).order_by("-pk").first()
    return newest is not None and newest.state == data_fingerprint(study)


QUESTIONS: dict[str, Callable[..., Any]] = {
    question.__name__: question
    for question in (
        make, migrate, request_run, request_list, request_analysis, request_publication, state,
        progress, answers, doubled, money, is_report_current,
    )
}  # fmt: skip


def serve() -> None:
    """Answer questions from stdin on stdout, until it is closed."""
    import django

    django.setup()
    from django.db import close_old_connections

    for line in sys.stdin:
        question, values = json.loads(line)
        close_old_connections()
        try:
            answer: dict[str, Any] = {"answer": QUESTIONS[question](*values)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
