"""Chance controls stand next to their network: in every figure, its words and its table."""

import re

import pytest

from annotator.models import Network
from annotator.results.output.figures import FIGURES, curves_figure
from annotator.results.output.formatting import percent
from annotator.results.output.rendering import chart_for_page
from annotator.results.output.snapshots import take
from annotator.results.output.tables import groups_table
from annotator.results.report.controls import chart_labels
from annotator.results.report.report import report_of
from tests.crowd.studies import published_study
from tests.results.studies import NETWORKS, get_unit, store_answer
from tests.views.reader.test_reader_pages import page

KINDS = ("random directions", "random images", "untrained")


def controlled_study():
    """Two networks; the first has one control of each kind, which came last."""
    layers = tuple((f"scenes, {kind}", layer, 1) for kind in KINDS for layer in ("conv1", "conv2"))
    study = published_study("rooms", layers=(*NETWORKS, *layers))
    base = study.networks.get(name="scenes")
    for kind in KINDS:
        own = Network.objects.filter(study=study, name=f"scenes, {kind}")
        own.update(condition=kind, control_of=base)
    for n, network in enumerate(study.networks.order_by("position")):
        for layer in network.layers.order_by("position"):
            for worker in ("ada", "ben", "cleo"):
                unit = get_unit(study, network.name, layer.name)
                marked = [4, 3, 2, 1][: (n + len(worker) + layer.position) % 4]
                store_answer(study, unit, worker, group=1 + (n + len(worker)) % 6, marked=marked)
    return study


@pytest.mark.django_db
def test_each_control_is_a_series_of_every_figure_beside_its_network():
    report = report_of(controlled_study())
    series = ["scenes", *(f"{kind}, control of scenes" for kind in KINDS), "objects"]

    assert list(chart_labels(report.networks).values()) == series
    for draw in FIGURES.values():
        drawn = draw(report, False).to_dict()
        data = next(iter(drawn.get("datasets", {}).values()), None) or drawn["data"]["values"]
        assert list(dict.fromkeys(row["series"] for row in data)) == series
    colors = FIGURES["precision"](report, False).to_dict()["layer"][0]["encoding"]["color"]
    assert len(set(colors["scale"]["range"])) == 5


@pytest.mark.django_db
def test_a_control_is_an_outline_in_the_legend_as_in_the_figure():
    svg = chart_for_page(FIGURES["precision"](report_of(controlled_study()), False))

    symbols = re.findall(r'role-legend-symbol"[^>]*><path ([^>]*)', svg)
    assert [' fill="' in drawn for drawn in symbols] == [True, False, False, False, True]
    assert all(' stroke="var(--series-' in drawn for drawn in symbols)


@pytest.mark.django_db
def test_a_panel_of_the_curve_has_its_own_network_alone():
    drawn = curves_figure(report_of(controlled_study())).to_dict()

    assert "data" in drawn
    assert all("data" not in layer for layer in drawn["spec"]["layer"])


@pytest.mark.django_db
def test_the_page_tells_controls_in_words_in_the_alternative_and_in_the_tables(client):
    take(controlled_study())

    html = page(client, "report", "rooms")

    for kind in KINDS:
        assert f"{kind}, control of scenes: 0." in html  # the text alternative
        assert html.count(f">{kind}, control of scenes<") >= 6  # the tables
    assert "control of objects" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["groups", "groups_by_majority"])
def test_groups_are_stacked_by_layer_in_a_panel_for_each_network(name):
    report = report_of(controlled_study())

    drawn = FIGURES[name](report, False).to_dict()
    svg = chart_for_page(FIGURES[name](report, False))

    assert drawn["encoding"]["facet"]["field"] == "series"
    assert drawn["encoding"]["y"]["scale"]["domain"] == [0, 1]
    labels = chart_labels(report.networks)
    for row in groups_table(report, name).as_dicts():
        if row["share"] is not None:  # pointing at a part of a bar tells its value
            place = f"{labels[row['network']]}, {row['layer']}: {row['group']}"
            assert f"<title>{place} {percent(row['share'])}</title>" in svg
