"""Minimal images judged by their definition: try every removal, take the least harm, repeat."""

import numpy as np
import pytest
import torch

from dissect.analyses.minimal_images.fills import SEGMENT_FILLS, filler, simplifier
from dissect.analyses.minimal_images.remaining_concepts import concept_frequencies, remains_of
from dissect.analyses.minimal_images.search import Subject, greedy_removals, random_removals
from dissect.analyses.minimal_images.segments import (
    edges_and_regions,
    regions_only,
    superpixels,
)
from dissect.errors import BadSetting
from dissect.format.ground_truth import Concept
from dissect.networks.classes import class_index, probabilities
from dissect.networks.registry import load_network
from tests.dissect.planted import BLUE, RED, rectangle

SEES = "tests.dissect.planted:detectors"


@pytest.fixture(scope="module")
def network():
    return load_network(SEES)


def quarters():
    """64 x 64 px: four quarters, renumbered row by row."""
    half = np.arange(64) // 32
    return (2 * half[:, None] + half).astype(np.int64)


def scene():
    """Upper left red, upper right a smaller red, lower left blue, lower right black."""
    picture = rectangle(RED, (0, 0, 32, 32))
    picture += rectangle(RED, (32, 0, 48, 32)) + rectangle(BLUE, (0, 32, 24, 64))
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())


def subject_of(network, pixels, segments, label, fill="zero"):
    return Subject(network, pixels, regions_only(segments), label, fill)


def minimal_slowly(network, pixels, segments, label):
    """(steps, kept): one candidate at a time."""
    gone, steps = [], []
    while len(gone) <= segments.max():
        tried = {}
        for segment in set(range(segments.max() + 1)) - set(gone):
            without = pixels.clone()
            without[:, np.isin(segments, [*gone, segment])] = 0
            tried[segment] = probabilities(network, without[None])[0]
        chosen = max(sorted(tried), key=lambda segment: float(tried[segment][label]))
        steps.append((chosen, float(tried[chosen][label])))
        if int(tried[chosen].argmax()) != label:
            break
        gone.append(chosen)
    return steps, [segment not in gone for segment in range(segments.max() + 1)]


def test_segments_go_in_the_order_of_least_harm_until_the_class_flips(network):
    greedy = greedy_removals(subject_of(network, scene(), quarters(), 0))

    # Without blue red is surer; then black changes nothing; then the smaller red; then red is gone.
    assert [step.segment for step in greedy.steps[:2]] == [2, 3]
    assert [step.segment for step in greedy.steps[2:]] == [1, 0]


def test_a_minimal_image_is_that_of_the_slow_definition():
    network = load_network("tests.dissect.custom_networks:small")
    generator = torch.Generator().manual_seed(4)
    pixels = torch.randint(0, 256, (3, 48, 48), dtype=torch.uint8, generator=generator)
    segments = superpixels(pixels, 12)
    label = int(probabilities(network, pixels[None]).argmax())
    network.model.head.bias.data[(label + 1) % 4] += 0.03  # so that it can flip

    greedy = greedy_removals(subject_of(network, pixels, segments, label))

    steps, kept = minimal_slowly(network, pixels, segments, label)
    assert [step.segment for step in greedy.steps] == [segment for segment, _ in steps]
    assert [s.probability for s in greedy.steps] == pytest.approx([p for _, p in steps], abs=1e-5)
    assert greedy.kept.tolist() == kept
    assert greedy.flipped_at in (None, len(steps))


def test_what_is_left_still_holds_and_the_next_step_flips(network):
    pixels = scene().flip(0)  # blue for red: on black red is the first of three equals
    subject = subject_of(network, pixels, quarters(), 2)

    greedy = greedy_removals(subject)

    assert greedy.flipped_at == len(greedy.steps)
    (left,) = probabilities(network, subject.picture(greedy.kept)[None])
    assert int(left.argmax()) == 2
    assert greedy.left_probability == pytest.approx(float(left[2]), abs=1e-6)
    without = greedy.kept.copy()
    without[greedy.steps[-1].segment] = False
    assert int(probabilities(network, subject.picture(without)[None]).argmax()) != 2
    assert subject.share(greedy.kept) == greedy.kept[quarters()].mean()


def test_a_class_that_holds_without_any_segment_never_flips(network):
    greedy = greedy_removals(subject_of(network, scene(), quarters(), 0))

    assert greedy.flipped_at is None  # red is the first of three equals on black
    assert not greedy.kept.any()
    assert len(greedy.steps) == 4


def test_a_wrongly_classified_image_is_refused(network):
    with pytest.raises(BadSetting, match="says class 0, not 2"):
        subject_of(network, scene(), quarters(), 2)


def test_random_removals_take_about_the_same_area_and_hang_on_their_seed(network):
    subject, kept = subject_of(network, scene(), quarters(), 0), np.arange(4) != 3

    first = random_removals(subject, kept, draws=40)
    again = random_removals(subject, kept, draws=40)

    assert np.array_equal(first.kept, again.kept)
    assert first.kept.mean(axis=(1, 2)).tolist() == [0.75] * 40
    assert len({one.tobytes() for one in first.kept}) == 4
    for shown, said, held in zip(first.kept, first.probability, first.held, strict=True):
        one = probabilities(network, torch.where(torch.from_numpy(shown), scene(), 0)[None])[0]
        assert said == pytest.approx(float(one[0]), abs=1e-6)
        assert held == (int(one.argmax()) == 0)


@pytest.mark.parametrize("fill", SEGMENT_FILLS)
def test_removed_segments_are_filled_with_what_is_said(fill):
    filled = filler(scene(), fill)

    assert filled.shape == (3, 64, 64)
    if fill == "mean":
        red = round(255 * (32 * 32 + 16 * 32) / 4096)
        assert filled[0].unique().tolist() == [red]
    elif fill == "gradient":
        border = [*scene()[0][[0, -1]].flatten(), *scene()[0][1:-1, [0, -1]].flatten()]
        assert filled[0].unique().tolist() == [round(float(np.mean(border)))]
    elif fill == "zero":
        assert not filled.any()
    elif fill == "random":
        assert torch.equal(filled, filler(scene(), fill))
        assert 110 < filled.float().mean() < 145
    else:
        assert filled[0].float().std() < scene()[0].float().std()


@pytest.mark.parametrize("fill", SEGMENT_FILLS)
def test_with_all_segments_it_is_the_image_and_without_any_the_fill(fill):
    segments = edges_and_regions(scene(), 8)
    kept = torch.tensor([[True] * segments.count, [False] * segments.count])

    whole, nothing = simplifier(scene(), segments, fill).images(kept)

    assert torch.equal(whole, scene())
    assert torch.equal(nothing, filler(scene(), fill))


def test_a_fill_that_is_not_known_is_refused():
    with pytest.raises(BadSetting, match="filled with gradient, zero, mean, random, blur, not 'g"):
        filler(scene(), "glue")


def test_a_concept_remains_when_half_of_its_pixels_are_kept():
    kept = np.zeros((4, 4), dtype=bool)
    kept[:2] = True
    draws = np.stack([np.ones((4, 4), bool), np.zeros((4, 4), bool), kept])
    column, lowest = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    column[:, 0], lowest[3] = True, True

    half, none = remains_of(kept, draws, column), remains_of(kept, draws, lowest)

    assert (half.kept, half.remains, half.random_remains) == (0.5, 1.0, 2 / 3)
    assert (none.kept, none.remains, none.random_kept) == (0.0, 0.0, 1 / 3)
    bed, rug = Concept("", 1, "bed"), Concept("", 2, "rug")
    often = concept_frequencies([{bed: half, rug: none}, {bed: none}, {rug: half}, {rug: half}])
    assert [(one.concept.name, one.image_count) for one in often] == [("rug", 3), ("bed", 2)]
    assert often[0].mean.remains == pytest.approx(2 / 3)


def test_classes_without_names_are_given_by_index():
    network = load_network("tests.dissect.custom_networks:small")

    assert class_index(network, "3") == 3
    with pytest.raises(BadSetting, match="no names for its 4 classes; give an index"):
        class_index(network, "tabby")
