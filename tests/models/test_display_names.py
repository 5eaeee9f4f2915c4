"""Readers see short names of networks and layers, unique in a study; addresses never change."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.models import Layer, Network, Study
from annotator.models.display_names import (
    RESERVED_SLUGS,
    layer_display_name,
    network_display_name,
    slug_of,
)


@pytest.mark.parametrize(
    ("name", "spec", "condition", "expected"),
    [
        ("torchvision:alexnet", "torchvision:alexnet", "trained", "alexnet"),
        ("timm:vit_base_patch16_224", "timm:vit_base_patch16_224", "trained",
         "vit_base_patch16_224"),
        ("places365:resnet18", "places365:resnet18", "trained", "places365 resnet18"),
        ("efficientnet_lite0", "efficientnet_lite0", "trained", "efficientnet_lite0"),
        ("squeezenet_bn_places365", "squeezenet_bn_places365", "trained", "squeezenet…places365"),
        ("a.nets:scene_0", "a.nets:scene_0", "trained", "scene 0"),
        ("nets:make_small", "nets:make_small", "trained", "make small"),
        ("./nets.py:small", "./nets.py:small", "trained", "small"),
        ("/home/a:b/nets.py:Zoo.small_0", "/home/a:b/nets.py:Zoo.small_0", "trained", "small 0"),
        ("a.nets:untrained_0", "a.nets:untrained_0", "untrained", "untrained 0"),
        ("torchvision:alexnet, untrained", "torchvision:alexnet", "untrained",
         "alexnet, untrained"),
        ("torchvision:alexnet, random images", "torchvision:alexnet", "random images",
         "alexnet, random"),
        ("torchvision:alexnet, random directions, seed 3", "torchvision:alexnet",
         "random directions", "alexnet, rotated"),
        ("ImageNet-CNN", "imported", "trained", "ImageNet-CNN"),
        ("Our network: the second", "x", "trained", "Our networ…he second"),
    ],
)  # fmt: skip
def test_a_network_is_called_by_the_end_of_its_spec(name, spec, condition, expected):
    assert network_display_name(name, spec, condition) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu5", "relu5"),
        ("_blocks.10", "blocks.10"),
        ("_blocks.4._project_conv.static_padding", "static padding 4"),
        ("_blocks.10._project_conv.static_padding", "static padding 10"),
        ("encoder.layers.encoder_layer_3.mlp.0", "mlp.0"),
        ("backbone.stages.2.blocks.11", "stages.2.blocks.11"),
        ("a_layer_of_a_very_long_name", "a layer of…long name"),
    ],
)
def test_a_layer_is_called_by_the_end_of_its_module_path(name, expected):
    assert layer_display_name(name) == expected


@given(
    st.text(min_size=1, max_size=60), st.integers(0, 12), st.sampled_from(["trained", "untrained"])
)
def test_default_names_are_short_and_differ_however_many_are_alike(name, count, condition):
    names, slugs = [], []
    for _ in range(count):
        names.append(network_display_name(name, name, condition, names))
        slugs.append(slug_of(names[-1], "network", slugs))

    assert len(set(names)) == len(set(slugs)) == count
    assert all(len(each) <= 20 for each in names)
    assert not RESERVED_SLUGS & set(slugs)
    assert all(set(each) <= set(slug_letters()) and each[0] != "." for each in slugs)


def slug_letters():
    return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"


@pytest.fixture
def networks(db):
    """Two networks of one spec and weights, the second a control of the first."""
    study = Study.objects.create(name="rooms")
    rows = [
        study.networks.create(name=name, spec="a.nets:scene_0", position=position)
        for position, name in enumerate(("a.nets:scene_0", "a.nets:scene_0 (random 1f2e)"))
    ]
    for row in rows:
        row.layers.create(name="deep.relu5", position=0, unit_count=1, map_height=1, map_width=1)
    return rows


def test_rows_name_themselves_and_differ_within_a_study(networks):
    assert [network.display_name for network in networks] == ["scene 0", "scene 0 2"]
    assert [network.slug for network in networks] == ["scene-0", "scene-0-2"]
    assert {layer.slug for layer in Layer.objects.all()} == {"deep.relu5"}


def test_another_display_name_changes_no_address(networks):
    network = networks[0]
    network.display_name = "scenes, first seed"
    network.save()

    network.refresh_from_db()

    assert (network.display_name, network.slug) == ("scenes, first seed", "scene-0")


def test_the_migration_gives_rows_of_before_the_names_that_new_ones_get(networks):
    expected = [(row.display_name, row.slug) for row in (*networks, *Layer.objects.order_by("pk"))]
    for row in (*networks, *Layer.objects.all()):
        type(row).objects.filter(pk=row.pk).update(display_name=f"?{row.pk}", slug=f"?{row.pk}")
    migration = import_module("annotator.migrations.0003_display_names")
    apps = SimpleNamespace(get_model=lambda app, name: {"Network": Network, "Layer": Layer}[name])

    migration.name_networks(apps, None)
    migration.name_layers(apps, None)

    rows = (*Network.objects.order_by("pk"), *Layer.objects.order_by("pk"))
    assert [(row.display_name, row.slug) for row in rows] == expected
