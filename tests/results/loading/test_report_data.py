"""Everything that a report is made of: loaded from the database, or read from a bundle."""

import pytest
from pydantic import TypeAdapter

from annotator.results.loading.answers import UnitName
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.report_data import ReportData, load_report_data
from tests.results.studies import answered_study, get_unit, store_answer

# As version 0.1.0 wrote it; what it leaves out has a default.
BUNDLED = """{
  "study": "rooms", "threshold": 0.75, "image_list_sha256": "ab", "first_answers": 3,
  "layout": [{"name": "scenes", "spec": "torchvision:alexnet", "weights_sha256": "",
              "layers": [{"id": 1, "name": "conv5", "unit_count": 256}]}],
  "answers": [{"answer": 7, "network": "scenes", "layer": "conv5", "unit": 2, "worker": "w-1",
               "concept": "wheel", "group": 4, "shown": 57, "fitting": 40, "says": "concept",
               "given_at": "2026-11-01T12:00:00Z"}],
  "verifications": [{"answer": 8, "network": "scenes", "layer": "conv5", "unit": 2,
                     "worker": "w-2", "kind": "person", "status": "submitted", "is_surplus": false,
                     "worker_excluded_at": null, "concept": "wheel", "concept_by": "consensus",
                     "shown": 60, "fitting": 48, "random_shown": 20, "random_fitting": 2}],
  "marks": {"marked": {"7": 6}, "hidden": {}}
}"""


def test_what_a_bundle_holds_is_read_whatever_the_order_of_its_keys():
    data = TypeAdapter(ReportData).validate_json(BUNDLED)

    (answer,), (verification,) = data.answers, data.verifications
    assert answer.unit_name == verification.unit_name == UnitName("scenes", "conv5", 2)
    assert answer.exclusion is verification.exclusion is None
    assert data.marks.marked == {7: 6}
    assert data.plans == data.merges == ()


def test_what_is_loaded_survives_being_written_as_json(db):
    data = load_report_data(answered_study(), flagged={"ben"})
    adapter = TypeAdapter(ReportData)

    assert adapter.validate_json(adapter.dump_json(data)) == data


@pytest.mark.parametrize(
    "change",
    [
        lambda study: store_answer(study, get_unit(study), "eve"),
        lambda study: study.workers.filter(key="ada").update(excluded_at="2026-11-01T00:00Z"),
        lambda study: study.merges.create(version=1, words=["car"], into="wheel", by="rita"),
        lambda study: (
            get_unit(study).assignments.filter(worker__key="ben").update(status="rejected")
        ),
        lambda study: type(study).objects.filter(pk=study.pk).update(threshold=0.5),
    ],
    ids=["answer", "excluded worker", "merge", "rejection", "threshold"],
)
def test_the_fingerprint_changes_with_whatever_a_report_is_made_of(db, change):
    study = answered_study()
    before = data_fingerprint(study)
    assert data_fingerprint(study) == before

    change(study)
    study.refresh_from_db()

    assert data_fingerprint(study) != before
