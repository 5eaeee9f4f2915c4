"""Celery workers on real Redis and PostgreSQL that die, and a broker that forgets everything."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import numpy as np
import psycopg2
import pytest
from kombu import Connection
from PIL import Image

from annotator.interruptions.broker import message_count
from tests import services
from tests.end_to_end.serving import ROOT

SLOW = "tests.dissect.custom_networks:slow"
QUESTION = """
from annotator.job_queue import enqueue_analysis
from annotator.models import Network

enqueue_analysis(Network.objects.get(), "filters", {"layers": ["stem"]})
"""


BEGUN = "select coalesce(max(done_count) / 32, 0) from annotator_shard"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(2)
    for number in range(480):
        coarse = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((50, 50)).save(folder / f"{number:03d}.png")
    return folder


def contents(folder):
    """Every file of a dissection by the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Cluster:
    """Workers and a beat over one database, broker and storage."""

    def __init__(self, stack, environment):
        self.stack, self.environment = stack, environment

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "annotator", *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.stack.callback(kill, process)
        return process

    def worker(self, name, queues="dissect,celery"):
        return self.start(
            "worker", "-Q", queues, "-c", "1", "-n", f"{name}@here",
            "--without-gossip", "--without-mingle",
        )  # fmt: skip

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, ROOT / "manage.py", *map(str, arguments)], cwd=ROOT,
            env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip


def kill(process):
    """SIGKILL a worker with its children: nothing of it can say goodbye."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def rows(url):
    with psycopg2.connect(url) as connection:
        connection.autocommit = True
        yield lambda statement: _rows(connection, statement)
    connection.close()


def _rows(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def wait_until(condition, what, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def answer_of(cluster, query):
    """Ask the workers a question of the lab; the name of the picture that they stored."""
    cluster.manage("shell", "-c", QUESTION)
    answered = "select status, error, pictures->>'stem.png' from annotator_analysis"
    wait_until(lambda: query(answered)[0][0] in ("done", "failed"), "the question is answered")
    (status, error, stored), *_ = query(answered)
    assert (status, error) == ("done", "")
    return stored


@pytest.fixture(scope="module")
def calm(pictures, tmp_path_factory):
    """The dissection that one undisturbed process makes, by the hash of each file's bytes."""
    folder = tmp_path_factory.mktemp("calm")
    environment = {"DATA_DIR": str(folder), "OMP_NUM_THREADS": "1", "SLOW_SECONDS": "0"}
    subprocess.run(
        [sys.executable, ROOT / "manage.py", "dissect", "calm", *options(pictures)], cwd=ROOT,
        env={**os.environ, **environment}, capture_output=True, check=True,
    )  # fmt: skip
    return contents(folder / "dissections" / "calm" / "1")


def options(pictures):
    return ["--network", SLOW, "--layers", "stem", "deep", "--images", str(pictures), "--top", "20"]


def settings_of(tmp_path, database, port):
    return {
        **os.environ, "DATA_DIR": str(tmp_path / "cluster"), "DATABASE_URL": database,
        "BROKER_URL": f"redis://127.0.0.1:{port}/0", "SECRET_KEY": services.SECRET_KEY,
        "RUN_LEASE_SECONDS": "4", "OMP_NUM_THREADS": "1",  # threads are in the fingerprint
    }  # fmt: skip


@contextmanager
def nobody_can_connect(url):
    """The database throws everybody out, as when it restarts."""
    name = url.rpartition("/")[2]
    out = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    with rows(f"{url.rpartition('/')[0]}/postgres") as query:
        query(f"alter database {name} allow_connections false; {out}")
        yield
        query(f"alter database {name} allow_connections true; select 1")


@pytest.mark.thorough
def test_restarts_of_database_and_worker_cost_no_work_and_no_queue_grows(
    calm, pictures, tmp_path, empty_database_url
):
    port = services.free_port()
    with ExitStack() as stack:
        stack.enter_context(services.redis(port))
        environment = settings_of(tmp_path, empty_database_url, port) | {"SLOW_SECONDS": "1"}
        cluster = Cluster(stack, environment)
        cluster.manage("migrate")
        cluster.start("beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")
        cluster.manage("dissect", "shared", *options(pictures), "--shards", "1")
        dissector = cluster.worker("first", queues="dissect")
        cluster.worker("reports", queues="celery")

        with rows(empty_database_url) as query:
            wait_until(lambda: query(BEGUN)[0][0] > 0, "a shard is being collected")
        with nobody_can_connect(empty_database_url):
            time.sleep(6)  # longer than a lease
        with rows(empty_database_url) as query:
            blocks = query(BEGUN)[0][0]
            wait_until(lambda: query(BEGUN)[0][0] > blocks, "the work goes on")
            assert query("select max(claim_number) from annotator_shard") == [(1,)]
            dissector.send_signal(signal.SIGTERM)
            assert dissector.wait(30) == 0
            held = "select count(*) from annotator_shard where status = 'running'"
            assert query(held) == [(0,)]
            assert waiting_messages(port) <= 1
            cluster.worker("second", queues="dissect")
            finished = "select status, error from annotator_run"
            wait_until(lambda: query(finished)[0][0] in ("done", "failed"), "the run ends")

            assert query(finished) == [("done", "")]
            assert query("select max(lost_count), sum(stored_count) > 0 from annotator_shard") == [
                (0, True)
            ]

    assert contents(tmp_path / "cluster" / "dissections" / "shared" / "1") == calm


def waiting_messages(port):
    with Connection(f"redis://127.0.0.1:{port}/0") as connection:
        return message_count("dissect", connection)


@pytest.mark.thorough  # `make test` has the short form of benchmarks.chaos
def test_killed_workers_and_a_forgetful_broker_change_no_byte_and_questions_are_answered(
    calm, pictures, tmp_path, empty_database_url
):
    port = services.free_port()
    environment = settings_of(tmp_path, empty_database_url, port)

    with ExitStack() as stack, rows(empty_database_url) as query:
        cluster = Cluster(stack, environment)
        cluster.manage("migrate")
        broker = ExitStack()
        broker.enter_context(services.redis(port))
        stack.callback(broker.close)
        first, second = cluster.worker("first"), cluster.worker("second")
        cluster.start("beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")
        cluster.manage("dissect", "shared", *options(pictures), "--shards", "5")

        in_work = "select count(*) from annotator_shard where status='running' and done_count > 0"
        wait_until(lambda: query(in_work) >= [(1,)], "a shard is being collected")
        kill(first)
        kill(second)
        broker.close()  # and forgets every message
        broker.enter_context(services.redis(port))
        cluster.worker("third")
        finished = "select status, error from annotator_run"
        wait_until(lambda: query(finished)[0][0] in ("done", "failed"), "the run ends")

        assert query(finished) == [("done", "")]
        assert query("select count(*), max(claim_number) from annotator_shard") == [(5, 2)]

        assert (tmp_path / "cluster" / "analyses" / answer_of(cluster, query)).is_file()

    shared = contents(tmp_path / "cluster" / "dissections" / "shared" / "1")
    assert shared == calm
    assert len(calm) > 14
