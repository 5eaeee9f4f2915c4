"""A site: complete, without broken links, and without what may not be published."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.models import Answer, Layer, MachineName, Unit
from annotator.results.output.headlines import chance_counts, chance_means
from annotator.results.report.control_labels import control_kinds
from annotator.results.report.report import report_of
from tests.crowd.studies import published_study
from tests.results.output.figures.test_figures import controlled_study
from tests.results.output.site.links import broken_links
from tests.results.output.site.pictured import pictured_study
from tests.results.studies import get_unit, store_answer

pytestmark = pytest.mark.django_db
SIMULATED = "Simulated workers"


def site(tmp_path, *arguments, study="rooms"):
    folder = tmp_path / "out" / "site"
    call_command("results", study, "--format", "site", "--out", str(folder), *arguments)
    return folder


def pages(folder):
    paths = folder.rglob("*.html")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def test_every_link_of_a_site_leads_to_a_file_in_it(tmp_path):
    pictured_study()

    folder = site(tmp_path)

    assert len(pages(folder)) == 5 + 3 + 6  # the report and others, layers, units
    assert broken_links(folder) == []
    # The checker sees what it should.
    (folder / "data" / "units.csv").unlink()
    (folder / "units" / "scenes" / "conv1" / "0.jpg").unlink()
    assert "data.html: data/units.csv" in broken_links(folder)
    assert "units/scenes/conv1/0.html: ../../../units/scenes/conv1/0.jpg" in broken_links(folder)


def test_an_address_is_made_of_the_names_of_study_network_layer_and_unit(tmp_path):
    study = pictured_study()
    first = set(pages(site(tmp_path)))
    study.networks.create(name="later", position=9, spec="", weights_sha256="", dissection="")

    assert "units/scenes/conv2/1.html" in first
    assert first <= set(pages(site(tmp_path)))


def test_a_unit_page_has_its_numbers_words_and_tiles(tmp_path):
    study = pictured_study()
    MachineName.objects.create(unit=get_unit(study), method="MILAN", name="round <things>")

    page = pages(site(tmp_path))["units/scenes/conv1/0.html"]

    assert "Unit 0: wheel" in page
    assert "0.750" in page  # mean of 1, .75 and .5
    assert "round &lt;things&gt;" in page
    assert page.count('src="../../../units/scenes/conv1/0.jpg"') == 4


def test_a_unit_page_says_how_many_answers_saw_nothing_in_common(tmp_path):
    study = pictured_study()
    unit = get_unit(study)
    store_answer(study, unit, "zoe", says="nothing")

    page = pages(site(tmp_path))["units/scenes/conv1/0.html"]

    assert re.search(r"<dd>\d+ <small[^>]*>of which 1 “nothing in common”</small>", page)


def test_pictures_are_left_out_where_they_may_not_be_published(tmp_path, capsys):
    pictured_study(may_publish=False)

    folder = site(tmp_path)

    assert not list(folder.rglob("*.jpg"))
    assert not [page for page in pages(folder).values() if ".jpg" in page]
    assert "may not be published" in pages(folder)["index.html"]
    assert "Pictures were left out" in capsys.readouterr().err
    assert broken_links(folder) == []


def test_pictures_are_left_out_on_request(tmp_path, capsys):
    pictured_study()

    folder = site(tmp_path, "--no-pictures")

    assert not list(folder.rglob("*.jpg"))
    assert "may not be published" not in capsys.readouterr().err


def test_every_page_of_simulated_answers_says_so(tmp_path):
    pictured_study(kind="simulated")

    assert all(SIMULATED in page for page in pages(site(tmp_path)).values())


def test_no_page_of_peoples_answers_says_simulated(tmp_path):
    pictured_study()

    assert not any(SIMULATED in page for page in pages(site(tmp_path)).values())


def test_names_are_escaped_wherever_they_stand(tmp_path):
    study = pictured_study()
    bad = "<script>alert('x')</script>"
    study.networks.filter(name="scenes").update(name=bad, display_name=bad)
    worse = '"><img src=x onerror=alert(1)>'
    Layer.objects.filter(name="conv2").update(name=worse, display_name=worse)
    Answer.objects.update(concept=bad)

    folder = site(tmp_path)

    for name, page in pages(folder).items():
        assert "<script>alert" not in page, name
        assert "<img src=x" not in page, name
    assert "<" not in (folder / "assets" / "units.js").read_text()
    assert broken_links(folder) == []


def test_no_worker_key_or_path_is_published(tmp_path):
    study = pictured_study()

    folder = site(tmp_path)

    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (b'"ada"', b",ada,", b"0.jpg,", study.key.encode(), bytes(tmp_path)):
        assert secret not in everything


def test_the_search_data_has_every_unit_with_its_names(tmp_path):
    study = pictured_study()
    MachineName.objects.create(unit=get_unit(study), method="MILAN", name="a round thing")

    text = (site(tmp_path) / "assets" / "units.js").read_text()

    data = json.loads(text.removeprefix("window.SITE = ").removesuffix(";\n"))
    assert data["layers"][0] == ["scenes", "conv1", "units/scenes/conv1"]
    assert len(data["units"]) == Unit.objects.count()
    assert data["units"][0] == [0, 0, 4, "wheel", 0.75, 4, None, 0, "car, a round thing", None]
    assert data["units"][1] == [0, 1, 4, "", None, 0, None, 0, "", None]


def test_a_site_replaces_a_site_and_nothing_else(tmp_path):
    pictured_study()
    folder = site(tmp_path)
    (folder / "old.html").write_text("of an earlier version")

    site(tmp_path)

    assert not (folder / "old.html").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["site"]  # nothing half-written
    (folder / ".unitscope").unlink()
    with pytest.raises(CommandError, match="is not empty and holds no site; name another folder"):
        site(tmp_path)
    assert (folder / "index.html").exists()


def test_a_site_that_fails_leaves_the_older_one(tmp_path):
    study = pictured_study()
    folder = site(tmp_path)
    study.images.update(tile="gone.jpg")

    with pytest.raises(CommandError, match=r"The picture pictures/gone.jpg cannot be drawn"):
        site(tmp_path)

    assert (folder / "index.html").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rooms", "--format", "site"], "A site is a folder: say which with --out DIR"),
        (["--from", "b.zip", "--format", "site", "--out", "s"], "A site is made of a STUDY"),
    ],
)
def test_a_wrong_wish_for_a_site_gets_one_sentence(arguments, sentence):
    pictured_study()

    with pytest.raises(CommandError, match=sentence):
        call_command("results", *arguments, stdout=io.StringIO())


def test_a_layer_of_many_units_has_several_pages(tmp_path):
    study = pictured_study()
    layer = Layer.objects.get(network__name="objects")
    Unit.objects.bulk_create(
        Unit(layer=layer, number=number, maximum=1, threshold=1, saturated=False)
        for number in range(10, 80)
    )
    assert study.networks.count() == 2

    written = pages(site(tmp_path))

    assert "Page 2 of 2" in written["units/objects/conv1/page-2.html"]
    assert "unit 79" in written["units/objects/conv1/page-2.html"]


def test_queries_do_not_grow_with_the_units(tmp_path):
    pictured_study()
    site(tmp_path)  # takes the snapshot
    with CaptureQueriesContext(connection) as before:
        site(tmp_path)
    layer = Layer.objects.get(network__name="objects")
    Unit.objects.bulk_create(
        Unit(layer=layer, number=number, maximum=1, threshold=1, saturated=False)
        for number in range(10, 60)
    )

    with CaptureQueriesContext(connection) as after:
        site(tmp_path)

    assert len(after) == len(before)


def test_the_first_page_shows_pictures_also_where_nothing_is_detected(tmp_path):
    pictured_study()

    first = pages(site(tmp_path))["index.html"]

    assert "These are the units named most precisely" in first
    assert first.count('src="units/scenes/conv1/0.jpg"') == 4


def test_a_study_without_answers_has_a_site(tmp_path):
    published_study("empty")

    folder = site(tmp_path, study="empty")

    assert "Nobody has named them yet" in pages(folder)["index.html"]
    assert broken_links(folder) == []


def test_numbers_of_a_layer_stand_beside_what_chance_gives(tmp_path):
    report = report_of(controlled_study())
    kinds = control_kinds(report.networks)
    controlled = [layer for _, layer in report.all_layers() if layer.chance]

    made = pages(site(tmp_path))

    assert {layer.name for layer in controlled} == {"conv1", "conv2"}
    for layer in controlled:
        page = made[f"units/scenes/{layer.name}/index.html"]
        for level in chance_means(layer):
            written = f"{level.level:.3f}", kinds[level.control]
            assert "chance</a> gives <b>{}</b> ({})".format(*written) in page
            assert "chance</a> {} ({})".format(*written) in made["index.html"]
        for one in chance_counts(layer):
            assert re.search(
                rf"chance</a> gives <b>\d+</b> \([^)]* %, {kinds[one.level.control]}", page
            )
