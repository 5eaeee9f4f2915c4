from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure.
settings.register_profile("unitscope", deadline=None)
settings.load_profile("unitscope")


@pytest.fixture
def zhou2015(shared_data: Path, db: None):
    """The study `zhou2015`: the 4,128 released answers for the ImageNet-CNN."""
    return import_zhou2015(shared_data)


@pytest.fixture(scope="session")
def released_report(shared_data: Path, django_db_setup: None, django_db_blocker):
    """The report of those answers, made once; the study itself is gone again."""
    from django.db import transaction

    from annotator.results.report import report_of

    with django_db_blocker.unblock(), transaction.atomic():
        found = report_of(import_zhou2015(shared_data))
        transaction.set_rollback(True)
    return found


def import_zhou2015(shared_data: Path):
    from annotator.importing import import_answers
    from annotator.models import Study

    import_answers(shared_data / "zhou2015" / "imagenet-alexnet.csv", "zhou2015")
    return Study.objects.get(name="zhou2015")
