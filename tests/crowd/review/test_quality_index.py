"""What reviewers' pages read of a large study is what they would compute."""

import random

import pytest

from annotator.crowd.answers import pictures
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.review import decisions, quality_index
from annotator.crowd.review.quality_index import ComputedIndex, StoredIndex, store_quality
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, KnownAnswer, Study, Unit, Worker
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study(monkeypatch):
    """Six workers who answer eight units, some of them carelessly; one is a control unit."""
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", 0)
    study = published_study(layers=[("net", "conv", 8)], places=6, worker_share=1)
    draw = random.Random(0)
    units = list(Unit.objects.filter(layer__network__study=study).prefetch_related("hits"))
    KnownAnswer.objects.create(unit=units[0], concepts=["dog"], group=5, for_control=True)
    for worker in workers(study, *"abcdef"):
        for unit in units:
            answer(worker, unit, draw)
    return study


def answer(worker, unit, draw):
    assignment = leases.accept(worker, unit.hit)
    if draw.random() < 0.2:
        pictures.hide(assignment, draw.randrange(6))
    marked = frozenset(slot for slot in range(6) if draw.random() < 0.4)
    submit(assignment, AnswerForm(draw.choice(["dog", "sky", "x"]), draw.randrange(1, 7), marked))


def test_what_is_stored_is_what_would_be_computed(study):
    assert store_quality(study)
    stored, computed = StoredIndex(study), ComputedIndex(quality_rows(study))
    answers = Assignment.objects.values_list("pk", flat=True)
    people = Worker.objects.values_list("pk", flat=True)

    as_lists = {pk: [tuple(each) for each in row.signals] for pk, row in
                computed.answers(answers).items()}  # fmt: skip
    assert {pk: [tuple(each) for each in row.signals] for pk, row in
            stored.answers(answers).items()} == as_lists  # fmt: skip
    assert any(as_lists.values())
    assert stored.workers(people) == computed.workers(people)
    assert stored.bad_catch == computed.bad_catch
    ordered = Assignment.objects.order_by("submitted_at", "pk")
    for signal in ("", "any", "catch", "known", "hidden"):
        for by_signals in (False, True):
            chosen = [list(each.select(ordered, signal, by_signals)) for each in (stored, computed)]
            assert chosen[0] == chosen[1]


def test_it_is_stored_again_only_when_something_has_changed(study):
    store_quality(study)
    assert not store_quality(study)

    decisions.approve(Assignment.objects.first(), COMMAND)
    assert store_quality(study)
    decisions.exclude(Worker.objects.get(key="a"), "Catch images.", COMMAND)
    assert store_quality(study)
    assert not store_quality(study)


def test_a_small_study_is_computed_and_stores_nothing(study, monkeypatch):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", 48)

    assert not store_quality(study)
    sized = quality_index.with_size(Study.objects.all()).get()
    assert not quality_index.quality_index(sized).is_stored
