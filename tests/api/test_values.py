"""Each number of the API is that of a slow, obvious count over what is stored."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from annotator.api.endpoints import api
from annotator.models import Answer, Exemplar, MachineName, SnapshotRequest, Unit
from annotator.models.answer import Group
from annotator.neuronpedia_layout import decode_batch
from annotator.results.output.exports.registry import TABLE_NAMES, columns_of
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from annotator.views.reader import snapshot as reading
from tests.api.test_api import ask, key_for
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Six units: two are dead, one is dense, one is broad, one both dense and broad."""
    study = answered_study()
    facts = [{"dead": True}, {"dense": True, "broad_share": 0.9}, {"broad_share": 0.5}, {}]
    facts += [{"broad_share": 0.51}, {"dead": True, "broad_share": 0.8}]
    for unit, changes in zip(Unit.objects.order_by("pk"), facts, strict=True):
        Unit.objects.filter(pk=unit.pk).update(**changes)
    for worker in ("eve", "joe"):
        store_answer(study, get_unit(study, number=1), worker, "Grass", group=Group.OBJECT)
    return study


@pytest.fixture
def key(study):
    return key_for(study)


def activity_slowly(unit):
    if unit.dead:
        return "dead"
    if unit.dense:
        return "dense"
    return "broad" if (unit.broad_share or 0) > 0.5 else ""


def named(unit):
    return unit.layer.network.name, unit.layer.name


@pytest.mark.parametrize("word", ["dead", "dense", "broad"])
def test_a_layers_count_of_dead_dense_and_broad_units_is_that_of_its_units(
    client, study, key, word
):
    expected = {}
    for unit in Unit.objects.all():
        expected.setdefault(named(unit), 0)
        expected[named(unit)] += activity_slowly(unit) == word

    layers = ask(client, key, "studies/rooms/layers").json()["items"]

    counts = {(one["network"], one["layer"]): one[f"{word}_unit_count"] for one in layers}
    assert counts == expected
    assert sum(counts.values()) >= 1
    totals = {(one["network"], one["layer"]): one["unit_count"] for one in layers}
    assert set(totals.values()) == {2}  # a dead unit is in every denominator


def test_a_unit_is_marked_as_it_is_stored(client, study, key):
    units = ask(client, key, "studies/rooms/units").json()["items"]

    for one in units:
        unit = get_unit(study, one["network"], one["layer"], one["unit"])
        assert one["activity"] == activity_slowly(unit)
    assert {one["activity"] for one in units} == {"dead", "dense", "broad"}


@pytest.mark.parametrize("name", ["layers", "units"])
def test_rows_have_the_columns_of_the_table_of_their_name(client, study, key, name):
    items = ask(client, key, f"studies/rooms/{name}").json()["items"]

    columns = [column.name for column in columns_of(name)]
    assert items
    assert all(list(one) == columns for one in items)


def test_the_description_names_every_table():
    paths = api.get_openapi_schema(path_prefix="/api")["paths"]

    described = paths["/api/studies/{study}/tables/{name}.{kind}"]["get"]["description"]
    assert not set(TABLE_NAMES) - set(re.findall(r"\w+", described))


def test_shares_of_detectors_and_consensus_precisions_are_those_of_the_report(client, study, key):
    """The list, the report as JSON, the table and the page's report say one number."""
    report = full_report(take(study))
    in_list = {
        (one["network"], one["layer"]): one
        for one in ask(client, key, "studies/rooms/layers").json()["items"]
    }
    units = {
        (one["network"], one["layer"], one["unit"]): one
        for one in ask(client, key, "studies/rooms/units").json()["items"]
    }

    for network, layer in report.all_layers():
        row, detectors = in_list[network.name, layer.name], layer.detectors
        ends = (row["detector_share_low"], row["detector_share_high"])
        if detectors.interval:
            interval = (detectors.interval.low, detectors.interval.high)
            assert ends == pytest.approx(interval, abs=1e-6)
        else:
            assert ends == (None, None)
        answered = [unit for unit in units if unit[:2] == (network.name, layer.name)]
        count = row["object_detector_count"]
        assert row["detector_share"] == (count / len(answered) if answered else None)
        for unit in layer.units:
            one = units[network.name, layer.name, unit.unit]
            assert one["precision_under_consensus"] == unit.named.precision
            low, high = (one[f"precision_under_consensus_{end}"] for end in ("low", "high"))
            interval = unit.consensus_interval
            assert (low, high) == ((interval.low, interval.high) if interval else (None, None))
    consensus = units["scenes", "conv1", 0]
    fitting = [1, 3 / 4]  # of the two answers that say wheel
    assert consensus["precision_under_consensus"] == sum(fitting) / 2
    assert consensus["precision_under_consensus_low"] < 0.875
    assert in_list["scenes", "conv1"]["detector_share"] == 1 / 2  # the grass


def test_a_method_agrees_where_its_name_is_the_peoples_consensus(client, study, key):
    """Units 0 and 1 of conv1 have a consensus, wheel and grass; the others have none."""
    given = {0: "Wheel", 1: "grass field"}
    for number, name in given.items():
        MachineName.objects.create(unit=get_unit(study, number=number), method="M", name=name)
    MachineName.objects.create(unit=get_unit(study, "objects"), method="M", name="sky")
    consensus = {0: "wheel", 1: "grass"}

    (method,) = ask(client, key, "studies/rooms/report").json()["methods"]

    same = sum(given[number].casefold() == word for number, word in consensus.items())
    words = sum(
        bool(set(given[number].casefold().split()) & set(word.split()))
        for number, word in consensus.items()
    )
    assert method["named_unit_count"] == MachineName.objects.filter(method="M").count() == 3
    assert method["common_unit_count"] == len(consensus)
    assert (method["same_unit_count"], method["shared_word_unit_count"]) == (same, words) == (1, 2)
    assert method["agreement"] == same / len(consensus)
    assert (method["verified_unit_count"], method["ratio"]) == (0, None)


def test_neuronpedia_has_a_line_for_each_unit_image_and_name(study, tmp_path):
    MachineName.objects.create(unit=get_unit(study, number=1), method="M", name="grass")
    call_command("results", "rooms", "--format", "neuronpedia", "--out", str(tmp_path / "np"))

    lines = {"features": [], "activations": [], "explanations": []}
    for kind, rows in lines.items():
        for path in sorted(Path(tmp_path).rglob(f"{kind}/batch-*.jsonl.gz")):
            rows += decode_batch(path.read_bytes())

    shown = Exemplar.objects.filter(role="top", rank__lte=study.top_count).count()
    with_consensus = 2  # wheel and grass
    assert len(lines["features"]) == Unit.objects.count()
    assert len(lines["activations"]) == shown
    assert len(lines["explanations"]) == with_consensus + 1
    by_people = [one for one in lines["explanations"] if one["typeName"] == "unitscope-people"]
    answers = Answer.objects.filter(assignment__unit__layer__name="conv1", says="concept")
    assert sum(one["unitscope"]["answer_count"] for one in by_people) == answers.count()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "waits for a background worker"),
        ({"begun_at": "2026-01-01T00:00Z"}, "A background worker is making the report"),
        (
            {"begun_at": "2026-01-01T00:00Z", "error": "The storage is full."},
            "could not be made. It is tried again every 5 minutes. The storage is full.",
        ),
    ],
)
def test_a_report_that_is_not_there_yet_says_why(
    client, study, key, monkeypatch, changes, sentence
):
    monkeypatch.setattr(reading, "MAX_ANSWERS_IN_REQUEST", -1)  # every report is a large one
    assert ask(client, key, "studies/rooms/layers").status_code == 503
    SnapshotRequest.objects.update(**changes)

    response = ask(client, key, "studies/rooms/layers")

    assert response.status_code == 503
    assert sentence in response.json()["detail"]
