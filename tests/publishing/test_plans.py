"""What publishing would do and cost, and what it refuses."""

import pytest

from annotator.models import Hit, MachineName, Place, Study, Unit
from annotator.publishing import (
    MAX_REPEATS,
    LeftOut,
    NotPublishable,
    plan_naming,
    plan_verification,
    set_catch_count,
    set_repeat_count,
    set_tile_view,
)
from tests.crowd.studies import published_study
from tests.results.studies import get_unit, store_answer

pytestmark = pytest.mark.django_db


def machine_names(study, method, *names):
    """Let a method call the study's first units so."""
    for unit, name in zip(Unit.objects.filter(layer__network__study=study), names, strict=False):
        MachineName.objects.create(unit=unit, method=method, name=name)


def unpublished_study(**design):
    study = published_study(**design)
    Place.objects.all().delete()
    Hit.objects.all().delete()
    return study


def test_every_unit_without_a_naming_hit_gets_one():
    study = published_study(layers=[("net", "conv", 3)], places=3)
    Hit.objects.order_by("pk").first().delete()

    plan = plan_naming(study, assignments=3, reward_cents=80)

    assert [planned.unit.number for planned in plan.new_hits] == [0]
    assert {planned.kind for planned in plan.new_hits} == {Hit.Kind.NAMING}
    assert [hit.unit.number for hit in plan.published_hits] == [1, 2]


def test_new_hits_come_in_the_order_of_networks_layers_and_units():
    layers = [("b", "conv2", 2), ("a", "conv1", 1)]
    plan = plan_naming(unpublished_study(layers=layers), assignments=3, reward_cents=80)

    names = [(str(planned.unit.layer), planned.unit.number) for planned in plan.new_hits]
    assert names == [("conv2", 0), ("conv2", 1), ("conv1", 0)]


def test_a_plan_costs_the_places_that_are_added_times_the_reward():
    study = published_study(layers=[("net", "conv", 3)], places=2)
    Hit.objects.order_by("pk").first().delete()
    Hit.objects.filter(unit__number=1).update(status=Hit.Status.DISPOSED)

    plan = plan_naming(study, assignments=5, reward_cents=80)

    # Five for the new HIT, three more for one that is published, none for the withdrawn one.
    assert (plan.places, plan.cost_cents) == (5 + 3, 8 * 80)


def test_a_published_study_has_nothing_left_to_publish():
    plan = plan_naming(published_study(places=3), assignments=3, reward_cents=80)

    assert (plan.new_hits, plan.places, plan.cost_cents) == ([], 0, 0)


def test_new_hits_are_counted_by_the_condition_of_their_network():
    study = unpublished_study(layers=[("net", "conv", 2), ("control", "conv", 1)])
    study.networks.filter(name="control").update(condition="random images")

    plan = plan_naming(study, assignments=3, reward_cents=80)

    assert plan.conditions == {"trained": 2, "random images": 1}


def marked(study, **numbers):
    """Mark units of a study, by their number: dead=[0] makes unit 0 dead."""
    for column, units in numbers.items():
        Unit.objects.filter(layer__network__study=study, number__in=units).update(**{column: True})
    return study


def test_dead_units_and_dense_latents_are_left_out_and_what_that_saves_is_said():
    study = marked(unpublished_study(layers=[("net", "conv", 5)]), dead=[0, 2], dense=[2, 3])

    plan = plan_naming(study, assignments=3, reward_cents=80)

    assert [planned.unit.number for planned in plan.new_hits] == [1, 4]
    assert plan.cost_cents == 2 * 3 * 80
    assert plan.left_out == LeftOut(dead_count=2, dense_count=1, saved_cents=3 * 3 * 80)
    assert str(plan.left_out) == (
        "2 dead units (one score for all images) and "
        "1 dense latent (firing on more than half of them)"
    )


def test_with_dead_publishes_every_unit():
    study = marked(unpublished_study(layers=[("net", "conv", 5)]), dead=[0, 2], dense=[3])

    plan = plan_naming(study, assignments=3, reward_cents=80, with_dead=True)

    assert [planned.unit.number for planned in plan.new_hits] == [0, 1, 2, 3, 4]
    assert not plan.left_out


def test_a_broad_unit_is_published_unless_it_is_a_dense_latent():
    study = unpublished_study(layers=[("net", "conv", 2)])
    Unit.objects.filter(number=1).update(broad_share=0.9, firing_share=1)

    plan = plan_naming(study, assignments=3, reward_cents=80)

    assert [planned.unit.activity for planned in plan.new_hits] == ["", "broad"]


def test_a_study_of_dead_units_alone_is_refused_with_the_way_out():
    study = marked(unpublished_study(layers=[("net", "conv", 2)]), dead=[0, 1])

    with pytest.raises(NotPublishable, match=r"2 dead units .*--with-dead publishes them"):
        plan_naming(study, assignments=3, reward_cents=80)


def test_a_dead_unit_that_is_published_keeps_its_hit():
    study = marked(published_study(layers=[("net", "conv", 2)], places=3), dead=[0])

    plan = plan_naming(study, assignments=3, reward_cents=80)

    assert ([hit.unit.number for hit in plan.published_hits], plan.places) == ([0, 1], 0)
    assert not plan.left_out


def test_names_of_dead_units_are_not_verified_either():
    study = marked(published_study(layers=[("net", "conv", 3)]), dead=[0], dense=[1])
    machine_names(study, "clip", "red blob", "sky", "dog")

    plan = plan_verification(study, assignments=2, reward_cents=50, by="clip")

    assert [hit.unit.number for hit in plan.new_hits] == [2]
    assert plan.left_out == LeftOut(1, 1, 2 * 2 * 50)
    every = plan_verification(study, assignments=2, reward_cents=50, by="clip", with_dead=True)
    assert [hit.unit.number for hit in every.new_hits] == [0, 1, 2]


def test_a_study_without_units_is_told_to_dissect():
    with pytest.raises(NotPublishable, match="run `dissect empty` first"):
        plan_naming(Study.objects.create(name="empty"), assignments=3, reward_cents=80)


@pytest.mark.parametrize(("assignments", "sentence"), [(0, "at least 1 answer"), (2, "3 or more")])
def test_a_hit_never_loses_answers(assignments, sentence):
    with pytest.raises(NotPublishable, match=sentence):
        plan_naming(published_study(places=3), assignments, reward_cents=80)


def test_every_concept_of_a_method_is_verified_once():
    study = published_study(layers=[("net", "conv", 3)])
    machine_names(study, "clip", "red blob", "sky")
    Hit.objects.create(
        unit=Unit.objects.get(number=0),
        kind=Hit.Kind.VERIFICATION,
        concept="red blob",
        concept_by="clip",
        hit_type=study.hit_types.get(),
    )

    plan = plan_verification(study, assignments=2, reward_cents=50, by="clip")

    planned = [(hit.unit.number, hit.concept, hit.concept_by, hit.kind) for hit in plan.new_hits]
    assert planned == [(1, "sky", "clip", Hit.Kind.VERIFICATION)]
    assert plan.places == 2 + 2  # the HIT that exists has no places yet
    assert not plan.is_naming


def test_a_consensus_concept_is_verified_unless_its_images_are_random():
    study = published_study(layers=[("net", "conv", 1), ("control", "conv", 1)])
    study.networks.filter(name="control").update(condition="random images")
    for worker in ("ana", "ben"):
        store_answer(study, get_unit(study, "net", "conv"), worker)
        store_answer(study, get_unit(study, "control", "conv"), worker)

    plan = plan_verification(study, assignments=2, reward_cents=50, by="consensus")

    (planned,) = plan.new_hits
    assert planned.unit.layer.network.name == "net"
    assert planned.concept_by == "consensus"


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("consensus", "No unit of rooms has a consensus concept to verify yet"),
        ("clap", "No unit of rooms was named by 'clap'. There are: clip, milan."),
    ],
)
def test_a_study_without_such_concepts_says_what_there_is(by, sentence):
    study = published_study()
    for method in ("milan", "clip"):
        machine_names(study, method, "sky")

    with pytest.raises(NotPublishable, match=sentence):
        plan_verification(study, assignments=2, reward_cents=50, by=by)


@pytest.mark.parametrize(
    ("set_count", "count", "sentence"),
    [
        (set_catch_count, -1, "--catch must be at least 0, got -1"),
        (set_repeat_count, -1, "--repeats must be from 0 to 3, got -1"),
        (set_repeat_count, MAX_REPEATS + 1, "--repeats must be from 0 to 3, got 4"),
        (set_catch_count, 5, "published HITs with 2 catch images.* Use --catch 2"),
        (set_repeat_count, 1, "published HITs with 0 repeats.* Use --repeats 0"),
    ],
)
def test_a_wrong_number_of_controls_is_refused_and_changes_nothing(set_count, count, sentence):
    study = published_study(catches=2)

    with pytest.raises(NotPublishable, match=sentence):
        set_count(study, count)
    study.refresh_from_db()
    assert (study.catch_count, study.repeat_count) == (2, 0)


def test_controls_can_be_set_until_a_hit_is_published():
    study = unpublished_study()

    set_catch_count(study, 5)
    set_repeat_count(study, MAX_REPEATS)

    study.refresh_from_db()
    assert (study.catch_count, study.repeat_count) == (5, MAX_REPEATS)


@pytest.mark.parametrize(
    ("top_count", "change", "sentence"),
    [
        (997, lambda study: set_catch_count(study, 4), "1001: 997 top .* 4 catch .* 0 others"),
        (997, lambda study: set_repeat_count(study, 1), "1001: 997 top .* 3 catch .* 1 others"),
        (1000, lambda study: plan_naming(study, 1, 0), "1003: 1000 top .* 3 catch"),
        (488, lambda study: plan_verification(study, 1, 0, "M"), "1002: 488 top .* 511 others"),
    ],
    ids=["catch images", "repeats", "top images", "verification"],
)
def test_a_hit_never_has_more_pictures_than_an_answer_can_name(top_count, change, sentence):
    study = unpublished_study(catches=3)
    machine_names(study, "M", "wheel")
    study.top_count = top_count
    study.save()

    with pytest.raises(NotPublishable, match=sentence):
        change(study)
    study.refresh_from_db()
    assert (study.catch_count, study.repeat_count) == (3, 0)


@pytest.mark.parametrize(("top_count", "catch_count"), [(997, 3), (900, 100), (1000, 0)])
def test_a_hit_may_have_all_pictures_that_an_answer_can_name(top_count, catch_count):
    study = unpublished_study()
    study.top_count = top_count

    set_catch_count(study, catch_count)

    assert len(plan_naming(study, 1, 0).new_hits) == 1


def test_the_number_that_published_hits_have_may_be_repeated():
    set_catch_count(published_study(catches=2), 2)


def test_the_view_can_be_set_until_a_hit_is_published():
    study = unpublished_study()

    set_tile_view(study, "crop")

    study.refresh_from_db()
    assert study.tile_view == "crop"


def test_a_study_never_mixes_views():
    study = published_study()

    set_tile_view(study, "full")
    with pytest.raises(NotPublishable, match="HITs with --view full.*never compared"):
        set_tile_view(study, "crop")
    study.refresh_from_db()
    assert study.tile_view == "full"
