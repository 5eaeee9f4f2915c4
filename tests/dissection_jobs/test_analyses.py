"""Analyses: asked as rows, answered by one worker with what the command prints."""

import json
import math
import tarfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from annotator.dissection_jobs.analyses import arguments_of, plain
from annotator.job_queue import do_next_job, enqueue_analysis
from annotator.models import Analysis, Network
from annotator.models.claims import LEASE
from annotator.tasks import periodic
from tests.crowd.studies import published_study
from tests.planted_study import QUESTIONS, answered


def test_every_kind_of_question_is_answered(network):
    for kind, options in QUESTIONS.items():
        analysis = answered(network, kind, **options)

        assert (analysis.status, analysis.error) == ("done", ""), kind
        assert all(default_storage.exists(f"analyses/{f}") for f in analysis.pictures.values())
    assert not do_next_job()


def test_the_answer_is_what_the_command_prints(network, pictures, capsys):
    from dissect.commands.command_line import main

    analysis = answered(network, "occlusion", **QUESTIONS["occlusion"])
    command = ["occlusion", "--network", "tests.dissect.planted:detectors", "--occluder", "16"]
    command += ["--stride", "16", "--images", str(pictures / "images" / "01.png")]
    main([*command, "--format", "json"])

    printed = json.loads(capsys.readouterr().out)
    assert printed | {"picture": "000000.png"} == analysis.result
    assert list(analysis.pictures) == ["000000.png"]


def test_an_answer_names_no_path_of_the_machine(network, tmp_path):
    for kind in ("minimal-image", "activations", "concepts"):
        text = json.dumps(answered(network, kind, **QUESTIONS[kind]).result)

        assert str(tmp_path) not in text
        assert "/tmp" not in text


def test_an_answer_has_no_number_that_a_database_refuses():
    answer = {"a": [math.nan, 1.5, math.inf], "file": "/tmp/out/x.png", "n": 2}

    assert plain(answer, {"/tmp/out/": ""}) == {"a": [None, 1.5, None], "file": "x.png", "n": 2}


def test_an_analysis_of_all_images_leaves_out_what_the_run_of_its_network_skips(network, tmp_path):
    """Such an image takes all memory, or ends its worker."""
    run = network.runs.get()
    run.request |= {"skip": ["02.png"]}
    run.save()

    analysis = answered(network, "concepts", **QUESTIONS["concepts"])
    arguments = arguments_of(analysis, tmp_path)

    assert analysis.result["image_count"] == 12 - 1
    assert arguments[arguments.index("--skip") + 1] == "02.png"


def test_images_in_a_tar_shard_can_be_asked_about(network, pictures):
    with tarfile.open(pictures / "shard.tar", "w") as shard:
        shard.add(pictures / "images" / "01.png", "01.png")
    study = network.study
    study.image_source = str(pictures / "shard.tar")
    study.save()

    analysis = answered(network, "occlusion", occluder=16, stride=16, images=["shard.tar/01.png"])

    assert analysis.result["class"] == "green"


UNANSWERABLE = [
    ("occlusion", {"class": "purple", "images": ["01.png"]}, "no class named 'purple'"),
    ("occlusion", {"images": ["gone.png"]}, "gone.png is no longer among the images"),
    ("filters", {"layers": ["see"]}, "see.0 inside it has"),
    ("receptive-field", {"layers": ["see"], "top-images": 99}, "fewer than the 99 top images"),
    ("compare", {"other": 0, "layers": ["see=see"]}, "no longer in this study"),
]


def test_what_cannot_be_answered_ends_with_one_sentence(network):
    for kind, options, sentence in UNANSWERABLE:
        analysis = answered(network, kind, **options)

        assert analysis.status == "failed"
        assert sentence in analysis.error
        assert "\n" not in analysis.error


def test_a_row_that_no_request_fits_ends_with_one_sentence(network):
    network.analyses.create(kind="occlusion", request={"images": ["01.png"], "colour": "red"})

    assert do_next_job()

    assert Analysis.objects.get().error == "--colour is unknown."


def test_an_imported_network_says_that_it_is_not_here(network):
    network.runs.update(network=None)

    assert "dissect it here" in answered(network, "layers").error


def test_weights_that_changed_since_the_dissection_are_refused(network, tmp_path):
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"others")
    run = network.runs.get()
    run.request |= {"weights": str(weights)}
    run.save()

    assert f"{weights} has changed since" in answered(network, "layers").error


def test_an_untrained_network_of_another_seed_is_refused(network):
    run = network.runs.get()
    run.request |= {"weights": "untrained", "seed": 3}
    run.save()

    assert "untrained with seed 3" in answered(network, "layers").error


@pytest.mark.both_databases
def test_one_worker_answers_and_a_dead_workers_question_is_free_after_its_lease(
    db, settings, monkeypatch
):
    settings.BROKER_URL = "redis://nowhere"
    monkeypatch.setattr(periodic, "message_count", lambda queue, connection: 0)
    published_study()
    analysis = enqueue_analysis(Network.objects.get(), "layers", {})
    other = Analysis.objects.get()
    notified = []
    monkeypatch.setattr(
        periodic, "notify_workers", lambda task, pk, queue=None: notified.append((task.name, pk))
    )

    assert analysis.claim()
    assert not other.claim()
    notified.clear()
    periodic.requeue_lost_runs()
    assert notified == []

    Analysis.objects.update(renewed_at=now() - LEASE - timedelta(seconds=1))
    periodic.requeue_lost_runs()
    assert notified == [("annotator.tasks.analyse", analysis.pk)]
    again = Analysis.objects.get()
    assert again.claim()
    assert not analysis.write(status="done")  # the slow worker's claim is void


def test_a_question_that_kills_every_worker_is_given_up(network):
    enqueue_analysis(network, "layers", {})
    Analysis.objects.update(lost_count=3, stage="forwarding images")

    assert do_next_job()

    error = Analysis.objects.get().error
    assert error.startswith("3 workers in a row were lost with it, the last one while forwarding")
