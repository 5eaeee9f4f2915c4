"""Images drawn whatever their scores: base rates and controls are shown from them."""

import numpy as np
import pytest
from scipy.stats import chisquare

from annotator.dissection_reader import random_images
from annotator.models import Study
from dissect.topk.sampling import in_random_order
from tests.end_to_end.dissections import dissect


def test_every_image_is_as_likely_to_be_drawn_early_whatever_its_place():
    keys = [f"{number:064x}"[::-1] for number in range(400)]

    orders = np.array([in_random_order(20, key) for key in keys])

    assert (np.sort(orders) == np.arange(20)).all()
    first = np.bincount(orders[:, 0], minlength=20)
    assert chisquare(first).pvalue > 0.001


@pytest.mark.django_db
def test_random_images_are_the_same_for_all_networks_of_a_study_and_have_pictures(
    command, pictures, tmp_path
):
    for torn in ("torn.png", "zero.png"):
        (tmp_path / "some").mkdir(exist_ok=True)
        (tmp_path / "some" / torn).write_bytes(b"torn")
    for path in sorted(pictures.iterdir())[:32]:
        (tmp_path / "some" / path.name).symlink_to(path)
    dissect(command, tmp_path / "some", top=4)
    dissect(
        command,
        tmp_path / "some",
        top=4,
        network="tests.dissect.custom_networks:bright",
        layers=["cells"],
    )

    study = Study.objects.get()
    small, bright = (random_images(network) for network in study.networks.all())

    assert [one.place for one in small] == [one.place for one in bright]
    assert sorted(one.path for one in small) == [f"{number:02d}.png" for number in range(32)]
    for image in (*small, *bright):
        assert (tmp_path / "pictures" / image.tile).is_file()
