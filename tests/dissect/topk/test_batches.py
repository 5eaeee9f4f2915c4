import pytest
import torch

from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from dissect.topk.batches import Passes, decoded_batches, forward_batches

CPU = torch.device("cpu")


def deep_maps(network, images, starts):
    batches = decoded_batches(network, images, starts)
    return [maps["deep"] for _, maps in forward_batches(network, ["deep"], batches, CPU)]


def test_the_companions_of_a_batch_do_not_change_a_bit(network, images):
    """A shard that starts at batch 1 computes for its images what the whole pass computes."""
    alone = deep_maps(network, images, [32])
    together = deep_maps(network, images, [0, 32, 64])

    assert torch.equal(alone[0], together[1])


def test_the_last_batch_is_padded_to_the_shape_of_the_others(network, images):
    *_, last = decoded_batches(network, images, [0, 32, 64])

    assert last.pixels.shape[0] == 32
    assert last.images.tolist() == list(range(64, 70))
    assert not last.pixels[6:].any()


def test_an_unreadable_image_leaves_its_row_black_and_says_why(network, noise_folder, tmp_path):
    for path in sorted(noise_folder.rglob("*.png"))[:3]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "00.png").write_bytes(b"not a picture")

    (batch,) = decoded_batches(network, find_images(tmp_path), [0])

    assert 0 in batch.bad
    assert 0 not in batch.rows
    assert not batch.pixels[0].any()


def test_passes_report_one_progress_over_all_of_them(network, images):
    reports = []
    passes = Passes(images, 2, CPU, progress=lambda done, total: reports.append((done, total)))

    for _ in range(2):
        places = [place for batch, _ in passes.over(network, ["stem"]) for place in batch.tolist()]
        assert places == list(range(70))

    assert reports == [(done, 140) for done in (32, 64, 70, 102, 134, 140)]


def test_a_pass_without_a_readable_image_is_refused(network, tmp_path):
    (tmp_path / "a.png").write_bytes(b"not a picture")

    with pytest.raises(ImagesError, match="None of the 1 images in .* can be read"):
        list(Passes(find_images(tmp_path), 1, CPU).over(network, ["stem"]))
