"""Statements about kinds of networks: training runs are the units of inference."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from scipy import stats

from annotator.results.report.report import report
from annotator.results.report.training_runs import (
    NotOffered,
    few_runs,
    kind_statements,
    kinds_in,
    kinds_in_report,
    runs_interval,
    welch,
)
from tests.results.rows import LAYOUT, answer
from tests.results.studies import answered_study

VALUES = [[0.6, 0.7, 0.65], [0.8, 0.78, 0.9, 0.7], [0.2, 0.9, 0.4]]


def run(name, fitting, layers=("conv5",)):
    """A network whose answers all have so many fitting pictures."""
    rows = [answer(unit, fitting, worker=w) for unit in range(4) for w in "abc"]
    network = report("s", 0.75, LAYOUT, rows).networks[0]
    return replace(
        network,
        name=name,
        weights_sha256=name,
        layers=tuple(replace(network.layers[0], name=layer) for layer in layers),
    )


def runs(kind, *fitting):
    return [run(f"{kind}-{n}", each) for n, each in enumerate(fitting)]


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_a_kinds_interval_is_students_over_runs(values):
    interval, freedom = runs_interval(values)

    expected = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert freedom == len(values) - 1
    assert (interval.low, interval.high) == pytest.approx(np.clip(expected, 0, 1))


@pytest.mark.parametrize(("first", "second"), list(product(VALUES, VALUES[1:])), ids=str)
def test_two_kinds_differ_by_welchs_test(first, second):
    interval, freedom, p = welch(first, second)

    expected = stats.ttest_ind(first, second, equal_var=False)
    ends = expected.confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((ends.low, ends.high))
    assert (freedom, p) == pytest.approx((expected.df, expected.pvalue))


def test_runs_alike_are_counted_and_no_difference_is_claimed():
    assert runs_interval([1.0] * 4)[0].low == pytest.approx(0.025 ** (1 / 4))
    assert runs_interval([0.5] * 4)[0] is None  # no interval has a width of 0
    assert welch([0.5] * 3, [0.7] * 3) == (None, 4.0, None)


def test_every_number_has_each_kinds_mean_and_each_two_kinds_difference():
    statements = kind_statements({"scene": runs("s", 50, 51, 55), "object": runs("o", 30, 35, 29)})

    of_mean = [one for one in statements if one.number == "mean_precision"]
    assert [(one.kind, one.other) for one in of_mean] == [
        ("scene", None),
        ("object", None),
        ("scene", "object"),
    ]
    scene, objects, difference = of_mean
    assert scene.value == pytest.approx(52 / 57)
    assert difference.value == pytest.approx(scene.value - objects.value)
    assert difference.interval.low < difference.value < difference.interval.high
    assert (difference.runs, difference.other_runs) == (3, 3)
    assert {one.number for one in statements} == {
        "mean_precision",
        "share_of_units_above",
        "detector_share",
    }


@pytest.mark.parametrize(
    ("kinds", "sentence"),
    [
        ({"scene": runs("s", 50, 51)}, "about 'scene' needs at least 3 training runs, got 2"),
        ({"scene": [run("a", 50)] * 3}, "'a' and 'a' have the same weights"),
        (
            {"scene": runs("s", 50, 51, 55), "object": [run(n, 9, ("fc7",)) for n in "xyz"]},
            "No layer has answers in every run",
        ),
    ],
)
def test_a_statement_that_runs_do_not_support_is_not_offered(kinds, sentence):
    with pytest.raises(NotOffered, match=sentence):
        kind_statements(kinds)


def named(display_name, condition="trained", fitting=50):
    return replace(run(display_name, fitting), display_name=display_name, condition=condition)


def test_networks_whose_names_differ_in_a_seed_or_run_are_runs_of_one_kind():
    scenes = ["scene seed 0", "scene, seed 1", "scene_seed12"]
    places = ["places", "places run 2", "places, seed 3"]
    others = ["alexnet", "resnet18", "resnet 18", "resnet-50", "resnet 101", "lite 0", "lite 1"]

    kinds = kinds_in([named(name) for name in scenes + places + others])

    assert {kind: [one.display_name for one in runs] for kind, runs in kinds.items()} == {
        "scene": scenes,
        "places": places,
    }


def test_runs_of_one_kind_have_weights_of_their_own_and_one_condition():
    same = [replace(named(f"net seed {n}"), weights_sha256="same") for n in range(3)]
    fresh = [named(f"net seed {n + 5}", "untrained") for n in range(2)]
    chance = [named(f"dots seed {n}", "random images") for n in range(3)]

    assert list(kinds_in([*same, *fresh, *chance])) == ["net, untrained"]


def test_a_report_states_of_its_kinds_what_the_command_prints_and_why_others_have_too_few_runs():
    scenes = [named(f"scene seed {n}", fitting=50 + n) for n in range(3)]
    tents = [named(f"tent seed {n}", fitting=30 + n) for n in range(3)]
    two = [named(f"place seed {n}") for n in range(2)]

    made = kinds_in_report([*scenes, *tents, *two])

    assert made.statements == kind_statements({"scene": scenes, "tent": tents})
    assert made.refusals == (few_runs("place", two),)
    assert [(one.kind, one.other, one.number) for one in made.headlines] == [
        ("scene", None, "mean_precision"),
        ("tent", None, "mean_precision"),
        ("scene", "tent", "mean_precision"),
    ]
    assert kinds_in_report([named("alexnet"), named("vgg")]) is None


def drawn_runs(rng, process, count, center, spread):
    if process == "normal":
        return center + spread * rng.normal(size=count)
    # Another process: t with 4 degrees of freedom, scaled to the same standard deviation.
    return center + spread * rng.standard_t(4, count) / np.sqrt(2)


DESIGNS = [(3, 3, 0.02, 0.02), (3, 5, 0.02, 0.02), (5, 5, 0.02, 0.05), (10, 10, 0.02, 0.02)]


@pytest.mark.thorough
@pytest.mark.parametrize("process", ["normal", "t of 4 degrees"])
@pytest.mark.parametrize(("first", "second", "one", "two"), DESIGNS)
def test_intervals_over_runs_cover_the_truth(process, first, second, one, two):
    rng = np.random.default_rng(2015)
    covered, differences, rejected = [], [], []
    for _ in range(2000):
        a = drawn_runs(rng, process, first, 0.7, one)
        b = drawn_runs(rng, process, second, 0.7, two)
        interval, _ = runs_interval(a)
        covered.append(interval.low <= 0.7 <= interval.high)
        of_difference, _, p = welch(a, b)
        differences.append(of_difference.low <= 0 <= of_difference.high)
        rejected.append(p < 0.05)

    error = (0.05 * 0.95 / 2000) ** 0.5
    print(
        f"\n{process}; {first} and {second} runs, {one} and {two} apart: a kind "
        f"{np.mean(covered):.3f}, a difference {np.mean(differences):.3f}, size "
        f"{np.mean(rejected):.3f} +- {error:.3f}"
    )
    assert np.mean(covered) + 2 * error >= 0.93
    assert np.mean(differences) + 2 * error >= 0.93
    assert max(np.mean(covered), np.mean(differences)) <= 0.985
    assert 0.03 - 2 * error <= np.mean(rejected) <= 0.075 + 2 * error


@pytest.mark.django_db
def test_the_command_offers_nothing_with_fewer_than_three_runs_and_says_the_way_out():
    with pytest.raises(CommandError, match="needs at least 3 training runs, got 2: add networks"):
        call_command("results", "rooms", kind=[("scene", ["a", "b"])])


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["scene", "=a,b,c", "scene=", "scene=,"])
def test_a_kind_that_names_no_networks_is_refused_in_one_sentence(text):
    with pytest.raises(CommandError, match=r"must be NAME=NETWORK,NETWORK,\.\.\., got"):
        call_command("results", "rooms", "--kind", text)


@pytest.mark.django_db
def test_the_command_takes_the_networks_of_several_studies(capsys):
    study = answered_study()
    study.networks.filter(pk=study.networks.first().pk).update(display_name="Scenes A")
    networks = sorted(study.networks.all(), key=lambda network: network.display_name != "Scenes A")
    names = [f"rooms/{network.name}" for network in networks]

    with pytest.raises(CommandError, match="has no network 'nowhere'. It has: "):
        call_command("results", "rooms", "--kind", "scene=nowhere,b,c")
    with pytest.raises(CommandError, match="Say which study 'b' is of"):
        call_command("results", "--kind", f"scene={names[0]},b,c")
    with pytest.raises(CommandError, match="have the same weights|No layer has answers"):
        call_command("results", "--kind", f"scene={','.join([names[0]] * 3)}")
    with pytest.raises(CommandError, match="have the same weights|No layer has answers"):
        call_command("results", "--kind", f"scene=rooms/Scenes A,{names[0]},rooms/Scenes A")
