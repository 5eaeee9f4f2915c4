"""Fixtures of temporary servers and of a browser, which start when a test first needs them."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import services

CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The last list counts, so this one has what Playwright switches off too. The first three are
    # hidden pages that Chromium would open beside each page: a quarter of the time of a test.
    "--disable-features=WebUIOmniboxPopup,PreloadTopChromeWebUI,SpareRendererForSitePerProcess,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,OptimizationHints,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,PreconnectToSearch,"
    "NetworkTimeServiceQuerying",
]


@contextmanager
def skipping_if_missing() -> Iterator[None]:
    try:
        yield
    except services.ServiceMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a temporary PostgreSQL, which starts when a test first needs it."""
    with skipping_if_missing(), services.postgres() as url:
        yield url


@pytest.fixture
def new_database(postgres_url: str) -> Callable[[], str]:
    """Makes a new, empty database on the temporary PostgreSQL; returns its URL."""
    import psycopg2

    def make() -> str:
        name = f"empty_{uuid.uuid4().hex}"
        connection = psycopg2.connect(postgres_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        connection.close()
        return f"{postgres_url.rpartition('/')[0]}/{name}"

    return make


@pytest.fixture
def empty_database_url(new_database: Callable[[], str]) -> str:
    """The URL of a new, empty database on the temporary PostgreSQL."""
    return new_database()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a temporary Redis, which starts when a test first needs it."""
    with skipping_if_missing(), services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Path:
    with skipping_if_missing():
        return services.chromium_program()


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator:
    """A Chromium for all tests; each test opens its own context in it."""
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, which Django mistakes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    flags = CHROMIUM_FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser_profile(browser) -> Iterator:
    """What all tests of a session browse with; its cache spares them pictures seen before."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    context.close()


@pytest.fixture
def browser_page(browser_profile) -> Iterator:
    """A new page of 1280 x 800 px without cookies or storage.

    A script error on it, or something that the content security policy forbids, fails the test.
    """
    with page_of(browser_profile) as page:
        yield page


@contextmanager
def page_of(profile: Any) -> Iterator:
    """A new page of a profile that remembers nothing but its cache; see `browser_page`."""
    page = profile.new_page()
    page.set_default_timeout(10_000)
    storages = {"origin": "*", "storageTypes": "local_storage,indexeddb,cache_storage"}
    profile.new_cdp_session(page).send("Storage.clearDataForOrigin", storages)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.extend(services.policy_violations(line.text)))
    try:
        yield page
    finally:
        profile.set_offline(True)  # what a page sends when it is closed must not meet the next test
        for opened in profile.pages:
            opened.close()
        profile.clear_cookies()
        profile.unroute_all()
        profile.set_offline(False)
    assert not errors, f"errors on the page: {errors}"
