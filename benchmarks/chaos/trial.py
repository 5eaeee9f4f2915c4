"""Whole trials: an installation, a crowd, dissections, faults; and what was left of it all."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from benchmarks.chaos.crowd import Accepted, answer_until
from benchmarks.chaos.faults import Fault, in_turn, short_turn
from benchmarks.chaos.installation import ROOT, Installation, installed, start_service
from benchmarks.chaos.jobs import Dissector, Storage
from benchmarks.chaos.processes import wait_until
from benchmarks.chaos.records import Records
from benchmarks.chaos.report import Report

MAX_RECOVERY_SECONDS = 120.0
QUIET_SECONDS = 240.0  # in which everything has to end by itself after the last fault
SHORT_ANSWERS = 6
REPORT_SECONDS = 360.0  # a report whose worker was lost is made again after five minutes


def run_trial(
    minutes: float, seed: int = 1, people: int = 6, images: int = 320, logs: Path | None = None
) -> Report:
    """Break an installation for some minutes, let it come to rest, and count.

    Args:
        people: who answer at once.
        logs: a folder that keeps what each process logged.
    """
    report, draw = Report(minutes, seed, Accepted()), Random(seed)
    with installed() as installation, _records(installation, logs) as records:
        dissector = Dissector(records, Storage(installation.server_address, images))
        link = _link(installation, records, units=400, places=40)
        start_service(installation)
        dissector.one("calm")
        dissector.start()
        until = time.monotonic() + 60 * minutes
        with _crowd(link, report, people, pause=1.0):
            for fault in in_turn(draw, installation.disk is not None, minutes >= 10):
                if time.monotonic() > until:
                    break
                _inject(installation, report, fault, draw.uniform(*fault.seconds))
                _wait_until_ready(installation, report, fault)
                time.sleep(draw.uniform(1, 5))
        dissector.end(QUIET_SECONDS)
        _count(report, records, dissector)
        _wait_for_report(report, records)
    return report


def run_short_trial() -> Report:
    """A trial of seconds: each server dies once while people answer and a dissection runs."""
    report = Report(0.1, 1, Accepted())
    with installed(is_short=True) as installation, _records(installation, None) as records:
        dissector = Dissector(records, Storage(installation.server_address, images=40))
        link = _link(installation, records, units=12, places=12)
        start_service(installation)
        dissector.start_one("short")
        with _crowd(link, report, people=3, pause=0.1):
            for fault in short_turn():
                _inject(installation, report, fault, fault.seconds[0])
            wait_until(lambda: len(report.accepted.answers) >= SHORT_ANSWERS, "some answers are in")
        dissector.end(QUIET_SECONDS)
        _count(report, records, dissector)
    return report


@contextmanager
def _records(installation: Installation, logs: Path | None) -> Iterator[Records]:
    records = Records(installation.environment, str(ROOT))
    try:
        yield records
    finally:
        records.close()
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            for process in installation.processes.values():
                shutil.copy(process.log, logs)


def _link(installation: Installation, records: Records, units: int, places: int) -> str:
    """Make the tables and the crowd's study; the link by which people come."""
    return f"{installation.address}/enter/{records.ask('make', units, places)}/"


@contextmanager
def _crowd(link: str, report: Report, people: int, pause: float) -> Iterator[None]:
    """Let people answer while the block lasts; all of them end what they are at."""
    ended = threading.Event()
    threads = answer_until(ended, link, report.accepted, people, pause)
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _inject(installation: Installation, report: Report, fault: Fault, seconds: float) -> None:
    begun = time.monotonic()
    fault.inject(installation)
    time.sleep(seconds)
    if fault.name == "storage hangs":
        report.hanging.append((begun, time.monotonic()))
    fault.mend(installation)
    report.injected[fault.name] += 1


def _wait_until_ready(installation: Installation, report: Report, fault: Fault) -> None:
    mended = time.monotonic()
    try:
        wait_until(installation.is_ready, "the service is ready", MAX_RECOVERY_SECONDS)
    except TimeoutError as error:
        report.by_hand.append(f"{fault.name}: {error}")
    took = time.monotonic() - mended
    report.recovery[fault.name] = max(report.recovery.get(fault.name, 0.0), took)


def _count(report: Report, records: Records, dissector: Dissector) -> None:
    """Compare what was accepted with what is stored."""
    stored = {tuple(row) for row in records.ask("answers")}
    report.stored = len(stored)
    report.lost = [" ".join(row) for row in report.accepted.answers if row not in stored]
    report.doubled = records.ask("doubled")
    money = records.ask("money")
    report.cents, report.cents_off = money["cents"], money["off"]
    report.done = Counter(job.kind for job in dissector.done)
    report.differing = dissector.differing
    report.by_hand += dissector.by_hand


def _wait_for_report(report: Report, records: Records) -> None:
    try:
        wait_until(
            lambda: records.ask("is_report_current"), "the report has all answers", REPORT_SECONDS
        )
    except TimeoutError as error:
        report.by_hand.append(str(error))
