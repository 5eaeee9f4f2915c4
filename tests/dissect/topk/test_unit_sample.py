"""A sample of units stands for the layer: seeded, live, stratified by firing share."""

import numpy as np
import pytest

from dissect.errors import BadSetting
from dissect.networks.layers import LayerInfo
from dissect.topk.activity import UnitActivity
from dissect.topk.unit_sample import UnitSample, drawn_units


def activity(firing_share, dead=()):
    share = np.array(firing_share, dtype=np.float32)
    is_dead = np.isin(np.arange(len(share)), list(dead))
    return UnitActivity(dead=is_dead, firing_share=share, broad_share=np.zeros_like(share))


def test_dead_units_are_not_drawn_and_dense_ones_are_if_they_are_no_latents():
    units = activity([0, 0.1, 0.2, 0.9, 0.51, 0.5], dead=[0])

    assert drawn_units(units, UnitSample(6), are_latents=True).tolist() == [1, 2, 5]
    assert drawn_units(units, UnitSample(6), are_latents=False).tolist() == [1, 2, 3, 4, 5]


def test_each_stratum_of_firing_shares_gives_one_unit():
    share = np.random.default_rng(0).permutation(np.linspace(0.001, 0.5, 1000))
    rank = share.argsort().argsort()

    drawn = drawn_units(activity(share), UnitSample(50), are_latents=True)

    assert sorted((rank[drawn] // 20).tolist()) == list(range(50))
    assert drawn.tolist() == sorted(drawn.tolist())


def test_a_seed_draws_the_same_units_and_another_seed_others():
    units = activity(np.linspace(0.001, 0.5, 1000))

    first, again, other = (
        drawn_units(units, UnitSample(50, seed), are_latents=True) for seed in (0, 0, 1)
    )

    assert np.array_equal(first, again)
    assert len(np.intersect1d(first, other)) < 25


def test_every_unit_has_the_same_chance():
    units = activity(np.repeat([0.01, 0.2], 50))  # ties too
    draws = 2000

    times = np.zeros(100)
    for seed in range(draws):
        times[drawn_units(units, UnitSample(10, seed), are_latents=True)] += 1

    assert times.sum() == 10 * draws
    assert abs(times / draws - 0.1).max() < 5 * np.sqrt(0.1 * 0.9 / draws)


@pytest.mark.parametrize("count", [0, 9])
def test_a_sample_that_a_layer_is_too_small_for_is_refused_before_the_pass(count):
    info = LayerInfo("deep", "Conv2d", 8, (4, 4))

    with pytest.raises(BadSetting, match=f"--sample is {count}, but layer 'deep' has 8 units"):
        UnitSample(count).check([info])
