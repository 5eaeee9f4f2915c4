"""Dawid and Skene's groups, judged by a slow, obvious EM and by what crowd-kit gives.

crowd-kit depends on libraries that nothing else here needs, so its results for some tables are
kept next to this file, with its version.
"""

import json
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.results.report.report import report
from annotator.results.stats.dawid_skene import MIN_PROBABILITY, dawid_skene, probable_groups
from tests.results.rows import LAYOUT, answer

CROWD_KIT = json.loads((Path(__file__).parent / "crowdkit_dawid_skene.json").read_text())["tables"]
ROUNDS = 20


def probabilities(answers, labels=6, rounds=ROUNDS):
    columns = np.array(answers, dtype=np.int64).reshape(-1, 3).T
    return dawid_skene(*columns, labels, rounds=rounds, tolerance=-np.inf)


def slowly(answers, labels=6, rounds=ROUNDS):
    """By the definition, one probability at a time."""
    units = sorted({unit for unit, _, _ in answers})
    workers = sorted({worker for _, worker, _ in answers})
    of = {unit: [(w, label) for u, w, label in answers if u == unit] for unit in units}
    p = {
        u: [sum(label == t for _, label in of[u]) / len(of[u]) for t in range(labels)]
        for u in units
    }
    for _ in range(rounds):
        prior = [
            max(sum(p[u][t] for u in units) / len(units), MIN_PROBABILITY) for t in range(labels)
        ]
        confusion = {}
        for worker in workers:
            of_worker = [(u, label) for u, w, label in answers if w == worker]
            for t in range(labels):
                counts = [0.0] * labels
                for label in {label for _, label in of_worker}:
                    votes = sum(p[u][t] for u, other in of_worker if other == label)
                    counts[label] = max(votes, MIN_PROBABILITY)
                confusion[worker, t] = [count / sum(counts) for count in counts]
        for u in units:
            logs = [
                log(prior[t]) + sum(log(confusion[w, t][label]) for w, label in of[u])
                for t in range(labels)
            ]
            scaled = [exp(value - max(logs)) for value in logs]
            p[u] = [value / sum(scaled) for value in scaled]
    return [p[u] for u in units]


@pytest.mark.parametrize("name", CROWD_KIT)
def test_it_gives_what_crowd_kit_gives(name):
    table = CROWD_KIT[name]

    assert probabilities(table["answers"]) == pytest.approx(
        np.array(table["probabilities"]), abs=1e-6
    )


@given(st.data())
def test_it_agrees_with_its_definition(data):
    units = data.draw(st.integers(1, 5))
    answers = [
        (unit, worker, data.draw(st.integers(0, 2)))
        for unit in range(units)
        for worker in data.draw(st.sets(st.integers(0, 3), min_size=1))
    ]
    known = {worker: n for n, worker in enumerate(sorted({worker for _, worker, _ in answers}))}
    answers = [(unit, known[worker], label) for unit, worker, label in answers]

    assert probabilities(answers, 3, 5) == pytest.approx(np.array(slowly(answers, 3, 5)), abs=1e-6)


def test_without_answers_no_unit_has_a_probable_group():
    assert probabilities([]).shape == (0, 6)
    assert probable_groups([answer(says="nothing")]) == {}


def test_a_worker_who_is_often_wrong_weighs_less_than_one_who_is_right():
    """Eve is right at random; Ada and Ben agree on 30 units, and differ with Eve on the last."""
    rng = np.random.default_rng(3)
    rows = []
    for unit in range(30):
        truth = int(rng.integers(1, 7))
        groups = {"ada": truth, "ben": truth, "eve": int(rng.integers(1, 7))}
        if unit == 29:
            groups = {"ada": 2, "eve": 5}
        rows += [answer(unit, worker=worker, group=group) for worker, group in groups.items()]

    guess = probable_groups(rows)[rows[-1].unit_name]

    assert guess.group == 2
    assert guess.probability > 0.9


def test_fewer_than_five_answers_a_unit_carry_a_warning():
    def weak(workers):
        rows = [answer(unit, worker=f"w{w}") for unit in range(3) for w in range(workers)]
        return report("s", 0.75, LAYOUT, rows).networks[0].layers[0].dawid_skene_groups.is_weak

    assert weak(4) is True
    assert weak(5) is False


def test_workers_that_are_places_are_not_modelled(released_report):
    layers = released_report.networks[0].layers

    assert {layer.dawid_skene_groups for layer in layers} == {None}
