"""Chance controls stand next to their network: in every figure, its words and its table."""

import re
from dataclasses import replace

import pytest
from altair.utils.schemapi import SchemaValidationError

from annotator.models import Network
from annotator.results.output.figures.charts import FIGURES, curves_figure
from annotator.results.output.figures.rendering import chart_for_page
from annotator.results.output.formatting import percent
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.tables import classes_table, groups_table
from annotator.results.report.control_labels import chart_labels
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
    for draw in [draw for name, draw in FIGURES.items() if name != "classes"]:
        drawn = draw(report, False).to_dict()
        data = next(iter(drawn.get("datasets", {}).values()), None) or drawn["data"]["values"]
        assert list(dict.fromkeys(row["series"] for row in data)) == series
    colors = FIGURES["precision"](report, False).to_dict()["layer"][0]["encoding"]["color"]
    assert len(set(colors["scale"]["range"])) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("is_simulated", [False, True])
def test_every_figure_keeps_to_the_schema_of_vega_lite(is_simulated):
    study = controlled_study() if is_simulated else study_of_classes()
    study.workers.update(kind="simulated" if is_simulated else "person")
    report = report_of(study)

    assert bool(report.notice) == is_simulated  # it is in the title
    for draw in FIGURES.values():
        for narrow in (False, True):
            drawn = draw(report, narrow)
            drawn.to_dict(validate=True)
    drawn.height = []
    with pytest.raises(SchemaValidationError, match="height"):
        drawn.to_dict(validate=True)


@pytest.mark.django_db
def test_a_control_is_an_outline_in_the_legend_as_in_the_figure():
    svg = chart_for_page(FIGURES["precision"](report_of(controlled_study()), False))

    symbols = re.findall(r'role-legend-symbol"[^>]*><path ([^>]*)', svg)
    assert [' fill="' in drawn for drawn in symbols] == [True, False, False, False, True]
    assert all(' stroke="var(--series-' in drawn for drawn in symbols)


@pytest.mark.django_db
def test_curves_of_one_layer_of_all_networks_share_a_frame_with_their_intervals():
    drawn = curves_figure(report_of(controlled_study())).to_dict()

    assert drawn["facet"]["field"] == "layer"
    assert "data" in drawn
    assert all("data" not in layer for layer in drawn["spec"]["layer"])
    band, line, *_ = drawn["spec"]["layer"]
    assert band["encoding"]["y2"]["field"] == "share_of_units_above_high"
    assert line["encoding"]["color"]["field"] == "series"


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


def study_of_classes():
    """The deepest layer of `scenes` has two units for lamps and one for beds, `objects` a lamp."""
    layers = (("scenes", "conv1", 1), ("scenes", "conv2", 3), ("objects", "conv1", 2))
    study = published_study("rooms", layers=layers)
    named = [("scenes", "conv1", 0, "tree"), ("scenes", "conv2", 0, "lamp"),
             ("scenes", "conv2", 1, "bed"), ("scenes", "conv2", 2, "lamp"),
             ("objects", "conv1", 0, "lamp")]  # fmt: skip
    for network, layer, number, concept in named:
        for worker in ("ada", "ben", "cleo"):
            store_answer(study, get_unit(study, network, layer, number), worker, concept, group=5)
    for worker in ("ada", "ben", "cleo"):  # no object
        store_answer(study, get_unit(study, "objects", "conv1", 1), worker, "red", group=1)
    return study


@pytest.mark.django_db
def test_object_classes_are_bars_by_number_of_units_for_both_networks():
    report = report_of(study_of_classes())

    drawn = FIGURES["classes"](report, False).to_dict()
    svg = chart_for_page(FIGURES["classes"](report, False))

    (rows,) = drawn["datasets"].values()
    bars = [(row["series"], row["class"], row["unit_count"]) for row in rows]
    assert sorted(bars) == [("objects", "lamp", 1), ("scenes", "bed", 1), ("scenes", "lamp", 2)]
    assert drawn["encoding"]["y"]["sort"] == ["lamp", "bed"]  # most units first
    assert drawn["encoding"]["yOffset"]["field"] == "series"  # side by side
    assert "<title>scenes, conv2: lamp, 2</title>" in svg
    table = classes_table(report).as_dicts()  # the data have every layer
    assert ("scenes", "conv1", "tree", 1) in [
        (row["network"], row["layer"], row["class"], row["unit_count"]) for row in table
    ]


@pytest.mark.django_db
def test_the_report_shows_the_chart_of_object_classes_with_its_data(client):
    take(study_of_classes())

    html = page(client, "report", "rooms")

    assert (
        "A chart by object class. scenes at conv2: lamp 2, bed 1. objects at conv1: lamp 1" in html
    )
    data = page(client, "figure", "rooms", "classes", "csv")
    assert "scenes,conv2,lamp,2," in data


@pytest.mark.django_db
def test_figures_of_many_networks_stand_closer():
    networks = [f"net {number}" for number in range(7)]
    study = published_study("rooms", layers=[(name, "conv1", 1) for name in networks])
    for name in networks:
        store_answer(study, get_unit(study, name), "ada")
    many = report_of(study)
    few = replace(many, networks=many.networks[:4])

    def legend_and_panels(report):
        legend = FIGURES["precision"](report, False).to_dict()["layer"][0]["encoding"]["color"]
        panels = FIGURES["groups"](report, False).to_dict()["encoding"]["facet"]
        return legend["legend"]["columns"], panels["columns"]

    assert legend_and_panels(few) == (1, 3)
    columns, panels = legend_and_panels(many)
    assert (columns > 1, panels) == (True, 4)
