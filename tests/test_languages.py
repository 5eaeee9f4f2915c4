"""Pages are shown in every language that has a message catalog; numbers are the same in all."""

import re
import shutil

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.core.management import call_command
from django.urls import reverse

from annotator.languages import languages_in
from tests.house.reading import ROOT
from tests.views.everybody import Everybody

GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def everybody(db):
    return Everybody()


@pytest.fixture
def german(settings, tmp_path):
    """A catalog in German of one text, compiled."""
    folder = tmp_path / "locale/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog = Catalog(locale="de")
    catalog.add("What the numbers mean", "Was die Zahlen bedeuten")
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.LANGUAGES = languages_in(tmp_path / "locale")


def test_the_languages_are_english_and_those_that_have_a_catalog(tmp_path):
    assert languages_in(tmp_path) == [("en", "English")]
    for name in ("pt_BR", "de"):
        (tmp_path / name / "LC_MESSAGES").mkdir(parents=True)

    assert [code for code, _ in languages_in(tmp_path)] == ["en", "de", "pt-br"]


def test_a_browser_gets_a_translated_text_in_the_language_that_it_asks_for(everybody, german):
    address = dict(everybody.addresses())["definitions"]
    staff = everybody.clients["staff"]

    shown = staff.get(address, headers=GERMAN).content.decode()
    assert "<h1>Was die Zahlen bedeuten" in shown
    assert '<html lang="de">' in shown
    for other in ({}, {"accept-language": "fr"}):
        assert "<h1>What the numbers mean" in staff.get(address, headers=other).content.decode()


def test_a_language_without_a_catalog_is_not_mixed_with_english(client, db):
    shown = client.get(reverse("sign_in"), headers=GERMAN).content.decode()

    assert '<html lang="en">' in shown


@pytest.mark.parametrize("name", ["study", "report", "layer", "unit", "classes", "workers"])
def test_numbers_have_a_point_in_every_language(everybody, german, name):
    address, staff = dict(everybody.addresses())[name], everybody.clients["staff"]

    pages = [staff.get(address, headers=headers).content.decode() for headers in ({}, GERMAN)]
    english, in_german = (set(re.findall(r"\d+,\d+", page)) for page in pages)

    assert '<html lang="de">' in pages[1]
    assert in_german <= english  # paths of SVG, not shares


def test_makemessages_collects_the_texts_of_templates_and_code(settings, tmp_path, monkeypatch):
    if not shutil.which("xgettext"):
        pytest.skip("GNU gettext is not installed")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(ROOT)

    call_command("makemessages", locale=["de"], verbosity=0)

    catalog = (tmp_path / "locale/de/LC_MESSAGES/django.po").read_text()
    assert 'msgid "Only requesters of this study can run analyses."' in catalog
    assert 'msgid "Object detectors by class"' in catalog
