"""Fixtures for all tests: a database, commands, photographs; servers are in service_fixtures."""

import gc
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from dissect.format.atomic_file import write_atomically
from tests import services
from tests.prepared_python import PreparedPython
from tests.service_fixtures import (
    browser,
    browser_page,
    browser_profile,
    chromium,
    empty_database_url,
    new_database,
    postgres_url,
    redis_url,
)

__all__ = [
    "browser",
    "browser_page",
    "browser_profile",
    "chromium",
    "empty_database_url",
    "new_database",
    "postgres_url",
    "redis_url",
]

# A test that is slow because the machine is busy has not failed.
hypothesis_settings.register_profile("unitscope", deadline=None)
hypothesis_settings.load_profile("unitscope")

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI") == "true"
THOROUGH_SECONDS = 3600  # for a thorough test that does not say how long it may take
MUST_RUN_IN_CI = {"postgres_url", "redis_url", "chromium"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="postgresql: start a server, and run only the tests marked both_databases",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Give the session a new installation, before Django reads the environment."""
    # SIGTERM ends the session like Ctrl-C does, so that its servers are stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Where a shell starts tests in the background, they and their servers would ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("numprocesses", None):
        return  # this process only distributes tests
    gc.disable()  # until all modules are imported
    if os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["OMP_NUM_THREADS"] = "1"  # torch runs in several processes, each on one core
    for name in re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M):
        os.environ.pop(name, None)
    folder = tempfile.mkdtemp(prefix="unitscope-tests-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["DATA_DIR"] = folder
    Path(folder, "static").mkdir()  # or WhiteNoise warns, and warnings are errors
    if config.getoption("database") == "postgresql":
        servers = ExitStack()
        config.add_cleanup(servers.close)
        os.environ["DATABASE_URL"] = servers.enter_context(services.postgres())
        os.environ["SECRET_KEY"] = services.SECRET_KEY
    _configure_django(Path(folder))


def _configure_django(folder: Path) -> None:
    from django.conf import settings

    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: tests use a new installation.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
    # A secure hash takes a quarter of a second; tests/views/test_tokens.py has one with it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if settings.EMBEDDED:
        # A file, because live servers and other processes open it too.
        settings.DATABASES["default"]["TEST"] = {"NAME": folder / "test.sqlite3"}


@pytest.hookimpl(trylast=True)  # after other plugins have put them in an order
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Files with slow tests begin, so that no process works long while the others have nothing left.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        if item.get_closest_marker("thorough") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(THOROUGH_SECONDS))
    if config.getoption("database") == "sqlite":
        return
    selected = [item for item in items if item.get_closest_marker("both_databases")]
    config.hook.pytest_deselected(items=[item for item in items if item not in selected])
    items[:] = selected


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector look seldom, and never at modules, which stay anyway."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """On PostgreSQL, files without a test for both databases need not be imported."""
    if config.getoption("database") == "sqlite" or collection_path.suffix != ".py":
        return None
    return "both_databases" not in collection_path.read_text() or None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator:
    """In CI a test fails if it is skipped although what it needs is there or can be installed."""
    report = yield
    available = MUST_RUN_IN_CI | ({"shared_data"} if _shared_data().is_dir() else set())
    used = available & set(getattr(item, "fixturenames", ()))
    if CI and report.skipped and used and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped in CI although {', '.join(used)} is available."
        )
    return report


def _shared_data() -> Path:
    return Path(os.environ.get("UNITSCOPE_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """A folder of real photographs and weights, which are too large for the repository."""
    folder = _shared_data()
    if not folder.is_dir():
        pytest.skip(f"no photographs in {folder}: set UNITSCOPE_TEST_DATA to a folder of them")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _equal_charts_are_drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Drawing takes most of the time of a report's page, and many tests draw the same charts."""
    from annotator.results.output.figures import rendering

    draw, folder = rendering.draw, tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent  # of all processes of the session

    def drawn(*request: Any, **options: Any) -> Any:
        text = json.dumps([request, options])
        path = folder / f"{sha256(text.encode()).hexdigest()}.drawn"
        if not path.exists():
            write_atomically(path, [pickle.dumps(draw(*request, **options))])
        return pickle.loads(path.read_bytes())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "draw", drawn)
        yield


@pytest.fixture(autouse=True)
def _no_job_of_another_test() -> None:
    """Clear the cached network of a run, because runs of different tests have the same number."""
    if loaded := sys.modules.get("annotator.dissection_jobs.loaded_jobs"):
        loaded._job.cache_clear()


@pytest.fixture(autouse=True)
def _no_requests_before() -> None:
    """Forget how often earlier tests have asked for pages."""
    if loaded := sys.modules.get("annotator.views.rate_limits"):
        loaded.limiter.cache_clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Also keep a copy of the database as it is after migrating, for other installations."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(_migrated_database())])


def _migrated_database() -> Path:
    return Path(os.environ["DATA_DIR"], "migrated.sqlite3")


def copy_migrated(folder: Path) -> None:
    """Make a folder an embedded installation that is migrated, unless it is one already."""
    database = folder / "unitscope.sqlite3"
    folder.mkdir(parents=True, exist_ok=True)
    if not database.exists() and _migrated_database().exists():
        shutil.copy(_migrated_database(), database)


@pytest.fixture(scope="session")
def prepared_python() -> Iterator[PreparedPython]:
    """Starts commands faster than a new Python; `up`, servers and workers of tests are new ones."""
    python = PreparedPython()
    yield python
    python.close()


@pytest.fixture
def manage(manage_anew: Callable, django_db_setup: None, tmp_path: Path) -> Callable:
    """Run a command as `manage_anew` does, but on a migrated installation, which saves seconds."""

    def run(*arguments: object, **options: Any):
        if "DATABASE_URL" not in options:
            copy_migrated(Path(options.get("DATA_DIR", tmp_path / "var")))
        return manage_anew(*arguments, **options)

    return run


@pytest.fixture
def manage_anew(
    tmp_path: Path, prepared_python: PreparedPython
) -> Callable[..., subprocess.CompletedProcess]:
    """Run a command as users do: in another process, on an embedded installation in tmp_path.

    >>> manage_anew("results", "demo", "--format", "json", DEBUG="True").stdout
    """

    def run(*arguments: object, timeout: float = 240, **environment: str):
        installation = {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": ""}
        return prepared_python.run(
            [str(ROOT / "manage.py"), *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **installation, **environment},
            timeout=timeout,
        )

    return run
