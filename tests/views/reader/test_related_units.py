"""A unit's page leads to units that resemble it, and to the lab's answers about it."""

import random
import re

import pytest

from annotator.models import Exemplar, Image, Unit
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import units_in, units_named
from annotator.results.stats.jaccard import jaccard
from annotator.views.reader.related_units import analyses_of, nearest_units, units_of_concept
from tests.crowd.studies import published_study
from tests.results.studies import get_unit, store_answer

pytestmark = pytest.mark.django_db
TOPS = 6


def overlapping_study(seed=0):
    """Two networks that crop differently; every unit's top images are drawn from fourteen."""
    draw = random.Random(seed)
    layers = (("scenes", "conv1", 6), ("scenes", "conv2", 6), ("objects", "conv1", 6))
    study = published_study("many", layers=layers, tops=TOPS, catches=0)
    views = {
        (network, place): Image.objects.create(
            study=study, place=100 + place, path=f"{place}.jpg", tile=f"{network}-{place}.jpg"
        )
        for network in ("scenes", "objects")
        for place in range(14)
    }
    for exemplar in Exemplar.objects.order_by("unit_id", "rank").select_related(
        "unit__layer__network"
    ):
        if exemplar.rank == 1:
            places = draw.sample(range(14), TOPS)
        network = exemplar.unit.layer.network.name
        exemplar.image = views[network, places[exemplar.rank - 1]]
        exemplar.save()
    return study


def nearest_slowly(study, unit):
    """Every other unit that shares an image with a unit, by Jaccard, by its definition."""

    def places(one):
        exemplars = Exemplar.objects.filter(unit=one, role="top")
        return frozenset(exemplars.values_list("image__place", flat=True))

    others = [
        one
        for network in study.networks.exclude(condition="random images")
        for layer in network.layers.all()
        for one in layer.units.all()
        if one != unit
    ]
    overlaps = [(jaccard(places(unit), places(one)), -one.pk) for one in others]
    ranked = sorted(overlaps, reverse=True)
    return [(-pk, pytest.approx(overlap)) for overlap, pk in ranked if overlap]


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_units_of_a_study_overlap_most(seed):
    study = overlapping_study(seed)
    unit = get_unit(study, number=seed)

    near = nearest_units(unit, TOPS, count=20)

    assert [(one.unit.pk, one.overlap) for one in near] == nearest_slowly(study, unit)
    assert {one.unit.layer.network.name for one in near} == {"scenes", "objects"}


def test_units_of_random_images_and_of_other_studies_are_never_near():
    study = overlapping_study()
    unit = get_unit(study)
    study.networks.filter(name="objects").update(condition="random images")
    published_study("other", tops=TOPS, catches=0)

    near = nearest_units(unit, TOPS, count=40)

    assert {one.unit.layer.network.name for one in near} == {"scenes"}
    assert [one.unit.pk for one in near] == [pk for pk, _ in nearest_slowly(study, unit)]


def test_nearest_units_take_as_many_queries_for_many_units(django_assert_num_queries):
    study = overlapping_study()
    units = Unit.objects.select_related("layer__network")
    unit = units.get(pk=get_unit(study).pk)

    for count in (1, 12):
        with django_assert_num_queries(5):  # images, shared ones, sizes, units, their HITs
            nearest_units(unit, TOPS, count=count)


@pytest.fixture
def wheels(db):
    """Three wheels, of which the middle one is the least precise, and what only sounds like it."""
    study = published_study("many", layers=(("scenes", "conv1", 3), ("objects", "conv1", 3)))
    wheels = [get_unit(study), get_unit(study, number=2), get_unit(study, "objects")]
    for unit, marked in zip(wheels, ((1,), (1, 2, 3), ()), strict=True):
        for worker in ("ada", "ben"):
            store_answer(study, unit, worker, "Wheels", marked=marked)
    for worker in ("ada", "ben"):
        store_answer(study, get_unit(study, number=1), worker, 'steering "consensus":"wheel",')
    return study


def test_the_same_concept_elsewhere_is_listed_by_consensus_precision(wheels):
    from annotator.results.output.snapshots.stored_reports import report_in

    snapshot = take(wheels)
    unit = get_unit(wheels)

    same, count = units_of_concept(unit, "wheel", report_in(snapshot), snapshot)

    assert count == 2
    assert [one.unit for one in same] == [get_unit(wheels, "objects"), get_unit(wheels, number=2)]
    assert [one.result.named.precision for one in same] == [1.0, 0.25]


def test_cards_of_nearest_units_and_of_the_same_concept_mark_detectors(client):
    study = published_study("many", layers=(("scenes", "conv1", 4),), tops=TOPS, catches=0)
    for number, (marked, group) in enumerate((((), 5), ((), 5), ((1, 2, 3), 5), ((), 2))):
        for worker in ("ada", "ben", "cleo"):
            store_answer(
                study, get_unit(study, number=number), worker, "wheel", group=group, marked=marked
            )
    take(study)

    html = client.get("/results/many/scenes/conv1/0").content.decode()

    for section in ("nearest", "elsewhere"):
        cards = re.findall(
            r'<li class="card unit-card">.*?</li>',
            html.split(f'aria-labelledby="{section}"')[1].split("</section>")[0],
            re.S,
        )
        marked = {
            re.search(r"unit (\d)</a>", card)[1]: "object detector, " in card for card in cards
        }
        # Unit 2 is below the threshold, and unit 3 was named as another group.
        assert marked == {"1": True, "2": False, "3": False}, section


def test_units_of_a_concept_are_those_of_the_whole_layers(wheels):
    snapshot = take(wheels)
    layers = [get_unit(wheels, network).layer_id for network in ("scenes", "objects")]

    def slowly(concept):
        units = [(layer, unit) for layer in layers for unit in units_in(snapshot, layer)]
        named = [each for each in units if each[1].named.consensus == concept]
        return sorted(named, key=lambda each: (-each[1].named.precision, each[0], each[1].unit))

    for concept in ("wheel", "nothing", slowly_named(snapshot, layers[0])):
        every = slowly(concept)
        assert units_named(snapshot, layers, concept, 9) == (every, len(every))
        assert units_named(snapshot, layers, concept, 1) == (every[:1], len(every))
    assert [unit.unit for _, unit in units_named(snapshot, layers, "wheel", 9)[0]] == [0, 0, 2]


def slowly_named(snapshot, layer):
    """The consensus with quotes in it, of unit 1."""
    return units_in(snapshot, layer)[1].named.consensus


def test_the_labs_finished_analyses_that_name_a_unit_are_listed_newest_first(wheels, client):
    unit = get_unit(wheels, number=1)
    network = unit.layer.network
    asked = {"layers": ["conv1"], "units": [1, 2]}
    first, second = (
        network.analyses.create(kind=kind, request=asked, status="done")
        for kind in ("activations", "receptive-field")
    )
    network.analyses.create(kind="activations", request=asked, status="waiting")
    network.analyses.create(kind="activations", request=asked | {"units": [0]}, status="done")
    network.analyses.create(kind="activations", request=asked | {"layers": ["x"]}, status="done")
    network.analyses.create(kind="occlusion", request={"images": ["a.jpg"]}, status="done")

    assert analyses_of(unit) == [second, first]
    html = client.get("/results/many/scenes/conv1/1").content.decode()
    assert f'href="/studies/many/lab/answers/{second.pk}/">Receptive field</a>' in html
