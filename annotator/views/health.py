"""Answers for whoever watches this installation: whether it runs, and whether it can serve.

Health checks pass no other middleware: they come from the same machine, by any host name, without
https, session or cookie.
"""

import logging
from collections.abc import Callable
from functools import cache

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from annotator.database.versions import missing_migrations
from annotator.storage.deadline import exists_in_time

log = logging.getLogger(__name__)


def answer_health_checks(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: /healthz says that the process runs, /readyz that it can serve everything."""
    answers = {"/healthz": healthz, "/readyz": readyz}

    def respond(request: HttpRequest) -> HttpResponse:
        return answers.get(request.path_info, get_response)(request)

    return respond


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer a health check with 200 while this process runs, without a query."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 if database, migrations, storage and static files can be used, otherwise 503.

    The answer names what failed; the reason stands in the log, since anybody may ask.
    """
    checks = {name: _outcome(name, check) for name, check in CHECKS.items()}
    is_ready = set(checks.values()) == {"ok"}
    answer = {"status": "ok" if is_ready else "not ready", "checks": checks}
    return JsonResponse(answer, status=200 if is_ready else 503)


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # whatever is wrong, this is where it is reported
        log.warning("Not ready: %s (%s: %s)", name, type(error).__name__, error or "no answer")
        return "failed"
    return "ok"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache  # a success lasts as long as the process, which runs one version
def check_migrations() -> None:
    if missing := missing_migrations():
        raise RuntimeError(f"{len(missing)} migrations are not applied, first {missing[0]}")


def check_storage() -> None:
    """Health check of the storage: ask for a file that need not be there, in two seconds."""
    exists_in_time("pictures/health-check")


def check_static_files() -> None:
    staticfiles_storage.url("unitscope.css")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "storage": check_storage,
    "static files": check_static_files,
}
