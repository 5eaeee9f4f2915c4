"""What a dissection says about how often its units respond is stored with them."""

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator.dissection_reader import DissectionError, checked_files, open_dissection
from annotator.models import Unit
from dissect.format.tables import encode_table
from tests.folder_storage import use_folder
from tests.publishing import dissections

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    use_folder(settings, tmp_path)


def test_dead_and_broad_units_are_stored_as_such():
    dissections.dissected_study(dead=[0])

    rows = list(Unit.objects.values_list("dead", "firing_share"))
    assert rows == [(True, 0.0), (False, 0.25), (False, 0.25)]
    assert [unit.activity for unit in Unit.objects.all()] == ["dead", "", "broad"]


def test_an_older_dissection_marks_no_unit():
    dissections.dissected_study()

    assert set(Unit.objects.values_list("dead", "firing_share", "broad_share")) == {
        (False, None, None)
    }
    assert not any(unit.activity for unit in Unit.objects.all())


@pytest.mark.parametrize("array", ["firing_share", "broad_share"])
@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_that_is_none_is_refused_before_an_import(array, share):
    dissections.dissected_study(dead=[0])
    dissection = open_dissection(dissections.PREFIX)
    table = dissection.table(dissection.manifest.layers[0])
    getattr(table, array)[1] = share
    path = f"{dissections.PREFIX}/{dissections.FILES.table}"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(encode_table(table)))

    with pytest.raises(DissectionError, match=f"Array {array} in .* is not all from 0 to 1"):
        list(checked_files(dissection))
