"""A site of 10,000 units, each with five tiles: fast enough, small enough, complete."""

import pytest

from benchmarks.pictured import MAX_MB, MAX_SECONDS, UNITS, pictured_study, site, site_figures
from tests.folder_storage import use_folder
from tests.results.output.site.links import broken_links


@pytest.mark.thorough
def test_a_site_of_10000_units_takes_a_minute_and_200_mb(tmp_path):
    figures = site_figures(tmp_path, UNITS)

    folder = tmp_path / "site"
    assert sum(1 for _ in folder.glob("units/*/*/*.jpg")) == UNITS
    assert sum(path.stem.isdigit() for path in folder.glob("units/*/*/*.html")) == UNITS
    assert broken_links(folder) == []
    assert figures["seconds"] <= MAX_SECONDS
    assert figures["mb"] <= MAX_MB


@pytest.mark.django_db
def test_a_site_of_few_units_is_made_in_the_same_way(settings, tmp_path):
    use_folder(settings, tmp_path / "stored")
    pictured_study(20)
    figures = site(20, tmp_path)

    assert broken_links(tmp_path / "site") == []
    assert figures["mb"] < 3
