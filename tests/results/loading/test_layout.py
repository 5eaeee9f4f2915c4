"""The networks of a study, their layers, and what machines call their units."""

import pytest

from annotator.models import Hit, MachineName, Network
from annotator.results.loading.answers import UnitName
from annotator.results.loading.layout import load_layout
from annotator.results.loading.machine_names import load_machine_names
from tests.results.studies import answered_study, get_unit

pytestmark = pytest.mark.django_db


def test_networks_and_layers_stand_in_the_order_of_the_study():
    layout = load_layout(answered_study())

    assert [network.name for network in layout] == ["scenes", "objects"]
    assert [(layer.name, layer.unit_count) for layer in layout[0].layers] == [
        ("conv1", 2),
        ("conv2", 2),
    ]


def test_a_control_names_its_network_and_an_import_what_its_workers_are():
    study = answered_study()
    scenes, objects = study.networks.order_by("position")
    manifest = {"imported": [{"workers": "places"}]}
    Network.objects.filter(pk=objects.pk).update(
        control_of=scenes, condition="untrained", manifest=manifest
    )

    trained, control = load_layout(study)

    assert (trained.condition, trained.control_of) == ("trained", None)
    assert (control.condition, control.control_of) == ("untrained", "scenes")
    assert (trained.workers_are_places, control.workers_are_places) == (False, True)


def test_a_layer_is_sampled_where_some_units_that_others_see_have_no_hit():
    study = answered_study()
    scenes, objects = study.networks.order_by("position")
    _, second = scenes.layers.order_by("position")
    Hit.objects.filter(unit=second.units.first()).delete()
    layers = [{"name": objects.layers.get().name, "units": [3, 8]}]
    Network.objects.filter(pk=objects.pk).update(manifest={"layers": layers})

    def sampled():
        return [layer.is_sampled for network in load_layout(study) for layer in network.layers]

    assert sampled() == [False, True, True]
    second.units.filter(hits=None).update(dead=True)  # nobody would be shown it
    assert sampled() == [False, False, True]


def test_machines_names_are_loaded_by_method():
    study = answered_study()
    unit = get_unit(study)
    for method, name in (("milan", "round things"), ("clip", "wheel")):
        MachineName.objects.create(unit=unit, method=method, name=name)

    rows = load_machine_names(study)

    assert [(row.method, row.name, row.score) for row in rows] == [
        ("clip", "wheel", None),
        ("milan", "round things", None),
    ]
    assert {row.unit_name for row in rows} == {UnitName("scenes", "conv1", 0)}
