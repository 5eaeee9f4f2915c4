"""Stored settings say "quantile" and "field" where older versions said otherwise."""

import pytest
from django.apps import apps

from annotator.job_requests import RunRequest
from annotator.models import Network, Run, Study
from tests.models.migrations import migration

REQUEST = {"network": "n", "layers": ["a"], "images": "/p"}


@pytest.fixture
def migrate():
    return lambda: migration("segmentation_names").rename_all(apps, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("upsample", "quantile"),
        ("receptive-field", "field"),
        ("imported", "imported"),
        ("field", "field"),
    ],
)
def test_settings_of_studies_runs_and_manifests_are_renamed(migrate, old, name):
    study = Study.objects.create(name="s", dissect_settings={"top": 8, "segment": old})
    Run.objects.create(study=study, request=REQUEST | {"segment": old})
    Network.objects.create(
        study=study, name="n", position=0, manifest={"settings": {"top": 8, "segment": old}}
    )

    migrate()
    migrate()

    assert Study.objects.get().dissect_settings == {"top": 8, "segment": name}
    assert Run.objects.get().request == REQUEST | {"segment": name}
    assert Network.objects.get().manifest == {"settings": {"top": 8, "segment": name}}


@pytest.mark.django_db
def test_a_run_of_before_there_was_a_choice_keeps_the_regions_that_it_had(migrate):
    study = Study.objects.create(name="s")
    dissecting = Run.objects.create(study=study, request=REQUEST)
    importing = Run.objects.create(study=study, request={"study": "s"})

    migrate()

    assert RunRequest.of(Run.objects.get(pk=dissecting.pk).request).segment == "quantile"
    assert Run.objects.get(pk=importing.pk).request == {"study": "s"}
    study.refresh_from_db()
    assert study.dissect_settings == {}
