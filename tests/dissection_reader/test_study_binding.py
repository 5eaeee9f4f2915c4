"""What a study is bound to: the images and settings of its first dissection."""

import pytest

from annotator.dissection_reader.study_binding import StudyMismatch, bind_study, check_binding
from annotator.models import Study
from dissect.format.manifest import ImageFacts

pytestmark = pytest.mark.django_db
IMAGES = ImageFacts(source="s3://photos", count=40, sha256="a" * 64, skipped=[])
OTHERS = ImageFacts(source="/elsewhere", count=7, sha256="b" * 64, skipped=[])
SETTINGS = {"top": 8, "segment": "quantile"}


@pytest.fixture
def study():
    return Study.objects.create(name="rooms")


def test_the_first_dissection_binds_the_study(study):
    bind_study(study, IMAGES, SETTINGS)

    bound = Study.objects.get()
    assert (bound.image_source, bound.image_count) == ("s3://photos", 40)
    assert (bound.image_list_sha256, bound.top_count) == ("a" * 64, 8)
    assert bound.dissect_settings == SETTINGS == study.dissect_settings


def test_later_dissections_are_held_against_the_first(study):
    bind_study(study, IMAGES, SETTINGS)

    bind_study(study, IMAGES, SETTINGS)
    with pytest.raises(StudyMismatch, match="over 40 images from s3://photos; /elsewhere has 7"):
        bind_study(study, OTHERS, SETTINGS)
    with pytest.raises(StudyMismatch, match="has the settings --top 8 --segment quantile, not"):
        bind_study(study, IMAGES, SETTINGS | {"by": "sum"})


def test_of_two_first_dissections_one_binds_the_study(study):
    late = Study.objects.get()
    bind_study(study, IMAGES, SETTINGS)

    with pytest.raises(StudyMismatch, match="is another list"):
        bind_study(late, OTHERS, SETTINGS)


def test_of_imported_units_the_number_of_top_images_alone_must_agree(study):
    bind_study(study, IMAGES, SETTINGS)

    bind_study(study, IMAGES, {"top": 8, "segment": "imported"}, compared={"top"})
    with pytest.raises(StudyMismatch, match="has the settings --top 8, not --top 9"):
        bind_study(study, IMAGES, {"top": 9, "segment": "imported"}, compared={"top"})


def test_checking_binds_nothing(study):
    check_binding(study, IMAGES, SETTINGS)

    assert Study.objects.get().image_list_sha256 == ""


def test_a_path_of_this_machine_is_bound_as_every_process_finds_it(study, tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path)

    bind_study(study, IMAGES.replaced(source="photos"), SETTINGS)

    assert Study.objects.get().image_source == str(tmp_path / "photos")
