"""A site of 10,000 units, each with five tiles: fast enough, small enough, complete."""

import pytest

from benchmarks.pictured import pictured_study, site, site_figures
from tests.folder_storage import use_folder
from tests.results.output.site.links import broken_links


@pytest.mark.thorough
def test_a_site_of_10000_units_takes_a_minute_and_200_mb(tmp_path):
    figures = site_figures(tmp_path, 10_000)

    folder = tmp_path / "site"
    assert sum(1 for _ in folder.glob("units/*/*/*.jpg")) == 10_000
    assert sum(path.stem.isdigit() for path in folder.glob("units/*/*/*.html")) == 10_000
    assert broken_links(folder) == []
    assert figures["seconds"] <= 60
    assert figures["mb"] <= 200


@pytest.mark.django_db
def test_a_site_of_few_units_is_made_in_the_same_way(settings, tmp_path):
    use_folder(settings, tmp_path / "stored")
    pictured_study(20)
    figures = site(20, tmp_path)

    assert broken_links(tmp_path / "site") == []
    assert figures["mb"] < 3
