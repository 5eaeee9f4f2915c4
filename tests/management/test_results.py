"""`manage.py results`: data on stdout, words on stderr, a file whole or not at all."""

import csv
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from annotator.imports.tables import read_table
from annotator.results.loading.preregistered_plans import Looks, load_looks
from tests.management.terminal import answers_at_a_terminal
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


def results(*arguments) -> str:
    out = io.StringIO()
    call_command("results", *arguments, stdout=out)
    return out.getvalue()


def test_json_has_the_promised_keys():
    answered_study()

    report = json.loads(results("rooms", "--format", "json"))

    assert [network["name"] for network in report["networks"]] == ["scenes", "objects"]
    conv1 = report["networks"][0]["layers"][0]
    assert conv1["name"] == "conv1"
    assert conv1["unit_count"] == 2
    assert conv1["mean_precision"] == 0.75
    # Ada's answer alone is strictly above 0.75, and weighs a third.
    assert conv1["groups"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0, "6": 0}
    assert conv1["groups_denominator"] == {"weight": 0.333333, "answer_count": 1}
    (unit,) = conv1["unit_results"]
    promised = {key: unit[key] for key in ("unit", "concept", "group", "precision", "answer_count")}
    assert promised == {
        "unit": 0,
        "concept": "wheel",
        "group": 4,
        "precision": 0.75,
        "answer_count": 3,
    }


def test_json_names_its_rules_and_whose_answers_they_are():
    answered_study(kind="simulated")

    report = json.loads(results("rooms", "--format", "json"))

    assert report["simulated"] is True
    assert report["notice"] == "simulated workers"
    assert report["threshold"] == 0.75
    assert set(report["rules"]) >= {"mean_precision", "groups", "concept", "precision"}


def test_json_is_the_same_text_every_time():
    answered_study()

    assert results("rooms", "--format", "json") == results("rooms", "--format", "json")


def test_a_layer_without_answers_has_no_numbers():
    answered_study()

    conv2 = json.loads(results("rooms", "--format", "json"))["networks"][0]["layers"][1]

    assert conv2["mean_precision"] is None
    assert set(conv2["groups"].values()) == {None}
    assert conv2["unit_results"] == []


def test_csv_has_a_row_for_each_answered_unit_and_no_formula():
    study = answered_study()
    store_answer(study, get_unit(study, number=1), "eve", '=HYPERLINK("http://example.org")')

    rows = list(csv.DictReader(io.StringIO(results("rooms", "--format", "csv"))))

    assert [(row["network"], row["layer"], row["unit"]) for row in rows] == [
        ("scenes", "conv1", "0"),
        ("scenes", "conv1", "1"),
        ("objects", "conv1", "0"),
    ]
    assert rows[1]["concept"].startswith("'=")


def test_the_table_has_a_line_for_each_layer():
    answered_study()

    lines = results("rooms").splitlines()

    assert [line.split()[:2] for line in lines[1:]] == [
        ["scenes", "conv1"],
        ["scenes", "conv2"],
        ["objects", "conv1"],
    ]


def test_csv_for_excel_is_csv_behind_a_byte_order_mark(tmp_path):
    answered_study()
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    call_command("results", "rooms", format="csv", out=plain)
    call_command("results", "rooms", format="csv", out=marked, excel=True)

    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert [line.values for line in read_table(marked)] == [
        line.values for line in read_table(plain)
    ]
    with pytest.raises(CommandError, match="--excel goes with --format csv, not json"):
        call_command("results", "rooms", format="json", out=marked, excel=True)


def test_the_page_of_the_data_offers_csv_for_excel(client):
    answered_study()
    page = client.get("/results/rooms/data/").content.decode()
    link = re.search(r'href="([^"]+\?excel)">CSV for Excel', page)[1]

    assert b"".join(client.get(link)).startswith(b"\xef\xbb\xbf")


def test_parquet_holds_the_same_rows_as_csv(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    answered_study()
    path = tmp_path / "units.parquet"

    call_command("results", "rooms", "--format", "parquet", "--out", str(path))

    rows = parquet.read_table(path).to_pylist()
    assert [(row["layer"], row["unit"], row["precision"]) for row in rows] == [
        ("conv1", 0, 0.75),
        ("conv1", 0, 0.0),
    ]


def test_html_opens_from_disk_without_anything_beside_it(tmp_path):
    answered_study()
    path = tmp_path / "report.html"

    call_command("results", "rooms", "--format", "html", "--out", str(path))

    html = path.read_text()
    assert "Results of rooms" in html
    assert "<svg" in html
    for outside in ('src="', "<script", 'href="/', "<link"):
        assert outside not in html


def test_out_writes_what_stdout_would_get(tmp_path, capsys):
    answered_study()
    path = tmp_path / "results.json"

    assert results("rooms", "--format", "json", "--out", str(path)) == ""

    assert path.read_text() == results("rooms", "--format", "json")
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "There is no study 'nope'. There are: rooms."),
        (["rooms", "--out", "/nowhere/at/all.json"], "/nowhere/at/all.json cannot be written"),
        (["rooms", "--format", "parquet"], "say where to write it with --out"),
        (["rooms", "--format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_a_wrong_wish_gets_one_sentence(arguments, sentence):
    answered_study()

    with pytest.raises(CommandError, match=sentence):
        results(*arguments)


def test_words_about_the_answers_go_to_stderr(capsys):
    answered_study(kind="simulated")

    out = results("rooms", "--format", "json")

    assert json.loads(out)
    assert "simulated workers" in capsys.readouterr().err


def test_early_results_are_refused_without_a_terminal_and_opened_by_an_option():
    study = answered_study(is_finished=False)

    with pytest.raises(CommandError, match=r"4 of 18 so far\..* --early opens them for an hour"):
        results("rooms")
    assert load_looks(study) == Looks()

    assert "conv1" in results("rooms", "--early")
    assert "conv1" in results("rooms")  # it lasts for an hour
    assert load_looks(study) == Looks(early=1)


@pytest.mark.parametrize(("answer", "is_opened"), [("y", True), ("Yes ", True), ("", False)])
def test_a_terminal_is_asked_before_results_are_opened_early(monkeypatch, answer, is_opened):
    study = answered_study(is_finished=False)
    questions = answers_at_a_terminal(monkeypatch, answer)

    if is_opened:
        results("rooms")
    else:
        with pytest.raises(CommandError, match="stay hidden"):
            results("rooms")

    assert "is logged as a look" in questions[0]
    assert load_looks(study) == Looks(early=int(is_opened))


@pytest.mark.parametrize("kind", ["person", "simulated"])
def test_complete_and_simulated_results_ask_nothing(kind):
    study = answered_study(kind=kind, is_finished=kind == "person")

    assert "conv1" in results("rooms")
    assert load_looks(study) == Looks()
