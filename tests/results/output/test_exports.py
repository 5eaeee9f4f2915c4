"""What is taken away: every judgment, under pseudonyms, in three formats that say the same."""

import csv
import io
import json
from datetime import datetime

import pytest
from django.core.management import call_command

from annotator.models import Attempt, AuditRow, PictureReport, Study
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import WRITERS, plain_text
from annotator.results.output.exports.registry import TABLE_NAMES, export_table
from annotator.results.output.exports.workers import as_json_text
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.tables import Table
from annotator.results.report.reported_numbers.entries import ReportedNumber
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


def taken(name, study=None):
    study = study or answered_study()
    table = export_table(name, study, take(study))
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows()]


def test_every_answer_is_a_row_with_what_became_of_it():
    study = answered_study()
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")

    rows = taken("answers", study)

    assert [row["concept"] for row in rows] == ["Wheel", "wheel", "car", ""]
    assert [row["precision"] for row in rows] == [1, 0.75, 0.5, 0]
    assert [row["excluded"] for row in rows] == ["", "", "soft-rejected", ""]
    assert rows[0]["group"] == "Object parts"


def test_marks_are_every_image_of_every_answer():
    study = answered_study()
    ben = study.workers.get(key="ben").assignments.get()
    third = get_unit(study).exemplars.get(rank=3)
    PictureReport.objects.create(assignment=ben, exemplar=third)

    rows = taken("marks", study)

    assert len(rows) == 4 * (study.top_count + study.catch_count)
    marked = [(row["answer"], row["rank"]) for row in rows if row["is_marked"]]
    cleo = study.workers.get(key="cleo").assignments.get().answer.pk
    assert marked == [(ben.answer.pk, 4), (cleo, 3), (cleo, 4)]
    assert [row["rank"] for row in rows if row["is_hidden"]] == [3]
    assert {row["role"] for row in rows} == {"top", "catch"}


def test_marks_say_which_pictures_were_shown_whole():
    study = answered_study()
    get_unit(study).exemplars.filter(rank=2).update(coverage=0)

    rows = taken("marks", study)

    wheel = [row for row in rows if (row["network"], row["unit"]) == ("scenes", 0)]
    shares = {row["rank"]: row["region_share"] for row in wheel}
    assert shares[2] == 0
    assert shares[1] == 0.5


def test_marks_say_what_a_cut_tile_showed():
    study = answered_study()
    get_unit(study).exemplars.filter(rank=2).update(
        tile="cut.jpg", box_left=0.25, box_top=0.5, box_side=0.4
    )
    get_unit(study).exemplars.filter(rank=1).update(box_side=0.4)  # known, but all was shown

    rows = taken("marks", study)

    wheel = [row for row in rows if (row["network"], row["unit"]) == ("scenes", 0)]
    crops = {row["rank"]: (row["crop_left"], row["crop_top"], row["crop_side"]) for row in wheel}
    assert crops[2] == (0.25, 0.5, 0.4)
    assert crops[1] == (0, 0, 1)
    assert {row["picture_sha256"] for row in wheel if row["rank"] == 2} == {"cut"}


def test_an_image_is_its_place_and_hash_unless_pictures_may_be_published():
    study = answered_study()
    assert {row["path"] for row in taken("marks", study)} == {""}

    Study.objects.update(may_publish_pictures=True)

    assert taken("marks", Study.objects.get())[0]["path"] == "0.jpg"


def test_workers_have_one_pseudonym_in_every_table_and_another_in_another_study():
    study = answered_study()
    names = {row["worker"] for row in taken("workers", study)}

    assert {row["worker"] for row in taken("answers", study)} == names
    assert {row["worker"] for row in taken("marks", study)} == names
    assert not {"ada", "ben", "cleo"} & names
    Study.objects.update(key="another key")
    assert not {row["worker"] for row in taken("workers", Study.objects.get())} & names


def test_attempts_and_the_audit_log_are_taken_along():
    study = answered_study()
    ada = study.workers.get(key="ada")
    assignment = ada.assignments.first()
    Attempt.objects.create(
        assignment=assignment, number=1, form={"concept": "wheel"}, was_refused=False
    )
    AuditRow.objects.create(
        study=study, actor_name="command", action="exclude", worker=ada, detail={"why": "bot"}
    )

    (attempt,), (audit,) = taken("attempts", study), taken("audit", study)

    assert (attempt["answer"], attempt["said"]) == (assignment.answer.pk, '{"concept": "wheel"}')
    assert (audit["actor"], audit["detail"]) == ("command", as_json_text({"why": "bot"}))
    assert audit["worker"] == attempt["worker"]


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_three_formats_say_the_same(name):
    parquet = pytest.importorskip("pyarrow.parquet")
    study = answered_study()
    table = export_table(name, study, take(study))

    text, lines, columns = (b"".join(write(table)) for write in WRITERS.values())

    rows = parquet.read_table(io.BytesIO(columns)).to_pylist()
    assert json.loads(lines) == [
        {key: as_json(value) for key, value in row.items()} for row in rows
    ]
    assert list(csv.DictReader(io.StringIO(text.decode()))) == [
        {key: as_cell(value) for key, value in row.items()} for row in rows
    ]


def as_json(value):
    return value.isoformat() if isinstance(value, datetime) else value


def as_cell(value):
    return "" if value is None else str(as_json(value))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t="])
def test_no_word_of_a_worker_becomes_a_formula(start):
    study = answered_study()
    store_answer(study, get_unit(study, number=1), "eve", f"{start}1+1")
    table = export_table("answers", study, take(study))

    text, lines = (b"".join(WRITERS[kind](table)).decode() for kind in ("csv", "json"))
    rows = list(csv.DictReader(io.StringIO(text)))

    assert rows[-1]["concept"] == f"'{start}1+1"
    assert json.loads(lines)[-1]["concept"] == f"{start}1+1"


def test_memory_stays_flat_a_table_comes_in_pieces(monkeypatch):
    study = answered_study()
    for module in (
        "formats.LINES_PER_PIECE",
        "formats.ROWS_PER_GROUP",
        "answers.MAX_UNITS_AT_ONCE",
    ):
        monkeypatch.setattr(f"annotator.results.output.exports.{module}", 1)
    table = export_table("marks", study, take(study))
    drawn = []
    rows = table.rows

    def counted():
        for row in rows():
            drawn.append(row)
            yield row

    object.__setattr__(table, "rows", counted)
    for write in WRITERS.values():
        drawn.clear()
        next(iter(write(table)))
        assert len(drawn) <= 2


def test_every_column_of_every_table_is_in_the_dictionary():
    study = answered_study()

    rows = list(dictionary(study, take(study)).rows())

    assert {row[0] for row in rows} == set(TABLE_NAMES)
    assert all(row[4].endswith(".") for row in rows)


def test_the_data_sheet_says_who_was_asked_and_what_may_be_published():
    text = data_sheet(study := answered_study(), take(study))

    assert "4 answers that count, 0 excluded" in text
    assert "may not be published" in text


def test_the_command_writes_any_table_to_a_file(tmp_path):
    answered_study()
    path = tmp_path / "marks.json"

    call_command("results", "rooms", format="json", table="marks", out=path)

    assert len(json.loads(path.read_text())) == 24


def test_pages_offer_every_table_and_only_requesters_the_audit(client, django_user_model):
    study = answered_study()
    html = client.get("/results/rooms/data/").content.decode()

    for name in TABLE_NAMES:
        for kind in WRITERS:
            assert f"/results/rooms/tables/{name}.{kind}" in html
    assert b"".join(client.get("/results/rooms/tables/marks.csv")).startswith(b"answer,network")
    reader = django_user_model.objects.create_user("rita")
    reader.memberships.create(study=study, role="reader")
    client.force_login(reader)
    assert client.get("/results/rooms/tables/marks.csv").status_code == 200
    assert client.get("/results/rooms/tables/audit.csv").status_code == 404
    assert client.get("/results/rooms/bundle.zip").status_code == 403


def test_no_p_in_a_terminal_reads_0():
    numbers = (
        ReportedNumber("share", "share", lambda row: row[0]),
        ReportedNumber("p", "p", lambda row: row[1]),
    )
    text = plain_text(Table(numbers, ((0.00001, 0.00001), (0.25, 0.25), (None, None))))

    assert [line.split("  ")[-1].strip() for line in text.splitlines()] == [
        "p", "< .0001", "0.250", "–"
    ]  # fmt: skip
    assert "0.000 " in text  # a share may be
