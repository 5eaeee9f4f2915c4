"""Analyses: asked as rows, answered by one worker with what the command prints."""

import json
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from annotator import tasks
from annotator.job_queue import do_next_job, enqueue_analysis
from annotator.models import Analysis
from annotator.models.jobs import LEASE

QUESTIONS = {
    "layers": {},
    "filters": {"layers": ["see.0"]},
    "activations": {"layers": ["see"], "units": [1], "image": "01.png"},
    "occlusion": {"occluder": 16, "stride": 16, "images": ["01.png"]},
    "minimal-image": {"segments": "masks", "draws": 3, "images": ["00.png", "01.png"]},
    "receptive-field": {"layers": ["see"], "units": [0], "top-images": 2, "stride": 8},
    "concepts": {"layers": ["see"], "best": 3},
}


def answered(network, kind, **asked):
    analysis = enqueue_analysis(network, kind, asked)
    assert do_next_job()
    analysis.refresh_from_db()
    return analysis


def test_every_kind_of_question_is_answered(network):
    for kind, asked in QUESTIONS.items():
        analysis = answered(network, kind, **asked)

        assert (analysis.status, analysis.error) == ("done", ""), kind
        assert all(default_storage.exists(f"analyses/{f}") for f in analysis.pictures.values())
    assert not do_next_job()


def test_the_answer_is_what_the_command_prints(network, pictures, capsys):
    from dissect.__main__ import main

    analysis = answered(network, "occlusion", **QUESTIONS["occlusion"])
    command = ["occlusion", "--network", "tests.dissect.planted:detectors", "--occluder", "16"]
    command += ["--stride", "16", "--images", str(pictures / "images" / "01.png")]
    main([*command, "--format", "json"])

    printed = json.loads(capsys.readouterr().out)
    assert printed | {"picture": "000000.png"} == analysis.result
    assert list(analysis.pictures) == ["000000.png"]


def test_an_answer_names_no_path_of_the_machine(network, tmp_path):
    for kind in ("minimal-image", "activations", "concepts"):
        said = json.dumps(answered(network, kind, **QUESTIONS[kind]).result)

        assert str(tmp_path) not in said
        assert "/tmp" not in said


def test_images_in_a_tar_shard_can_be_asked_about(network, pictures):
    import tarfile

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
    ("filters", {"layers": ["--out=/etc"]}, "no value that starts with a dash"),
    ("receptive-field", {"layers": ["see"], "top-images": 99}, "fewer than the 99 top images"),
    ("occlusion", {"occluder": "wide", "images": ["01.png"]}, "invalid int value: 'wide'"),
    ("nonsense", {}, "There is no command 'nonsense'"),
]


def test_what_cannot_be_answered_ends_with_one_sentence(network):
    for kind, asked, sentence in UNANSWERABLE:
        analysis = answered(network, kind, **asked)

        assert analysis.status == "failed"
        assert sentence in analysis.error
        assert "\n" not in analysis.error


def test_an_imported_network_says_that_it_is_not_here(network):
    network.runs.update(network=None)

    assert "dissect it here" in answered(network, "layers").error


def test_the_same_question_is_asked_once_unless_it_failed(network):
    first = enqueue_analysis(network, "layers", {})

    assert enqueue_analysis(network, "layers", {}) == first
    Analysis.objects.update(status="failed")
    assert enqueue_analysis(network, "layers", {}) != first


@pytest.mark.both_databases
def test_one_worker_answers_and_a_dead_ones_question_is_free_after_its_lease(db, monkeypatch):
    from tests.crowd.studies import published_study

    analysis = enqueue_analysis(published_study().networks.get(), "layers", {})
    other = Analysis.objects.get()
    rung = []
    monkeypatch.setattr(tasks, "notify_workers", lambda task, pk: rung.append((task.name, pk)))

    assert analysis.claim()
    assert not other.claim()
    tasks.requeue_lost_runs()
    assert rung == []

    Analysis.objects.update(renewed_at=now() - LEASE - timedelta(seconds=1))
    tasks.requeue_lost_runs()
    assert rung == [("annotator.tasks.analyse", analysis.pk)]
    again = Analysis.objects.get()
    assert again.claim()
    assert not analysis.write(status="done")  # the slow one's claim is void


def test_a_question_that_kills_every_worker_is_given_up(network):
    enqueue_analysis(network, "layers", {})
    Analysis.objects.update(claim_number=2)

    assert do_next_job()

    assert "lost 2 times" in Analysis.objects.get().error
