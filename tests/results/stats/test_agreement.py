"""Agreement between workers, judged by the published definitions and a published package."""

from collections import Counter
from dataclasses import asdict
from itertools import permutations
from statistics import fmean

import krippendorff
import numpy as np
import pytest
from hypothesis import given

from annotator.results.loading.answers import by_unit
from annotator.results.stats.agreement import agreement, agreement_intervals, unanimous_share
from tests.results.rows import answer, many_answers


def units_of(rows):
    return list(by_unit(rows).values())


def groups_of(units):
    """The groups of each unit; "nothing in common" has none."""
    return [[row.group for row in rows if row.group] for rows in units]


def raw_slowly(units):
    pairs = [list(permutations(groups, 2)) for groups in groups_of(units) if len(groups) > 1]
    return fmean(fmean(a == b for a, b in of_unit) for of_unit in pairs) if pairs else None


def ac1_slowly(units):
    """Gwet 2008: chance is the mean over groups of share x (1 - share), over q - 1 = 5."""
    observed = raw_slowly(units)
    if observed is None:
        return None
    counts = [Counter(groups) for groups in groups_of(units) if groups]
    shares = [fmean(c[group] / c.total() for c in counts) for group in range(1, 7)]
    chance = sum(share * (1 - share) for share in shares) / 5
    return (observed - chance) / (1 - chance)


def alpha_by_the_package(units, level):
    """The package wants a table of units and groups, and raises where alpha is not defined."""
    table = [[Counter(groups)[group] for group in range(1, 7)] for groups in groups_of(units)]
    try:
        return float(
            krippendorff.alpha(
                value_counts=table, value_domain=[1, 2, 3, 4, 5, 6], level_of_measurement=level
            )
        )
    except (ValueError, AssertionError):
        return None


def icc_slowly(units):
    """Shrout and Fleiss 1979, ICC(1, 1) and ICC(1, k), for k answers about every unit."""
    table = np.array([[row.precision for row in rows] for rows in units])
    n, k = table.shape
    between = k * ((table.mean(1) - table.mean()) ** 2).sum() / (n - 1)
    within = ((table - table.mean(1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    return (between - within) / (between + (k - 1) * within), (between - within) / between


@given(many_answers())
def test_agreement_on_groups_agrees_with_its_definitions(rows):
    units = units_of(rows)

    measures = agreement(units)

    assert measures.raw == pytest.approx(raw_slowly(units))
    assert measures.ac1 == pytest.approx(ac1_slowly(units))


@given(many_answers(units=6))
def test_alpha_is_krippendorffs(rows):
    units = units_of(rows)
    paired = {group for groups in groups_of(units) if len(groups) > 1 for group in groups}

    measures = agreement(units)

    if len(paired) < 2:  # nobody differs, so nothing is expected by chance
        assert measures.alpha_nominal is measures.alpha_ordinal is None
    else:
        assert measures.alpha_nominal == pytest.approx(alpha_by_the_package(units, "nominal"))
        assert measures.alpha_ordinal == pytest.approx(alpha_by_the_package(units, "ordinal"))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_the_intraclass_correlation_is_shrout_and_fleiss(k):
    rng = np.random.default_rng(k)
    rows = [
        answer(unit, int(rng.binomial(57, share)), worker=f"w{worker}")
        for unit, share in enumerate(rng.uniform(0.2, 1, 12))
        for worker in range(k)
    ]

    measures = agreement(units_of(rows))

    assert (measures.icc_1, measures.icc_k) == pytest.approx(icc_slowly(units_of(rows)))


def test_units_with_one_answer_have_no_say():
    units = [[answer(fitting=9, worker=w, group=g) for w, g in (("ada", 1), ("ben", 2))]]
    units += [[answer(1, 40, worker=w, group=5) for w in ("ada", "ben")]]

    without, measures = agreement(units), agreement([*units, [answer(unit=2, fitting=3, group=5)]])

    assert measures.icc_1 == without.icc_1
    assert measures.raw == without.raw
    assert measures.alpha_nominal == without.alpha_nominal


@pytest.mark.parametrize(
    "units",
    [
        [],
        [[answer()]],
        [[answer(), answer(worker="ben", says="nothing")]],
    ],
    ids=["empty", "one answer", "no two groups"],
)
def test_without_a_pair_there_is_no_agreement(units):
    assert set(asdict(agreement(units)).values()) == {None}


def test_where_all_say_the_same_raw_agreement_and_ac1_are_one_and_alpha_is_not_defined():
    units = [[answer(unit, worker=worker) for worker in ("ada", "ben")] for unit in range(3)]

    measures = agreement(units)

    assert measures.raw == measures.ac1 == 1
    assert measures.alpha_nominal is measures.alpha_ordinal is None
    assert measures.icc_1 is None


def test_a_resample_compares_no_worker_with_a_copy():
    """Two workers never agree: in no draw is anybody seen to agree, so there is no interval.

    If the copies of a worker were compared, draws would differ, and there would be one.
    """
    units = [
        [answer(unit, worker="ada", group=1), answer(unit, worker="ben", group=2)]
        for unit in range(4)
    ]

    assert "raw" not in agreement_intervals(units)


def test_workers_who_agree_throughout_do_not_tell_how_far_others_would():
    units = [
        [answer(unit, worker=worker, group=unit % 3 + 1) for worker in "abc"] for unit in range(6)
    ]

    assert agreement(units).raw == agreement(units).alpha_nominal == 1
    assert {"raw", "alpha_nominal", "ac1"}.isdisjoint(agreement_intervals(units))


def test_an_interval_holds_what_it_is_about():
    rng = np.random.default_rng(7)
    rows = [
        answer(
            unit,
            int(rng.binomial(57, 0.5 + 0.4 * (unit % 2))),
            worker=f"w{worker}",
            group=int(rng.choice([unit % 6 + 1, 3])),
        )
        for unit in range(40)
        for worker in rng.choice(20, 3, replace=False)
    ]

    measures, intervals = agreement(units_of(rows)), agreement_intervals(units_of(rows))

    defined = {name: value for name, value in asdict(measures).items() if value is not None}
    assert intervals.keys() == defined.keys()
    for name, value in defined.items():
        assert intervals[name].low <= value <= intervals[name].high
        assert intervals[name].is_reliable is True


def test_intervals_are_the_same_every_time_and_one_worker_has_none():
    rows = [answer(unit, 9 * unit, worker=w) for unit in range(4) for w in ("ada", "ben", "cleo")]

    assert agreement_intervals(units_of(rows)) == agreement_intervals(units_of(rows))
    assert agreement_intervals([[answer()]]) == {}


def test_the_released_answers_have_the_known_reliability(released_report):
    """METHODS: a three-answer mean has .06 to .55 by layer; ten answers reach .8 at pool5."""
    layers = {layer.name: layer.agreement for layer in released_report.networks[0].layers}

    of_three = [measures.icc_k for measures in layers.values()]
    assert round(min(of_three), 2) == 0.06
    assert round(max(of_three), 2) == 0.55
    of_one = layers["pool5"].icc_1
    assert 10 * of_one / (1 + 9 * of_one) == pytest.approx(0.8, abs=0.01)


def test_unanimous_units_have_two_answers_or_more_and_one_group():
    same = [answer(group=5), answer(group=5)]
    split = [answer(group=5), answer(group=4)]
    nothing = [answer(says="nothing"), answer(says="nothing")]

    assert unanimous_share([same, split, nothing, [answer()]]) == 1 / 3
    assert unanimous_share([[answer()]]) is None
