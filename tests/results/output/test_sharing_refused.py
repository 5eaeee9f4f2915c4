"""An answer whose worker does not share it counts in the numbers, and is in no export."""

import json
import zipfile

import pytest
from django.core.management import call_command

from annotator.access_keys import create_key
from annotator.crowd.access.consent import agree
from annotator.models import Worker
from annotator.results.loading.report_data import load_report_data
from annotator.results.output.exports.formats import WRITERS
from annotator.results.output.exports.registry import TABLE_NAMES
from annotator.results.report.report import report_from, report_of
from tests.crowd.consents import agreed, with_consent
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db
PLANTED = "xylophonist"


def refuse(study, worker):
    agree(Worker.objects.get(study=study, key=worker), agreed(shares=False))


@pytest.fixture
def study():
    """Dora alone uses the planted word, in a concept and a remark, and shares nothing."""
    study = with_consent(answered_study())
    answer = store_answer(study, get_unit(study), "dora", PLANTED, remark=PLANTED, marked=[1])
    said = {"says": "concept", "concept": PLANTED, "group": 4, "marked": [0]}
    answer.assignment.attempts.create(number=1, form=said, was_refused=False)
    return study


def exported(study, folder):
    """Every text that leaves the service: (format, its bytes)."""
    for kind in ("table", "csv", "json", "parquet", "html", "bundle", "site", "neuronpedia"):
        out = folder / kind
        call_command("results", study.name, format=kind, out=out)
        if kind == "bundle":
            with zipfile.ZipFile(out) as archive:
                for name in archive.namelist():
                    yield f"{kind} {name}", archive.read(name)
        elif out.is_dir():
            for path in sorted(path for path in out.rglob("*") if path.is_file()):
                yield f"{kind} {path.name}", path.read_bytes()
        else:
            yield kind, out.read_bytes()
    for name in TABLE_NAMES:
        for kind in WRITERS:
            out = folder / f"{name}.{kind}"
            call_command("results", study.name, format=kind, table=name, out=out)
            yield f"table {name}.{kind}", out.read_bytes()


def in_the_api(client, study):
    for path in ("report", "layers", "units", "answers", "workers"):
        response = client.get(f"/api/studies/{study.name}/{path}")
        assert response.status_code == 200
        yield f"api {path}", response.content


@pytest.fixture
def requester(client, django_user_model):
    key, secret = create_key(django_user_model.objects.create_user("ada", is_staff=True))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.access_key_id}:{secret}"
    return client


def holding(word, texts):
    """The formats in which a word is found."""
    return {name.split()[0] for name, content in texts if word.encode() in content}


def test_an_answer_that_is_not_shared_is_in_no_export(study, tmp_path, requester):
    """tests/results/output/test_everything_exported.py finds one that is shared by this walk."""
    refuse(study, "dora")

    assert holding(PLANTED, [*exported(study, tmp_path), *in_the_api(requester, study)]) == set()


def test_an_answer_that_is_not_shared_counts_in_the_reports_numbers(study):
    before = report_of(study)
    refuse(study, "dora")
    after = report_of(study)

    assert after.answer_count == before.answer_count
    units = [report.networks[0].layers[0].units[0] for report in (before, after)]
    assert units[0].precision == units[1].precision
    assert units[0].group_votes == units[1].group_votes
    assert units[0].named.precision == units[1].named.precision
    assert dict(units[1].named.votes)["private"] == 1


def test_a_word_that_somebody_shares_stays(study):
    refuse(study, "ben")

    votes = dict(report_of(study).networks[0].layers[0].units[0].named.votes)

    assert votes["wheel"] == 2


def test_a_consensus_of_words_that_nobody_shares_keeps_its_numbers_without_its_name(study):
    named = report_of(study).networks[0].layers[0].units[0].named
    for worker in ("ada", "ben"):
        refuse(study, worker)

    hidden = report_of(study).networks[0].layers[0].units[0].named

    assert hidden.precision == named.precision
    assert "wheel" not in dict(hidden.votes)


def test_a_bundle_says_how_many_it_lacks_and_computes_from_the_rest(study, tmp_path):
    refuse(study, "dora")
    call_command("results", study.name, format="bundle", out=tmp_path / "b")

    with zipfile.ZipFile(tmp_path / "b") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        report = json.loads(archive.read("report.json"))
    shared = report_from(load_report_data(study).shared())
    assert manifest["answers_not_shared"] == 1
    assert report["answer_count"] == shared.answer_count == 4


def test_a_bundle_from_before_an_answer_was_taken_back_is_superseded(study, tmp_path, capsys):
    call_command("results", study.name, format="bundle", out=tmp_path / "b")
    call_command("results", bundle=tmp_path / "b")
    assert "superseded" not in capsys.readouterr().err
    type(study).objects.update(withdrawal_count=1)

    call_command("results", bundle=tmp_path / "b")

    assert "is superseded" in capsys.readouterr().err
