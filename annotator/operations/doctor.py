"""What is wrong with an installation, or may become so, in words.

A check returns a sentence about what it saw, or raises `Problem` with a sentence that says what is
wrong and what to do.
"""

import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from celery import Celery
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import connection

from annotator.database.versions import missing_migrations
from annotator.interruptions.broker import is_broker_down
from annotator.models import Image, Study
from annotator.models.jobs import QUEUE
from annotator.storage import files_in

WAIT_SECONDS = 5.0
MAX_CLOCK_SECONDS = 5.0
MIN_FREE_BYTES, MIN_FREE_SHARE = 2e9, 0.05


class Problem(Exception):
    """What is wrong and what to do, in a sentence or two."""


class Finding(NamedTuple):
    """What a check found.

    Attributes:
        name: of the check.
        is_ok: whether nothing has to be done.
        sentence: what was seen, or what is wrong and what to do.
    """

    name: str
    is_ok: bool
    sentence: str


def findings(checks: Mapping[str, Callable[[], str]]) -> Iterator[Finding]:
    """Run checks in turn, by name; one that fails in an unforeseen way is a finding too."""
    for name, check in checks.items():
        try:
            yield Finding(name, True, check())
        except Problem as problem:
            yield Finding(name, False, str(problem))
        except Exception as error:
            text = " ".join(str(error).split()) or type(error).__name__
            yield Finding(name, False, f"The check failed: {text}")


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()" if _is_postgres() else "SELECT sqlite_version()")
        (version,) = cursor.fetchone()
    if missing := missing_migrations():
        raise Problem(f"{len(missing)} migrations are not applied: run `manage.py migrate`.")
    name = version.split(",")[0].split(" (")[0] if _is_postgres() else f"SQLite {version}"
    return f"{name} answers, and all migrations are applied."


def check_clock() -> str:
    if not _is_postgres():
        return "The database has no clock of its own."
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        difference = (cursor.fetchone()[0] - datetime.now(UTC)).total_seconds()
    if abs(difference) > MAX_CLOCK_SECONDS:
        raise Problem(
            f"This machine's clock differs from the database's by {difference:+.0f} s. Turn on NTP "
            "on both: leases and deadlines are kept by the database's clock."
        )
    return f"It differs from the database's by {abs(difference):.1f} s."


def check_broker() -> str:
    if not settings.BROKER_URL:
        return "BROKER_URL is not set: commands run their own tasks, and `manage.py work` the rest."
    if is_broker_down():
        raise Problem("The broker does not answer: check BROKER_URL. Work waits in the database.")
    app = Celery(broker=settings.BROKER_URL, set_as_current=False)
    queues = app.control.inspect(timeout=1.0).active_queues() or {}
    heard = {queue["name"] for own in queues.values() for queue in own}
    wanted = {QUEUE: "dissect", str(app.conf.task_default_queue): "make reports"}
    if missing := [f"{name} ({what})" for name, what in wanted.items() if name not in heard]:
        raise Problem(
            f"The broker answers, but no worker takes from the queue {' or '.join(missing)}: start "
            "one with `celery --app annotator worker --queues NAME`."
        )
    return f"It answers, and {len(queues)} workers take from the queues {', '.join(sorted(heard))}."


def check_storage() -> str:
    name = f"pictures/doctor-{os.getpid()}"
    default_storage.save(name, ContentFile(b"written and read"))
    try:
        with default_storage.open(name) as file:
            if file.read() != b"written and read":
                raise Problem(f"What was written to {_storage_name()} does not come back.")
    finally:
        default_storage.delete(name)
    return f"{_storage_name()} can be written, read and deleted from."


def _storage_name() -> str:
    return settings.STORAGE_URL or str(settings.DATA_DIR)


def check_pictures() -> str:
    """The doctor's check of pictures: the storage has every one that a database row names."""
    stored = {name.rpartition("/")[2] for name in files_in("pictures")}
    missing = {study.name: 0 for study in Study.objects.order_by("name")}
    rows = Image.objects.values_list("study__name", "tile", "zoom")
    count = 0
    for study, tile, zoom in rows.iterator(chunk_size=5_000):
        count += 1
        missing[study] += not {tile, zoom} - {""} <= stored
    if lacking := [f"{name} ({number})" for name, number in missing.items() if number]:
        raise Problem(
            f"The storage lacks pictures of images of the studies {', '.join(lacking)}: restore "
            "them from a backup, or dissect again with the same options."
        )
    return f"The pictures of all {count:,} images are in the storage."


def check_static_files() -> str:
    try:
        staticfiles_storage.url("unitscope.css")
    except ValueError as error:
        raise Problem("Static files are missing: run `manage.py collectstatic`.") from error
    return "The style sheets and scripts are there."


def check_disk() -> str:
    usage = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    share = usage.free / usage.total
    sentence = f"{usage.free / 1e9:,.1f} GB ({share:.0%}) are free where {settings.DATA_DIR} is."
    if usage.free < MIN_FREE_BYTES or share < MIN_FREE_SHARE:
        raise Problem(f"{sentence} Make room: a full disk stops dissections and backups.")
    return sentence


def check_mail() -> str:
    if settings.EMAIL_URL.startswith("console:"):
        return "Mail is printed to the log, and nobody receives any: set EMAIL_URL to change that."
    try:
        with get_connection():
            return f"The server takes mail from {settings.DEFAULT_FROM_EMAIL}."
    except OSError as error:
        raise Problem(f"The mail server refuses: {error}. Check EMAIL_URL.") from error


def check_address() -> str:
    """The doctor's check of the address: PUBLIC_URL leads here, and the proxy passes https on."""
    url = f"{settings.PUBLIC_URL}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=WAIT_SECONDS) as answer:
            answer.read()
            date = answer.headers.get("Date")
    except OSError as error:
        raise Problem(
            f"{url} does not answer from here ({error}): start the service, or mend PUBLIC_URL or "
            "the proxy."
        ) from error
    if settings.PUBLIC.is_https and not settings.PROXY_SSL_HEADER:
        raise Problem(
            f"{settings.PUBLIC_URL} answers, but PROXY_SSL_HEADER is not set, so requests by http "
            "are not sent to https. Let the proxy set X-Forwarded-Proto, and name that here."
        )
    seen = f", whose clock says {parsedate_to_datetime(date):%H:%M:%S} UTC" if date else ""
    return f"{settings.PUBLIC_URL} leads here{seen}."


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "clock": check_clock,
    "broker": check_broker,
    "storage": check_storage,
    "pictures": check_pictures,
    "static files": check_static_files,
    "disk": check_disk,
    "mail": check_mail,
    "address": check_address,
}
