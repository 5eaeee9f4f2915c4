"""Answers a second and core: 50 annotators at once among 3,000 HITs, gunicorn and PostgreSQL.

Every annotator takes a HIT, opens its page, asks for the pictures of the next, saves a draft with a
trace and submits, EACH times and without pauses. What is counted is the CPU time of the web
processes and of PostgreSQL together, not of the annotators: so other work of the machine hardly
matters.
"""

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.answering import ANSWER, DRAFT, LAYERS, PLACES, TRACE
from benchmarks.installation import installation
from benchmarks.row import Row, at_least
from benchmarks.serving import Annotator

ANNOTATORS, HITS, EACH = 50, 3_000, 6
MIN_ANSWERS = 15


def measure() -> list[Row]:
    """The row. `python -m benchmarks.throughput` runs it alone and stores nothing."""
    with installation() as here:
        cookies = here.words("benchmarks.throughput", "study")
        with here.gunicorn() as port:
            people = [Answering(port, cookie) for cookie in cookies]
            with ThreadPoolExecutor(ANNOTATORS) as pool:
                list(pool.map(Answering.warm_up, people))
                before = cpu_seconds()
                list(pool.map(Answering.work, people))
                spent = cpu_seconds() - before
    answers = sum(each.submitted for each in people)
    assert answers == ANNOTATORS * EACH, f"{answers} answers"
    print(f"{answers} answers in {spent:.1f} CPU seconds of server and database", file=sys.stderr)
    name = f"answers a second and core, {ANNOTATORS} at once, {HITS:,} HITs, PostgreSQL"
    return [at_least(name, answers / spent, MIN_ANSWERS)]


class Answering(Annotator):
    """A scripted browser whose every answer has the requests of a real one."""

    def warm_up(self) -> None:
        """Answer one HIT, so that each process has read what it keeps in memory."""
        self.csrf = re.findall(
            r'csrfmiddlewaretoken" value="(\w+)"', self.request("GET", "/hits/")
        )[0]
        self.answer()

    def work(self) -> None:
        for _ in range(EACH):
            self.answer()
            self.submitted += 1

    def answer(self) -> None:
        hit = self.redirect("/hits/next/", {})
        if not re.fullmatch(r"/hits/[\w-]{10,}/", hit):
            raise RuntimeError(f"No HIT was given: {hit!r}, {dict(self.codes)}")
        self.request("GET", hit)
        self.request("GET", f"{hit}ahead/")
        body = {"revision": 0, "content": DRAFT, "trace": TRACE}
        self.request("POST", f"{hit}draft/", body=json.dumps(body))
        trace = json.dumps(TRACE | {"part": "2"})
        self.redirect(hit, ANSWER | {"then": "stop", "marked": "3", "trace": trace})


def cpu_seconds() -> float:
    """CPU time so far of the web processes and of PostgreSQL's, and of their ended children."""
    ticks = 0
    for pid in descendants(os.getpid(), "gunicorn", "postgres"):
        fields = _read(pid, "stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # user, system, and those of ended children
    return ticks / os.sysconf("SC_CLK_TCK")


def descendants(root: int, *names: str) -> set[int]:
    """The processes that a process has started, and theirs, whose command line has a name."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _read(int(folder.name), "stat")):
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    all_of_them, newest = {root}, {root}
    while newest:
        newest = {pid for pid, parent in parents.items() if parent in newest} - all_of_them
        all_of_them |= newest
    return {pid for pid in all_of_them if any(name in _read(pid, "cmdline") for name in names)}


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text()
    except OSError:  # it has ended
        return ""


def write_study() -> None:
    """Make the study in this process's database, and print a session cookie for each annotator."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from annotator.tokens.sessions import SessionStore
    from benchmarks.answering import invited_workers
    from benchmarks.crowded import open_study

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    study = open_study("load", LAYERS, HITS // LAYERS, PLACES)
    for worker in invited_workers(study, ANNOTATORS):
        session = SessionStore()
        session["worker"] = worker.pk
        session.save()
        print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")


if __name__ == "__main__":
    if sys.argv[1:] == ["study"]:
        write_study()
    else:
        print(measure())
