"""A second round: held-out precision, base rate and lift; machines' names beside people's."""

from math import exp, log
from statistics import fmean

import numpy as np
import pytest

from annotator.results.loading.answers import UnitName
from annotator.results.loading.machine_names import MachineNameRow
from annotator.results.loading.report_data import ReportData
from annotator.results.report.report import report_from
from annotator.results.stats.verified_precision import (
    by_method,
    log_lift,
    verified_concepts,
    verified_layers,
)
from tests.results.rows import LAYOUT, answer, verification


def summed(rows, by="consensus"):
    return verified_concepts(by_method(rows)[by])[UnitName("alexnet", "conv5", 0)]


def test_held_out_precision_base_rate_and_lift_are_means_over_answers():
    rows = [verification(), verification(worker="ben", fitting=30, random=5)]

    verified = summed(rows)

    assert verified.held_out == pytest.approx((48 / 60 + 30 / 60) / 2)
    assert verified.base_rate == pytest.approx((2 / 20 + 5 / 20) / 2)
    lifts = [(48.5 / 61) / (2.5 / 21), (30.5 / 61) / (5.5 / 21)]
    assert verified.lift == pytest.approx(exp(fmean(map(log, lifts))))
    assert verified.lift_interval.low < verified.lift < verified.lift_interval.high


def test_a_concept_that_no_random_picture_shows_still_has_a_lift():
    assert exp(log_lift(verification(random=0))) == pytest.approx((48.5 / 61) / (0.5 / 21))
    assert log_lift(verification(random=0, random_shown=0)) is None


@pytest.mark.parametrize(
    "change",
    [{"status": "soft-rejected"}, {"is_surplus": True}, {"shown": 0, "fitting": 0}]
    + [{"worker_excluded_at": "2026-11-01"}],
)
def test_what_does_not_count_when_naming_does_not_count_here(change):
    rows = [verification(), verification(**{"worker": "eve", "fitting": 0, **change})]

    assert summed(rows).answer_count == 1


def test_one_answer_has_a_lift_and_no_interval():
    verified = summed([verification()])

    assert verified.lift is not None
    assert verified.lift_interval is verified.p is None


def test_a_layer_is_the_mean_over_its_units_with_an_interval_over_workers():
    rows = [
        verification(unit, worker=f"w{w}", fitting=40 + unit + 2 * w, random=1 + w % 3)
        for unit in range(5)
        for w in range(4)
    ]

    layer = verified_layers(by_method(rows)["consensus"])["alexnet", "conv5"]

    assert layer.held_out == pytest.approx(
        fmean((40 + u + 2 * w) / 60 for u in range(5) for w in range(4))
    )
    assert layer.held_out_interval.low < layer.held_out < layer.held_out_interval.high
    assert layer.lift_interval.low < layer.lift < layer.lift_interval.high


def test_a_unit_counts_with_the_concept_that_was_verified_last():
    rows = [
        verification(answer=1, concept="car"),
        verification(answer=2, worker="ben", concept="wheel", fitting=12),
    ]

    verified = summed(rows)

    assert (verified.concept, verified.held_out) == ("wheel", 0.2)


def reported(verifications=(), names=(), crowd=None):
    rows = tuple(
        answer(unit, concept=word, worker=worker, answer=10 * unit + n)
        for unit, word in enumerate(["wheel", "dogs", "blue sky"])
        for n, worker in enumerate(("ada", "ben", "cleo"))
    )
    data = ReportData(
        "s", 0.75, tuple(LAYOUT), rows, verifications=verifications, machine_names=names
    )
    return report_from(data, crowd)


NAMES = tuple(
    MachineNameRow("alexnet", "conv5", unit, "clip", name)
    for unit, name in enumerate(["Wheels", "cat", "the sky", "unseen"])
)


def test_a_machine_agrees_where_both_use_one_merged_concept():
    (method,) = reported(names=NAMES).methods

    assert (method.named_count, method.common_count, method.same_count) == (4, 3, 1)
    assert method.word_count == 2
    assert method.agreement == pytest.approx(1 / 3)
    assert method.ratio is None  # nothing of it is verified


def test_machine_and_people_are_compared_on_units_of_which_both_names_were_verified():
    rng = np.random.default_rng(6)
    rows = tuple(
        verification(
            unit,
            int(rng.binomial(60, share)),
            worker=f"{by}{w}",
            concept=by,
            concept_by=by,
            answer=unit,
        )
        for by, share in (("consensus", 0.8), ("clip", 0.4))
        for unit in ((0, 1, 2) if by == "clip" else (0, 1))
        for w in range(6)
    )

    report = reported(rows, NAMES)
    (method,) = report.methods

    assert method.verified_count == 2
    assert method.human_lift > method.machine_lift
    assert method.ratio == pytest.approx(method.machine_lift / method.human_lift)
    assert method.ratio_interval.low < method.ratio < method.ratio_interval.high < 1
    assert {example.unit for example in method.examples[:2]} == {0, 1}
    first = report.networks[0].layers[0].units[0]
    assert [concept.by for concept in first.verified] == ["consensus", "clip"]
    assert first.machine_names == (("clip", "Wheels"),)


def test_simulated_verifications_never_mix_with_peoples():
    rows = (verification(), verification(worker="s", kind="simulated", fitting=0))

    people = reported(rows).networks[0].layers[0].verified["consensus"]

    assert (people.answer_count, people.held_out) == (1, 0.8)


def test_verified_precision_is_what_the_simulated_crowd_sees():
    """The truth of each unit is known; the mean over many workers finds it."""
    rng = np.random.default_rng(8)
    truth = rng.uniform(0.3, 0.95, 20)
    rows = [
        verification(unit, int(rng.binomial(60, share)), int(rng.binomial(20, 0.1)), worker=f"w{w}")
        for unit, share in enumerate(truth)
        for w in range(12)
    ]

    concepts = verified_concepts(by_method(rows)["consensus"])

    errors = [concept.held_out - truth[name.unit] for name, concept in concepts.items()]
    assert max(map(abs, errors)) < 0.07
    assert all(concept.q < 0.05 for concept in concepts.values())
