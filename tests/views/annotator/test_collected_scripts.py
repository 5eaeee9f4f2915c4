"""The scripts of the HIT page as production serves them: collected, with hashes in their names."""

import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from annotator.templatetags import kept_html
from tests.house.reading import ROOT
from tests.views.sessions import sign_in

COUNT = len(list((ROOT / "annotator/static/hit").glob("*.js")))
HASHED_NAME = re.compile(r"hit/[\w-]+\.[0-9a-f]{12}\.js")
HASHED = {"staticfiles": {"BACKEND": "annotator.storage.static_files.HashedStaticFiles"}}


@pytest.fixture
def collected(settings, tmp_path):
    """The folder of collected static files, as in production."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    with override_settings(STORAGES=settings.STORAGES | HASHED):
        call_command("collectstatic", interactive=False, verbosity=0)
        kept_html._rendered.cache_clear()  # it has the names of files that are not collected
        yield tmp_path / "static"
    kept_html._rendered.cache_clear()


def test_collected_modules_import_each_other_by_hashed_names(collected):
    names = set(staticfiles_storage.hashed_files.values())
    modules = {name for name in names if HASHED_NAME.fullmatch(name)}

    assert len(modules) == COUNT
    for name in modules:
        for other in re.findall(r' from "\./([^"]+)";', (collected / name).read_text()):
            assert f"hit/{other}" in modules


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_hit_page_works_with_collected_files(
    collected, browser_page, live_server, ana, assignment
):
    """Chromium takes each module once, and a mark is counted."""
    requests = []

    def fulfill(route):
        name = route.request.url.partition("/static/")[2]
        requests.append(name)
        kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        path = collected / name
        route.fulfill(body=path.read_bytes(), content_type=kinds.get(path.suffix, "image/jpeg"))

    browser_page.context.route("**/static/**", fulfill)
    sign_in(browser_page.context, live_server.url, ana)
    browser_page.goto(live_server.url + reverse("hit", args=[assignment.key]))
    browser_page.locator("input[name=marked]").first.focus()
    browser_page.keyboard.press("x")
    browser_page.get_by_text(re.compile("^1 of")).wait_for()

    modules = [name for name in requests if name.startswith("hit/")]
    assert len(modules) == len(set(modules)) == COUNT
    assert all(HASHED_NAME.fullmatch(name) for name in modules)
