"""Asks for a run: writes the row, and rings for it where there is a broker."""

from typing import Any

from django.conf import settings

from annotator.models import Run, Study
from annotator.tasks import dissect


def ask(study_name: str, asked: dict[str, Any]) -> Run:
    """Write a run; the study is made by its first one.

    Raises:
        ValidationError: a study cannot have that name.
    """
    study = Study.objects.filter(name=study_name).first()
    if study is None:
        study = Study(name=study_name, top_count=asked["top"])
        study.full_clean()
        study.save()
    run = Run.objects.create(study=study, asked=asked)
    if settings.BROKER_URL:
        dissect.delay_on_commit(run.pk)
    return run


def withdraw_failed(run: Run) -> None:
    """Forget a failed run, and its study if nothing else was ever made of it."""
    study = run.study
    run.delete()
    if not study.networks.exists() and not study.runs.exists():
        study.delete()
    elif not study.networks.exists():
        Study.objects.filter(pk=study.pk).update(image_list_sha256="")
