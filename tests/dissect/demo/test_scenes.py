"""Rendered pictures: reproducible, and fully labeled."""

import numpy as np
import pytest

from dissect.demo.concepts import LEVELS, OBJECTS, PARTS, SCENES, TEXTURES
from dissect.demo.folder import pictures
from dissect.demo.objects import THINGS
from dissect.demo.scenes import CASTS, KINDS, render
from dissect.demo.surfaces import TEXTURE_FUNCTIONS


@pytest.fixture(scope="module")
def shown():
    """Two pictures of every object and eight of every scene."""
    return list(pictures(160, seed=3))


def test_there_are_at_least_eight_scenes_and_twenty_objects_with_parts():
    assert len(SCENES) >= 8
    assert len(OBJECTS) >= 20
    assert all(len(parts) >= 2 for parts in OBJECTS.values())


def test_whatever_has_a_name_can_be_drawn():
    assert tuple(THINGS) == tuple(OBJECTS)
    assert tuple(TEXTURE_FUNCTIONS) == TEXTURES
    assert tuple(CASTS) == SCENES


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_always_gives_the_same_picture(kind):
    first, again, other = (render(kind, 7, seed) for seed in (5, 5, 6))

    assert np.array_equal(first.pixels, again.pixels)
    assert all(np.array_equal(first.labels[level], again.labels[level]) for level in LEVELS)
    assert not np.array_equal(first.pixels, other.pixels)


def test_pictures_do_not_depend_on_how_many_are_rendered():
    assert all(
        np.array_equal(few.pixels, many.pixels)
        for few, many in zip(pictures(4, seed=9), pictures(8, seed=9), strict=False)
    )


def test_every_pixel_has_a_color_a_texture_and_a_surface(shown):
    for picture in shown:
        for level in ("color", "texture", "surface"):
            assert picture.labels[level].min() > 0


def test_every_label_has_a_name(shown):
    for picture in shown:
        for level, (_, names) in LEVELS.items():
            assert picture.labels[level].max() <= len(names)


def test_a_scene_covers_its_picture_and_a_single_object_has_none(shown):
    for picture in shown:
        wanted = SCENES.index(picture.name) + 1 if picture.kind == "scene" else 0
        assert (picture.labels["scene"] == wanted).all()


def test_a_part_lies_in_an_object_that_has_it(shown):
    names = list(OBJECTS)
    for picture in shown:
        objects, parts = (picture.labels[level].astype(int) for level in ("object", "part"))
        for pair in np.unique(objects * 1000 + parts):
            thing, part = divmod(int(pair), 1000)
            if thing == 0:
                assert part == 0
            else:
                assert PARTS[part - 1] in OBJECTS[names[thing - 1]]


def test_every_part_of_every_object_is_seen_somewhere():
    names, seen = list(OBJECTS), set()
    for place in range(12 * len(names)):
        labels = render("object", place, seed=4).labels
        inside = labels["part"][labels["object"] == place % len(names) + 1]
        seen |= {(names[place % len(names)], PARTS[part - 1]) for part in np.unique(inside)}

    assert seen == {(name, part) for name, parts in OBJECTS.items() for part in parts}


def test_a_single_object_picture_shows_that_object_and_no_other(shown):
    for picture in shown:
        if picture.kind == "object":
            wanted = list(OBJECTS).index(picture.name) + 1
            assert set(np.unique(picture.labels["object"])) == {0, wanted}


def test_every_object_is_in_several_scenes_and_sure_in_none():
    for name in OBJECTS:
        chances = [cast[name][0] for cast in CASTS.values() if name in cast]
        assert len(chances) >= 3, name
        # A share of one scene in all sights of the object, if scenes come equally often.
        assert max(chances) / sum(chances) < 0.8, name
        assert name == "tree" or max(chances) < 0.9, name
