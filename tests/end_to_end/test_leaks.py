"""Nothing that a browser gets tells a catch image from the others, but the picture itself.

A classifier learns from half of the HITs all that is sent of each picture: its place, slot and
names, the sizes and headers of its files, the shape of its region, how alike regions are, and in
how many HITs it comes back. On the other half it is no better than chance; where a leak is
planted, it finds it.
"""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from annotator.crowd.scheduling.leases import accept
from annotator.models import Hit, Study
from tests.crowd.studies import workers
from tests.end_to_end.asking import dissect
from tests.end_to_end.leaks import Browser, advantage

pytestmark = pytest.mark.django_db

UNITS, IMAGES, TOP, CATCH = 64, 160, 20, 3
CHANCE = 3.9  # standard errors: once in twenty thousand honest runs
FOUND = 6.0


def wide():
    """A network of one wide layer."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, UNITS, 13, stride=5, padding=6), nn.ReLU())
    model.input_size = 64
    return model


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Pictures of one kind, so that only what is done to them can tell them apart."""
    folder = tmp_path_factory.mktemp("alike")
    rng = np.random.default_rng(2)
    for number in range(IMAGES):
        noise = rng.normal(size=(7, 7, 3))
        noise = (noise - noise.mean(axis=(0, 1))) / noise.std(axis=(0, 1))  # all as lively
        coarse = np.clip(128 + 50 * noise, 0, 255).astype(np.uint8)
        picture = Image.fromarray(coarse).resize((74, 74), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:03d}.png")
    return folder


def seen(client):
    """Everything that a browser got of every HIT; which pictures are catch images; the HITs."""
    Study.objects.update(worker_share=1)
    ana = workers(Study.objects.get(), "ana")[0]
    session = client.session
    session["worker"] = ana.pk
    session.save()
    browser = Browser(client)
    for hit in Hit.objects.select_related("hit_type").order_by("pk"):
        browser.open(accept(ana, hit))
    slots = np.array([row[1] for row in browser.rows])
    catch = np.zeros(len(slots), dtype=bool)
    for hit in Hit.objects.all():
        of_hit = np.array(browser.hits) == hit.pk
        told = hit.shown.filter(role="catch").values_list("slot", flat=True)
        catch[of_hit] = np.isin(slots[of_hit], list(told))
    return browser.features(), catch, np.array(browser.hits)


def test_nothing_but_the_picture_itself_tells_a_catch_image(command, photographs, client):
    dissect(command, photographs, network="tests.end_to_end.test_leaks:wide", layers=["1"], top=TOP)
    Study.objects.update(key="fixed")
    assert command("publish", "s").returncode == 0
    features, catch, hits = seen(client)
    assert catch.sum() == UNITS * CATCH
    assert np.isfinite(features).all()

    assert advantage(features, catch, hits) < CHANCE

    # The proof that it could fail: leaks of the kinds that there might be.
    rng = np.random.default_rng(0)
    order, size, area = 0, 7, 17
    planted = {
        "earlier on the page": (order, -8 * catch),
        "a little larger as a file": (size, 0.05 * features[:, size] * catch),
        "another area": (area, features[:, area].std() * catch),
        "now and then repeated": (-1, catch * (rng.random(len(catch)) < 0.5) * 20),
    }
    for leak, (column, change) in planted.items():
        leaky = features.copy()
        leaky[:, column] = leaky[:, column] + change
        assert advantage(leaky, catch, hits) > FOUND, leak


@pytest.mark.thorough
@pytest.mark.parametrize("key", ["one", "two", "three"])
def test_nor_does_it_in_a_small_set_of_real_photographs(
    command, shared_data, tmp_path, client, key
):
    """500 photographs that differ in every way, of which 60 are shown for each unit."""
    every = sorted((shared_data / "imagenet1k-sample" / "images").iterdir())
    (tmp_path / "photographs").mkdir()
    for path in every[::2]:
        (tmp_path / "photographs" / path.name).symlink_to(path)
    dissect(
        command,
        tmp_path / "photographs",
        network="efficientnet_lite0",
        layers=["_blocks.10"],
        top=60,
    )
    Study.objects.update(key=key)
    assert command("publish", "s").returncode == 0

    found = advantage(*seen(client))

    print(f"{found:.1f} standard errors")
    assert found < CHANCE
