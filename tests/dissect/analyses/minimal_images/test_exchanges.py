"""Exchanges after the greedy order, judged by all subsets of the segments."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dissect.analyses.minimal_images.fills import is_taken_for
from dissect.analyses.minimal_images.search import Subject, exchanges, greedy_removals
from dissect.analyses.minimal_images.segments import (
    Segments,
    edges_and_regions,
    regions_only,
    superpixels,
)
from dissect.networks.classes import probabilities
from dissect.networks.registry import load_network

CASES = 60


def opinionated() -> nn.Module:
    """Random weights; what one place says depends on others, and no class is preferred."""
    torch.manual_seed(8)
    look, think, say = nn.Conv2d(3, 12, 4, stride=4), nn.Linear(432, 24), nn.Linear(24, 6)
    for layer in (look, think, say):
        nn.init.orthogonal_(layer.weight, 2.0)
    model = nn.Sequential(look, nn.ReLU(), nn.Flatten(), think, nn.ReLU(), say)
    noise = torch.rand(500, 3, 6, 6).repeat_interleave(4, 2).repeat_interleave(4, 3)
    with torch.no_grad():
        say.bias -= model(2 * noise - 1).mean(dim=0)
    model.input_size = 24
    return model


@pytest.fixture(scope="module")
def network():
    return load_network("tests.dissect.analyses.minimal_images.test_exchanges:opinionated")


def image(seed: int) -> Tensor:
    """24 x 24 px of smooth random color."""
    small = torch.rand(1, 3, 5, 5, generator=torch.Generator().manual_seed(seed))
    large = nn.functional.interpolate(small, size=(24, 24), mode="bicubic")
    return large[0].mul(255).clamp(0, 255).to(torch.uint8)


def segments_of(pixels: Tensor, kind: str) -> Segments:
    """Nine of them, whose areas differ much where some are edges."""
    if kind == "superpixels":
        return regions_only(superpixels(pixels, 9))
    return edges_and_regions(pixels, 9)


def cases(network, kind: str, fill: str, segment_count: int = 9) -> Iterator[Subject]:
    """Images whose minimal image is not empty, with nine segments each."""
    for seed in range(100 * CASES):
        pixels = image(seed)
        best = int(probabilities(network, pixels[None]).argmax())
        segments = segments_of(pixels, kind)
        if segments.count == segment_count and not is_taken_for(network, pixels, fill, best):
            yield Subject(network, pixels, segments, best, fill)


def optimum(subject: Subject) -> float:
    """The least area of all subsets of segments that holds the class."""
    count = subject.segments.count
    subsets = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)
    _, held = subject.try_out(subsets)
    return min(subject.share(kept) for kept in subsets[held])


@pytest.mark.parametrize(
    ("kind", "fill"),
    [("superpixels", "zero"), ("superpixels", "gradient"), ("edges-regions", "gradient")],
)
def test_of_nine_segments_about_the_least_area_is_kept(network, kind, fill):
    greedy_ratios, ratios = [], []
    for subject, _ in zip(cases(network, kind, fill), range(CASES), strict=False):
        greedy, least = greedy_removals(subject), optimum(subject)
        less = exchanges(subject, greedy.kept, greedy.left_probability)
        greedy_ratios.append(subject.share(greedy.kept) / least)
        ratios.append(subject.share(less.kept) / least)

    assert len(ratios) == CASES
    assert np.median(ratios) <= 1.05
    assert np.mean(np.array(ratios) <= 1.2) >= 0.9
    assert np.mean(greedy_ratios) > np.mean(ratios)  # the greedy order alone does not do it


def test_at_a_fixed_point_no_exchange_lowers_the_area_while_the_class_holds(network):
    for subject, _ in zip(cases(network, "superpixels", "zero"), range(8), strict=False):
        greedy = greedy_removals(subject)

        less = exchanges(subject, greedy.kept, greedy.left_probability)

        assert less.ended == "fixed point"
        kept, area = less.kept, subject.share(less.kept)
        for going, coming in less.kinds:
            for subset in np.ndindex((2,) * len(kept)):
                other = np.array(subset, dtype=bool)
                is_exchange = (kept & ~other).sum() == going and (other & ~kept).sum() == coming
                if is_exchange and subject.share(other) < area:
                    assert not subject.try_out(other[None])[1][0]


def test_what_exchanges_leave_holds_the_class_and_each_lowers_the_area(network):
    exchanged = 0
    for subject, _ in zip(cases(network, "superpixels", "gradient"), range(12), strict=False):
        greedy = greedy_removals(subject)

        less = exchanges(subject, greedy.kept, greedy.left_probability)

        kept, share = greedy.kept.copy(), subject.share(greedy.kept)
        for step in less.steps:
            kept[list(step.gone)], kept[list(step.back)] = False, True
            probability, held = subject.try_out(kept[None])
            assert held[0]
            assert step.kept_share == subject.share(kept) < share
            assert step.probability == pytest.approx(float(probability[0]), abs=1e-5)
            share, exchanged = step.kept_share, exchanged + 1
        assert np.array_equal(kept, less.kept)
    assert exchanged > 5


def test_a_budget_of_forwards_ends_the_exchanges_and_is_said(network):
    subject = next(cases(network, "superpixels", "zero"))
    greedy = greedy_removals(subject)
    before = subject.forwards

    less = exchanges(subject, greedy.kept, greedy.left_probability, budget=3)
    none = exchanges(subject, greedy.kept, greedy.left_probability, budget=0)

    assert (less.ended, less.forwards, subject.forwards - before) == ("budget", 3, 3)
    assert (none.ended, none.forwards, none.steps) == ("budget", 0, ())
    assert none.probability == greedy.left_probability


def test_of_many_segments_one_is_exchanged_for_one(network):
    pixels = image(3)
    best = int(probabilities(network, pixels[None]).argmax())
    subject = Subject(network, pixels, regions_only(superpixels(pixels, 25)), best, "zero")
    greedy = greedy_removals(subject)

    less = exchanges(subject, greedy.kept, greedy.left_probability, budget=10_000)

    assert less.kinds == ((1, 0), (1, 1))
    assert all(len(step.gone) == 1 and len(step.back) <= 1 for step in less.steps)
