"""What a report says first: findings, detectors by class, differences in a line."""

import pytest

from annotator.results.loading.layout import LayerRow, NetworkRow
from annotator.results.output.headlines import best_named, comparison_lines, findings, galleries
from annotator.results.report.report import report
from tests.results.output.figures.test_figures import controlled_study
from tests.results.rows import answer

LAYERS = (LayerRow(1, "conv1", 4), LayerRow(2, "conv5", 9), LayerRow(3, "fc", 9))
LAYOUT = [NetworkRow("alexnet", "", "", LAYERS), NetworkRow("empty", "", "", LAYERS)]


def detecting(concepts, layer="conv5"):
    """Answers that make each unit a detector of its concept, by three workers."""
    return [
        answer(unit, concept=concept, group=5, layer=layer, worker=worker)
        for unit, concept in enumerate(concepts)
        for worker in ("ada", "ben", "cleo")
    ]


def gallery(concepts, max_units):
    rows = [*detecting(["dog"], "conv1"), *detecting(concepts)]
    return galleries(report("rooms", 0.75, LAYOUT, rows), lambda layer: layer.units, max_units)


def test_a_finding_is_about_the_deepest_layer_that_has_answers():
    rows = [*detecting(["dog"], "conv1"), *detecting(["cat", "cow"])]

    (finding,) = findings(report("rooms", 0.75, LAYOUT, rows))

    assert (finding.network.name, finding.layer.name) == ("alexnet", "conv5")
    assert finding.layer.detectors.unit_count == 2
    assert finding.layer.detectors.share == 1


def test_a_gallery_shows_the_classes_with_most_units_first():
    (of_layer,) = gallery(["cat", "dog", "dog", "ape"], max_units=24)

    assert [concept for concept, _ in of_layer.classes] == ["dog", "ape", "cat"]
    assert of_layer.more_count == 0


@pytest.mark.parametrize(("most", "shown"), [(4, [2, 1, 1]), (3, [1, 1, 1]), (2, [1, 1])])
def test_a_full_gallery_shows_one_unit_of_each_class_before_a_second(most, shown):
    (of_layer,) = gallery(["dog", "dog", "dog", "ape", "cat"], max_units=most)

    assert [len(units) for _, units in of_layer.classes] == shown
    assert of_layer.more_count == 5 - most


@pytest.mark.parametrize(("count", "shown"), [(3, 12), (4, 10), (7, 4), (20, 2)])
def test_a_gallery_has_a_row_less_for_each_network_beyond_three(count, shown):
    networks = [f"net {number}" for number in range(count)]
    layout = [NetworkRow(name, "", "", (LayerRow(n, "conv5", 20),)) for n, name in
              enumerate(networks)]  # fmt: skip
    rows = [answer(0, network=name, concept="red", group=1) for name in networks[1:]]
    rows += [
        answer(unit, network="net 0", concept=f"thing {unit}", group=5, worker=worker)
        for unit in range(20)
        for worker in ("ada", "ben", "cleo")
    ]

    (of_layer,) = galleries(report("rooms", 0.75, layout, rows), lambda layer: layer.units, 12)

    assert len(of_layer.classes) == shown
    assert of_layer.more_count == 20 - shown


@pytest.mark.django_db
def test_the_lines_are_of_mean_precision_in_the_deepest_layers():
    from annotator.results.report.report import report_of

    for line in comparison_lines(report_of(controlled_study())):
        assert line.why_not or line.difference.number == "mean_precision"


def test_without_a_detector_the_units_named_most_precisely_are_shown():
    rows = [
        answer(unit, fitting, concept=f"thing {unit}", group=2, layer="conv5", worker=worker)
        for unit, fitting in enumerate((30, 50, 40, 20))
        for worker in ("ada", "ben", "cleo")
    ]
    nameless = [answer(8, 57, concept="sky", layer="conv5"), answer(8, 57, "sea", layer="conv5")]
    made = report("rooms", 0.75, LAYOUT, [*rows, *nameless])

    assert galleries(made, lambda layer: layer.units) == ()
    (of_layer,) = best_named(made, lambda layer: layer.units)
    assert [concept for concept, _ in of_layer.classes] == ["thing 1", "thing 2", "thing 0"]
