"""Publishing makes HITs that are complete, once, and adds places to those that want more."""

import pytest

from annotator.crowd.audit import COMMAND
from annotator.models import AuditRow, Exemplar, Hit, HitType, MachineName, Place, Unit
from annotator.publishers import PUBLISHERS
from annotator.publishers.base import PublishError
from annotator.publishers.local import LocalPublisher
from annotator.publishing import (
    NotPublishable,
    PublishRequest,
    plan_naming,
    plan_verification,
    publish_plan,
    publish_request,
)
from tests.publishing.dissections import TOP, UNITS, dissected_study

pytestmark = pytest.mark.django_db


def publish(study, assignments=3, reward_cents=80, **options):
    study.refresh_from_db()
    plan = plan_naming(study, assignments, reward_cents)
    publish_plan(study, plan, **options)
    return plan


def everything(tmp_path):
    """All rows that publishing writes, and all files in the storage."""
    models = (Hit, HitType, Place, Exemplar, AuditRow)
    rows = [list(model.objects.order_by("pk").values_list()) for model in models]
    return rows, sorted(path.name for path in tmp_path.rglob("*"))


def test_every_unit_gets_a_hit_with_pictures_a_sheet_and_places(tmp_path):
    study = dissected_study(catch_count=2, repeat_count=1)

    publish(study, assignments=3)

    hits = Hit.objects.all()
    assert sorted(hit.unit.number for hit in hits) == list(range(UNITS))
    for hit in hits:
        # The best image of unit 0 is symmetric, so it has no repeat.
        count = TOP + 2 + (hit.unit.number != 0)
        assert sorted(hit.shown.values_list("slot", flat=True)) == list(range(count))
        assert (tmp_path / "sheets" / hit.masks).is_file()
        assert sorted(hit.places.values_list("number", flat=True)) == [1, 2, 3]
        assert hit.status == Hit.Status.ASSIGNABLE


def test_publishing_twice_changes_nothing(tmp_path):
    study = dissected_study()
    publish(study)
    before = everything(tmp_path)

    assert publish(study).places == 0
    assert everything(tmp_path) == before


def killed(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["between two HITs", "within a HIT"])
def test_publishing_after_a_kill_completes_it_and_changes_nothing_twice(
    tmp_path, monkeypatch, where
):
    study = dissected_study(repeat_count=1)
    if where == "between two HITs":
        with pytest.raises(KeyboardInterrupt):
            publish(study, progress=killed)
    else:
        publish_one_and_be_killed_within_the_second(study, monkeypatch)
    begun = list(Hit.objects.values_list()), list(Place.objects.values_list())
    assert len(begun[0]) == 1

    left = publish(study)
    after = everything(tmp_path)

    assert (len(left.new_hits), left.places) == (UNITS - 1, 3 * (UNITS - 1))
    assert list(Hit.objects.order_by("pk").values_list())[:1] == begun[0]
    assert list(Place.objects.order_by("pk").values_list())[:3] == begun[1]
    for hit in Hit.objects.all():
        count = TOP + 2 + (hit.unit.number != 0)
        assert sorted(hit.shown.values_list("slot", flat=True)) == list(range(count))
        assert hit.places.count() == 3
    assert publish(study).places == 0
    assert everything(tmp_path) == after


def publish_one_and_be_killed_within_the_second(study, monkeypatch):
    """Its pictures are stored and its rows written, but not committed."""
    offered = []

    def offer(self, hit):
        if offered:
            raise KeyboardInterrupt
        offered.append(hit)

    with monkeypatch.context() as patched:
        patched.setattr(LocalPublisher, "publish", offer)
        with pytest.raises(KeyboardInterrupt):
            publish(study)


def test_a_network_that_is_added_later_is_published_with_the_answers_of_the_study():
    study = dissected_study()
    publish(study, assignments=2)
    before = list(Hit.objects.order_by("pk").values_list())
    add_network(study)

    plan = publish_request(study, PublishRequest(), COMMAND)

    assert (len(plan.new_hits), plan.places) == (1, 2)
    assert list(Hit.objects.order_by("pk").values_list())[: len(before)] == before
    added = Hit.objects.order_by("pk").last()
    assert added.unit.layer.network.name == "other"
    assert added.places.count() == 2
    assert added.hit_type == Hit.objects.first().hit_type


def add_network(study):
    """Another network of a study, with a copy of its first unit, in the same dissection."""
    unit = Unit.objects.order_by("pk").first()
    network, layer, exemplars = (
        unit.layer.network,
        unit.layer,
        list(unit.exemplars.filter(rank__isnull=False)),
    )
    network.name = network.display_name = network.slug = "other"
    network.pk, network.position = None, network.position + 1
    network.save()
    layer.pk, layer.network = None, network
    layer.save()
    unit.pk, unit.layer = None, layer
    unit.save()
    for exemplar in exemplars:
        exemplar.pk, exemplar.unit, exemplar.slot = None, unit, None
    Exemplar.objects.bulk_create(row for row in exemplars if row.role == "top")


def test_more_answers_add_places_and_an_audit_row_and_no_hit():
    study = dissected_study()
    publish(study, assignments=2)

    publish(study, assignments=4)

    assert [hit.places.count() for hit in Hit.objects.all()] == [4] * UNITS
    assert AuditRow.objects.get().detail == {"assignments_wanted": [2, 4], "places": 2 * UNITS}
    study.refresh_from_db()
    assert study.assignments_wanted == 4


class FullMarket(LocalPublisher):
    """Takes one HIT, and refuses the next ones."""

    def publish(self, hit):
        if Hit.objects.exclude(pk=hit.pk).exists():
            raise PublishError("The market is full.")
        return super().publish(hit)


def test_a_refused_hit_leaves_nothing_and_the_next_run_continues_there(monkeypatch):
    monkeypatch.setitem(PUBLISHERS, "full", FullMarket)
    study, progress = dissected_study(), []

    with pytest.raises(PublishError, match="full"):
        publish(study, publisher="full", progress=progress.append)
    assert [hit.unit.number for hit in Hit.objects.all()] == [0]
    assert Place.objects.count() == 3
    assert not Exemplar.objects.filter(unit__number__gt=0, slot__isnull=False).exists()

    publish(study, progress=progress.append)
    assert [hit.unit.number for hit in Hit.objects.order_by("pk")] == list(range(UNITS))
    assert progress == [1] * UNITS


def test_hits_of_one_kind_and_reward_have_one_hit_type(monkeypatch):
    monkeypatch.setitem(PUBLISHERS, "full", FullMarket)
    study = dissected_study()
    with pytest.raises(PublishError):
        publish(study, reward_cents=80, publisher="full")
    publish(study, reward_cents=90)

    rewards = dict(Hit.objects.values_list("unit__number", "hit_type__reward_cents"))
    assert rewards == {0: 80, 1: 90, 2: 90}
    assert HitType.objects.count() == 2


def test_verifications_of_a_unit_show_the_same_pictures_and_leave_naming_alone():
    study = dissected_study(assignments_wanted=3)
    unit = Unit.objects.get(number=1)
    for method in ("clip", "milan"):
        MachineName.objects.create(unit=unit, method=method, name="sky")
        publish_plan(study, plan_verification(study, 2, 50, by=method))

    one, two = Hit.objects.all()
    assert set(one.shown) == set(two.shown) != set()
    assert one.masks == two.masks
    study.refresh_from_db()
    assert study.assignments_wanted == 3
    assert publish(study).places == 3 * UNITS


def test_a_unit_with_too_few_images_is_named_with_a_way_out():
    study = dissected_study(low=1, catch_count=2)

    with pytest.raises(NotPublishable, match="Unit 0 of conv has 1 images low enough.*--catch"):
        publish(study)
    assert not Hit.objects.exists()
