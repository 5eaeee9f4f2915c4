"""A study in Neuronpedia's batch layout goes out, comes back, and is what Neuronpedia reads."""

import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from annotator.models import Answer, Exemplar, MachineName, Study, Unit
from annotator.neuronpedia_layout import BATCH_SIZE, NotBatch, decode_batch, encode_batch, model_ids
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db

# Columns of Neuronpedia's tables that its importer must get, and all others that it may get, from
# apps/webapp/prisma/schema.prisma.
REQUIRED = {
    "features": {"modelId", "layer", "index"},
    "activations": {
        *("id", "tokens", "index", "layer", "modelId", "maxValue", "maxValueTokenIndex"),
        *("minValue", "values", "creatorId"),
    },
    "explanations": {"id", "modelId", "layer", "index", "description", "authorId"},
}
OPTIONAL = {
    "features": {
        *("sourceSetName", "creatorId", "maxActApprox", "hasVector", "vector", "hookName"),
        *("neg_str", "neg_values", "pos_str", "pos_values"),
        *("logits_hist_data_bar_heights", "logits_hist_data_bar_values"),
    },
    "activations": {"dataIndex", "dataSource", "dfaValues"},
    "explanations": {"embedding", "notes", "typeName", "explanationModelName"},
}


def exported(tmp_path, study="rooms"):
    folder = tmp_path / "np"
    call_command("results", study, "--format", "neuronpedia", "--out", str(folder))
    return folder


def lines(folder, kind, source="rooms-scenes/0-rooms", batch=0):
    with gzip.open(folder / source / kind / f"batch-{batch}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def imported(path, *arguments):
    call_command("import_names", str(path), "--study", "rooms", *arguments)


def names():
    rows = MachineName.objects.order_by("unit", "method")
    return list(rows.values_list("unit", "method", "name", "score"))


def batch_of(tmp_path, *changes):
    """A batch of explanations that somebody made for the units of scenes, conv1."""
    line = {"modelId": "rooms-scenes", "layer": "0-rooms", "index": "0", "description": "wheels"}
    path = tmp_path / "batch-0.jsonl.gz"
    path.write_bytes(encode_batch(line | change for change in changes))
    return path


def test_machine_names_come_back_as_they_went_out(tmp_path):
    study = answered_study()
    first, other = get_unit(study), get_unit(study, "objects", number=1)
    MachineName.objects.create(unit=first, method="CLIP-Dissect", name="wheel", score=0.31)
    MachineName.objects.create(unit=first, method="MILAN", name="a “round” <thing>")
    MachineName.objects.create(unit=other, method="MILAN", name="sky")
    before = names()
    folder = exported(tmp_path)
    MachineName.objects.all().delete()

    imported(folder)

    assert names() == before


def test_two_exports_of_a_study_are_the_same_bytes(tmp_path):
    answered_study()
    first = {path.name: path.read_bytes() for path in exported(tmp_path).rglob("*.gz")}

    again = exported(tmp_path)

    assert {path.name: path.read_bytes() for path in again.rglob("*.gz")} == first


@pytest.mark.parametrize("kind", REQUIRED)
def test_a_line_has_the_columns_that_neuronpedia_reads_and_one_of_our_own(tmp_path, kind):
    MachineName.objects.create(unit=get_unit(answered_study()), method="MILAN", name="wheel")

    for line in lines(exported(tmp_path), kind):
        assert set(line) - {"unitscope"} <= REQUIRED[kind] | OPTIONAL[kind]
        assert set(line) >= REQUIRED[kind]
        assert all(line[name] is not None for name in REQUIRED[kind])
        assert line["unitscope"]["network"] == "scenes"


def test_every_source_has_its_folders_and_descriptions(tmp_path):
    answered_study()

    folder = exported(tmp_path)

    sources = {path.parent.relative_to(folder).as_posix() for path in folder.rglob("source.jsonl")}
    assert sources == {"rooms-scenes/0-rooms", "rooms-scenes/1-rooms", "rooms-objects/2-rooms"}
    source = folder / "rooms-scenes" / "1-rooms"
    described = {
        name: json.loads((source / f"{name}.jsonl").read_text())
        for name in ("release", "model", "sourceset", "source")
    }
    assert described["model"]["id"] == described["source"]["modelId"] == "rooms-scenes"
    assert described["source"]["id"] == "1-rooms"
    assert described["source"]["setName"] == described["sourceset"]["name"] == "rooms"
    assert described["sourceset"]["releaseName"] == described["release"]["name"] == "rooms"
    assert [line["hookName"] for line in lines(folder, "features", "rooms-scenes/1-rooms")] == [
        "conv2",
        "conv2",
    ]


def test_an_image_is_an_activation_of_one_token(tmp_path):
    study = answered_study()
    unit = get_unit(study)
    Exemplar.objects.filter(unit=unit, rank=2).update(score=0.5)

    line = lines(exported(tmp_path), "activations")[1]

    exemplar = Exemplar.objects.select_related("image").get(unit=unit, rank=2)
    assert line["tokens"] == [f"image {exemplar.image.place}"]
    assert line["values"] == [0.5]
    assert (line["maxValue"], line["minValue"], line["maxValueTokenIndex"]) == (0.5, 0.5, 0)
    assert line["unitscope"]["rank"] == 2
    assert "path" not in line["unitscope"]


def test_the_file_of_an_image_stands_only_where_pictures_may_be_published(tmp_path):
    answered_study()
    Study.objects.update(may_publish_pictures=True)

    assert lines(exported(tmp_path), "activations")[0]["unitscope"]["path"] == "0.jpg"


def test_a_consensus_is_an_explanation_by_people_with_its_numbers(tmp_path):
    answered_study()

    line = lines(exported(tmp_path), "explanations")[0]

    assert line["description"] == "wheel"
    assert line["typeName"] == "unitscope-people"
    assert line["explanationModelName"] is None
    assert line["unitscope"]["precision"] == 0.75
    assert line["unitscope"]["consensus_precision"] == 0.875
    assert "Consensus of 3 answers" in line["notes"]


def test_simulated_answers_are_marked_wherever_they_stand(tmp_path):
    answered_study(kind="simulated")

    folder = exported(tmp_path)

    line = lines(folder, "explanations")[0]
    assert line["typeName"] == "unitscope-simulated"
    assert "simulated" in line["notes"]
    source = folder / "rooms-scenes" / "0-rooms"
    for name in ("release", "sourceset", "source"):
        assert "simulated workers" in (source / f"{name}.jsonl").read_text()


def test_what_people_said_never_becomes_a_machines_name(tmp_path, capsys):
    answered_study()
    folder = exported(tmp_path)

    imported(folder, "--method", "GPT")

    assert names() == []
    assert (
        "1 explanations were left out: people or simulated workers wrote them"
        in capsys.readouterr().err
    )
    assert Answer.objects.count() == 4


def test_explanations_of_neuronpedia_say_by_themselves_who_made_them(tmp_path):
    answered_study()
    path = batch_of(
        tmp_path,
        {"typeName": "oai_token-act-pair", "explanationModelName": "gpt-4o-mini"},
        {"typeName": None, "explanationModelName": None, "description": "a person's words"},
        {"index": 1, "typeName": "np_acts", "explanationModelName": "gpt-4o", "embedding": "[0]"},
    )

    imported(path)

    assert [row[1:] for row in names()] == [
        ("gpt-4o-mini, oai_token-act-pair", "wheels", None),
        ("gpt-4o, np_acts", "wheels", None),
    ]


def test_the_caller_may_say_who_made_them(tmp_path):
    answered_study()

    imported(batch_of(tmp_path, {"typeName": "x"}, {"index": "1"}), "--method", "MILAN")

    assert [row[1] for row in names()] == ["MILAN", "MILAN"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"layer": "9-rooms"},
            "Line 1 of batch-0.jsonl.gz: the study has no source rooms-scenes/9",
        ),
        ({"index": "77"}, "Line 1 of batch-0.jsonl.gz: conv1 of scenes has no unit 77."),
        ({"index": "x"}, "unit must be a whole number from 0, got 'x'"),
        ({"description": ""}, "batch-0.jsonl.gz: Line 1: name is missing"),
        ({"description": "x" * 101}, "name has at most 100 characters"),
        ({"description": None}, "Line 1 of batch-0.jsonl.gz: description"),
        ({"explanationModelName": "consensus"}, "`consensus` is the name for people's words"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(tmp_path, change, sentence):
    answered_study()
    path = batch_of(tmp_path, {"explanationModelName": "GPT"} | change)

    with pytest.raises(CommandError) as error:
        imported(path)

    assert sentence in str(error.value)
    assert names() == []


def test_two_explanations_of_a_unit_by_one_method_are_refused(tmp_path):
    answered_study()
    made_by = {"explanationModelName": "GPT"}

    with pytest.raises(
        CommandError,
        match=r"Line 2 of batch-0.jsonl.gz: unit 0 of conv1 was named in line 1 of batch-0",
    ):
        imported(batch_of(tmp_path, made_by, made_by | {"description": "tires"}))


def test_what_is_no_batch_is_refused_in_one_sentence(tmp_path):
    answered_study()
    damaged = tmp_path / "batch-0.jsonl.gz"
    damaged.write_bytes(encode_batch([{"a": 1}])[:-6])

    with pytest.raises(CommandError, match=r"batch-0.jsonl.gz is not a gzipped text"):
        imported(damaged)
    with pytest.raises(CommandError, match=r"has no explanations/batch-\*.jsonl.gz"):
        imported(tmp_path)
    with pytest.raises(NotBatch, match="line 2 is no JSON object"):
        decode_batch(gzip.compress(b"{}\n[]\n"))


def test_a_layer_of_many_units_is_in_several_batches(tmp_path):
    study = answered_study()
    layer = get_unit(study, "objects").layer
    Unit.objects.bulk_create(
        Unit(layer=layer, number=number, maximum=1, threshold=1, saturated=False)
        for number in range(2, BATCH_SIZE + 3)
    )
    store_answer(study, get_unit(study, "objects", number=1), "ada")

    folder = exported(tmp_path)

    source = "rooms-objects/2-rooms"
    assert len(lines(folder, "features", source)) == BATCH_SIZE
    assert [line["index"] for line in lines(folder, "features", source, 1)] == [
        str(number) for number in range(BATCH_SIZE, BATCH_SIZE + 3)
    ]
    assert lines(folder, "explanations", source, 1) == []


def test_a_model_id_is_what_neuronpedia_allows():
    ids = model_ids("rooms", ["torchvision:alexnet", "torchvision-alexnet", "x" * 300, "X" * 300])

    assert len(set(ids.values())) == 4
    for name in ids.values():
        assert len(name) <= 128
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
