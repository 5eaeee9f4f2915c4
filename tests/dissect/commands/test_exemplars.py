import json

import pytest

from dissect.commands.command_line import main
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from tests.dissect.topk.test_collect import all_maps


def test_exemplars_prints_the_score_that_it_ranks_by(noise_folder, capsys):
    command = ["exemplars", "--network", "tests.dissect.custom_networks:small", "--layers", "stem"]
    command += ["--images", str(noise_folder), "--top", "2", "--units", "1", "--format", "json"]
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    maps = all_maps(network, images, "stem")[:, 1]

    main([*command, "--by", "sum"])
    by_sum = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["1"]
    main(command)
    by_max = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["1"]

    sums, peaks = maps.sum(dim=(1, 2)), maps.amax(dim=(1, 2))
    best_sums, best_peaks = (every.sort(descending=True).values[:2] for every in (sums, peaks))
    assert [image["score"] for image in by_sum] == pytest.approx(best_sums.tolist(), rel=1e-6)
    assert [image["score"] for image in by_max] == best_peaks.tolist()


def test_skipped_images_are_left_out_and_named(noise_folder, capsys):
    """As if they could not be read, by any command that looks at a list of images."""
    command = ["exemplars", "--network", "tests.dissect.custom_networks:small", "--layers", "stem"]
    command += ["--images", str(noise_folder), "--top", "2", "--units", "1", "--format", "json"]
    main(command)
    best = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["1"][0]["image"]

    main([*command, "--skip", best])
    printed = json.loads(capsys.readouterr().out)

    assert best not in [image["image"] for image in printed["layers"]["stem"]["units"]["1"]]
    assert printed["skipped"] == [{"image": best, "reason": "left out by --skip"}]


def test_an_image_to_skip_has_to_be_there(noise_folder, capsys):
    command = ["exemplars", "--network", "tests.dissect.custom_networks:small", "--layers", "stem"]

    main([*command, "--images", str(noise_folder), "--skip", "none.png"])

    assert "--skip: there is no image 'none.png' in" in capsys.readouterr().err
