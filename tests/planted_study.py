"""The study `planted`, dissected here: units 0, 1, 2 of its network see red, green and blue."""

import csv

import pytest

from tests.folder_storage import use_folder


@pytest.fixture
def pictures(tmp_path):
    """Twelve pictures, black with one colored box, and masks that name the colors."""
    from PIL import Image

    from tests.dissect.planted import BLUE, GREEN, RED, SIDE

    root = tmp_path / "planted"
    (root / "images").mkdir(parents=True)
    (root / "masks").mkdir()
    for number in range(12):
        left, top = 4 + 3 * number, 8 + 2 * number
        box = (left, top, left + 16, top + 16)
        picture, mask = Image.new("RGB", (SIDE, SIDE)), Image.new("L", (SIDE, SIDE))
        picture.paste((RED, GREEN, BLUE)[number % 3], box)
        mask.paste(1 + number % 3, box)
        picture.save(root / "images" / f"{number:02d}.png")
        mask.save(root / "masks" / f"{number:02d}.png")
    with (root / "classes.csv").open("w", newline="") as file:
        rows = [("index", "name"), (1, "red"), (2, "green"), (3, "blue")]
        csv.writer(file).writerows(rows)
    return root


@pytest.fixture
def planted(db, settings, tmp_path, pictures):
    """The study; its storage is a folder of its own."""
    return dissected(settings, tmp_path, pictures)


def dissected(settings, tmp_path, pictures):
    """Dissect the pictures into the study."""
    from annotator.job_queue import do_next_job, enqueue_run
    from annotator.job_requests import RunRequest
    from annotator.models import Study

    use_folder(settings, tmp_path)
    request = RunRequest(
        network="tests.dissect.planted:detectors", layers=["see"], images=str(pictures / "images"),
        top=4, device="cpu",
    )  # fmt: skip
    run = enqueue_run("planted", request)
    while do_next_job(run):
        pass
    return Study.objects.get(name="planted")


@pytest.fixture
def network(planted):
    return planted.networks.get()


QUESTIONS = {
    "layers": {},
    "filters": {"layers": ["see.0"]},
    "activations": {"layers": ["see"], "units": [1], "image": "01.png"},
    "occlusion": {"occluder": 16, "stride": 16, "images": ["01.png"]},
    "minimal-image": {"segments": "masks", "draws": 3, "images": ["01.png", "02.png"]},
    "receptive-field": {"layers": ["see"], "units": [0], "top-images": 2, "stride": 8},
    "concepts": {"layers": ["see"], "best": 3},
}


def answered(network, kind, **options):
    """The analysis of a question, after a worker has done it."""
    from annotator.job_queue import do_next_job, enqueue_analysis

    analysis = enqueue_analysis(network, kind, options)
    assert do_next_job()
    analysis.refresh_from_db()
    return analysis
