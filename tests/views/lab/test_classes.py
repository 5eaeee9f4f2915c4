"""What units stand for: units of one class, and scenes segmented by all of them."""

from django.urls import reverse

from annotator.job_queue import do_next_job
from annotator.models import Analysis
from tests.planted_study import answered
from tests.views.lab.naming import name_units


def page(client, name, *arguments):
    response = client.get(reverse(name, args=["planted", *arguments]))
    assert response.status_code == 200
    return response.content.decode()


def test_units_are_grouped_by_the_object_that_people_named(client, network):
    name_units(network.study, ["car", "Cars", "tree"])

    shown = page(client, "classes", network.pk)

    assert "2 units" in shown
    assert "<bdi>Cars</bdi> (3)" in shown  # raw words stay
    assert shown.index('id="class-1"><bdi>car') < shown.index('id="class-2"><bdi>tree')
    # Units 0 and 1 see red and green: none of their 4 top images is the same.
    assert ">0.000<" in shown


def test_other_concepts_are_shown_where_no_unit_is_named_for_an_object_or_if_asked_for(
    client, network
):
    name_units(network.study, ["red", "green", "blue"], group=1)
    address = reverse("classes", args=["planted", network.pk])

    shown = page(client, "classes", network.pk)
    assert "grouped by the concept" in shown
    assert "green" in shown
    assert "green" in client.get(address + "?units=all").content.decode()
    objects = client.get(address + "?units=objects").content.decode()
    assert "No unit is named this way yet." in objects


def test_without_a_choice_the_deepest_layer_that_has_a_class_is_shown(client, network):
    name_units(network.study, ["car", "car", "tree"])
    network.layers.create(name="after", position=9, unit_count=0, map_height=1, map_width=1)

    shown = page(client, "classes", network.pk)
    assert "Units of <code>see</code> by class" in shown
    assert shown.count('class="region"') == 3 * 4  # each unit with its top images
    chosen = client.get(reverse("classes", args=["planted", network.pk]) + "?layer=after")
    assert "Units of <code>" not in chosen.content.decode()


def test_the_card_in_the_lab_shows_images_of_a_unit_of_each_class(client, network):
    assert 'class="shot tiles"' not in page(client, "lab")
    name_units(network.study, ["car", "car", "tree"])
    network.study.snapshots.all().delete()  # made without names

    card = page(client, "lab").split('class="shot tiles"')[1].split("</a>")[0]

    assert card.count('class="region"') == 2 * 4


def test_correlations_come_from_the_newest_analysis(client, network):
    name_units(network.study, ["car", "car", "tree"])
    shown = page(client, "classes", network.pk)
    assert "Measure the correlations" in shown

    form = {"layers": ["see"], "units": "0, 1, 2", "top": 4}
    client.post(reverse("question", args=["planted", network.pk, "alike"]), form)
    assert "are being measured" in page(client, "classes", network.pk)
    do_next_job()

    correlation = Analysis.objects.get().result["layers"]["see"]["correlation"][0][1]
    assert f">{correlation:.3f}<" in page(client, "classes", network.pk)


def test_pairs_of_units_stand_beside_what_people_call_them(client, network):
    name_units(network.study, ["car", "car", "tree"])
    page(client, "classes", network.pk)  # makes the report
    analysis = answered(network, "alike", layers=["see"], units=[0, 1, 2], top=4)

    shown = page(client, "analysis", analysis.pk)

    assert '<span class="unit-name">car</span>' in shown
    assert '<span class="unit-name">tree</span>' in shown
    unit = network.layers.get().units.get(number=2)
    assert f'<a href="{reverse("unit", args=["planted", unit.pk])}">2</a>' in shown


def test_a_scene_is_segmented_by_all_named_units_and_scored(client, network):
    name_units(network.study, ["red", "green", "blue"])
    images = list(network.study.images.filter(path__in=["00.png", "01.png"]).values("pk"))
    form = {"units_of": "objects", "images": [one["pk"] for one in images]}

    client.post(reverse("question", args=["planted", network.pk, "scenes"]), form)
    do_next_job()
    analysis = Analysis.objects.get()

    assert analysis.status == "done", analysis.error
    assert analysis.result["score"]["mean_iou"] > 0.7
    assert analysis.result["score"]["background_mean_iou"] < 0.4
    shown = page(client, "analysis", analysis.pk)
    assert "All background" in shown
    assert "Mask of these concepts" in shown


def test_a_scene_needs_a_named_unit(client, network):
    image = network.study.images.first()
    address = reverse("question", args=["planted", network.pk, "scenes"])

    shown = client.post(address, {"units_of": "all", "images": [image.pk]}).content.decode()

    assert "This network has no named units yet" in shown


def test_concepts_stand_beside_what_people_said(client, network):
    name_units(network.study, ["red", "grass", "blue"])
    client.post(reverse("question", args=["planted", network.pk, "concepts"]),
                {"layers": ["see"], "best": 3})  # fmt: skip
    do_next_job()

    shown = page(client, "analysis", Analysis.objects.get().pk)

    assert "2 of 3 units with a consensus" in shown
    assert "grass" in shown
