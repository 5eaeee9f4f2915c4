"""Pull, migrate, restart: processes of an older version answer while the newer one migrates.

The older version is what stood before the migration that hashed tokens, from this repository's
history. Its processes read and write tokens as they are.
"""

import os
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import ExitStack, closing

import psycopg2
import pytest
import requests

from tests.crowd.consents import POSTED
from tests.end_to_end.serving import ROOT
from tests.services import SECRET_KEY, answers, free_port, running

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
MIGRATION = "annotator/migrations/0028_hashed_tokens.py"
PEOPLE, UNITS = 4, 40
PREPARE = """
import django
django.setup()
from django.contrib.auth.models import User
from annotator.access_keys import create_key, secret_of
from annotator.models import Invitation
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study

study = with_consent(published_study(layers=(("net", "conv", %d),), worker_share=1))
key = create_key(User.objects.create_user("rita", is_staff=True)).access_key_id
print(Invitation.objects.create(study=study).token, f"{key}:{secret_of(key)}")
"""
COUNT = "select count(*), count(distinct assignment_id) from annotator_answer"


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """The sources of the version before."""
    folder = tmp_path_factory.mktemp("older")
    git = ["git", "-C", str(ROOT)]
    added = [*git, "log", "--diff-filter=A", "--format=%H", "--", MIGRATION]
    commit = subprocess.run(added, capture_output=True, text=True).stdout.split()
    if not commit:
        pytest.skip("this is no clone with its history")
    archive = folder / "older.tar"
    subprocess.run([*git, "archive", "-o", archive, f"{commit[-1]}^"], check=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "tree", filter="data")
    return folder / "tree"


class Person:
    """Labels sets one after another; each request goes to the next of the addresses.

    A browser that comes back to an older process after it has entered at a newer one is nobody's
    there, and enters again: it is the same worker.
    """

    def __init__(self, addresses, token):
        self.addresses, self.token, self.browser = addresses, token, requests.Session()
        self.count, self.accepted, self.failures = 0, 0, []

    def ask(self, path, data=None):
        self.count += 1
        url = self.addresses[self.count % len(self.addresses)] + path
        if data is None:
            answer = self.browser.get(url)
        else:
            cookie = {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken", "")}
            answer = self.browser.post(url, data | cookie)
        if answer.status_code >= 500:
            self.failures.append((url, answer.status_code, answer.text[:300]))
        return answer

    def enter(self):
        link = f"/enter/{self.token}/"
        self.ask(link)
        self.ask(link, POSTED)

    def work(self, until):
        self.enter()
        while not until.is_set():
            page = self.ask("/hits/next/", {})
            path = "/" + page.url.split("/", 3)[3]
            if page.status_code == 403:
                self.enter()
            elif path.count("/") == 3 and path.startswith("/hits/"):
                form = {"concept": "grass", "group": "4", "says": "concept", "then": "next"}
                answer = self.ask(path, form)
                self.accepted += answer.status_code == 200 and answer.url != page.url
            time.sleep(0.2)  # a person at a time, below the limits of requests


def test_old_and_new_processes_answer_side_by_side(older, postgres_url, tmp_path):
    with closing(psycopg2.connect(postgres_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("create database upgrade")
    environment = {
        **os.environ, "DATABASE_URL": postgres_url.replace("/postgres", "/upgrade"),
        "SECRET_KEY": SECRET_KEY, "DATA_DIR": str(tmp_path), "DEBUG": "True",
        "DJANGO_SETTINGS_MODULE": "annotator.settings",
    }  # fmt: skip

    def run(tree, *words):
        done = subprocess.run(
            [sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(older, "manage.py", "migrate", "--noinput")
    token, key = run(older, "-c", PREPARE % UNITS).split()
    with ExitStack() as stack:

        def serve(tree):
            port = free_port()
            words = ["-m", "gunicorn", "annotator.wsgi", "--bind", f"127.0.0.1:{port}"]
            command, log = [sys.executable, *words, "--threads", "4"], tmp_path / f"{port}.log"
            ready = lambda: answers(port)  # noqa: E731
            stack.enter_context(running(command, log, ready, cwd=tree, env=environment))
            return f"http://127.0.0.1:{port}", log

        old, old_log = serve(older)
        addresses, over = [old], threading.Event()
        people = [Person(addresses, token) for _ in range(PEOPLE)]
        threads = [threading.Thread(target=person.work, args=(over,)) for person in people]
        stack.callback(over.set)
        for thread in threads:
            thread.start()
        _wait(lambda: sum(person.accepted for person in people) >= 4)

        run(ROOT, "manage.py", "migrate", "--noinput")  # while people work
        before = sum(person.accepted for person in people)
        _wait(lambda: sum(person.accepted for person in people) >= before + 4)
        new, new_log = serve(ROOT)
        addresses.append(new)
        both = sum(person.accepted for person in people)
        _wait(lambda: sum(person.accepted for person in people) >= both + 8)
        for address in (old, new):  # what was handed out before works on either
            assert requests.get(f"{address}/enter/{token}/").status_code == 200
            headers = {"Authorization": f"Bearer {key}"}
            assert requests.get(f"{address}/api/studies", headers=headers).status_code == 200
        addresses.remove(old)
        alone = sum(person.accepted for person in people)
        _wait(lambda: sum(person.accepted for person in people) >= alone + 4)
        over.set()
        for thread in threads:
            thread.join(60)

    assert [person.failures for person in people] == [[]] * PEOPLE
    with closing(psycopg2.connect(environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute(COUNT)
        rows, assignments = cursor.fetchone()
        cursor.execute("select count(*) from annotator_worker")
        assert cursor.fetchone()[0] == PEOPLE, "who enters again is the same worker"
    accepted = sum(person.accepted for person in people)
    print(f"{accepted} answers accepted, {rows} stored")
    assert rows == assignments == accepted
    for log in (old_log, new_log):
        assert "Traceback" not in log.read_text()


def _wait(is_so):
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
