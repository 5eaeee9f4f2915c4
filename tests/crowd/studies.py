"""Small published studies, made straight in the tables."""

from itertools import repeat

from annotator.models import (
    Exemplar,
    Hit,
    HitType,
    Image,
    Layer,
    Network,
    Place,
    Study,
    Unit,
    Worker,
)


def published_study(
    name="rooms",
    layers=(("squeezenet", "conv10", 1),),
    places=3,
    tops=4,
    catches=2,
    pictures=None,
    looks=None,
    **design,
):
    """A study with a published HIT for every unit of its layers.

    Args:
        layers: (network, layer, units).
        tops, catches: images a HIT shows; slots 0 to tops - 1 are the top ones.
        pictures: the names of a tile and a zoom for each image, top ones first.
        looks: for each unit the slots of its images, top ones first, and the name of its sheet.
    """
    pictures = pictures or (tops + catches) * [("t.jpg", "z.jpg")]
    looks = iter(looks or repeat((range(tops + catches), "")))
    study = Study.objects.create(
        name=name, top_count=tops, catch_count=catches, assignments_wanted=places, **design
    )
    images = Image.objects.bulk_create(
        Image(study=study, place=place, path=f"{place}.jpg", tile=tile, zoom=zoom)
        for place, (tile, zoom) in enumerate(pictures)
    )
    hit_type = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    for position, (network, layer, unit_count) in enumerate(layers):
        units = _units(study, network, layer, position, unit_count)
        _publish([(unit, *next(looks)) for unit in units], hit_type, images, tops, places)
    return study


def _units(study, network, layer, position, unit_count):
    network, _ = Network.objects.get_or_create(
        study=study,
        name=network,
        defaults={"position": position, "spec": network, "weights_sha256": "", "dissection": ""},
    )
    layer = Layer.objects.create(
        network=network,
        name=layer,
        position=position,
        unit_count=unit_count,
        map_height=1,
        map_width=1,
    )
    return Unit.objects.bulk_create(
        Unit(layer=layer, number=number, maximum=1, threshold=0.5, saturated=False)
        for number in range(unit_count)
    )


def _publish(units, hit_type, images, tops, places):
    hits = Hit.objects.bulk_create(
        Hit(unit=unit, hit_type=hit_type, masks=sheet) for unit, _slots, sheet in units
    )
    Place.objects.bulk_create(
        Place(hit=hit, number=number + 1) for hit in hits for number in range(places)
    )
    Exemplar.objects.bulk_create(
        Exemplar(
            unit=unit,
            image=image,
            role="top" if number < tops else "catch",
            rank=number + 1 if number < tops else None,
            score=1,
            peak_y=0,
            peak_x=0,
            mask=number,
            slot=slots[number],
        )
        for unit, slots, _sheet in units
        for number, image in enumerate(images)
    )


def add_verification(study, places=2, held_out=4, random=2):
    """The concept "grass" of the study's first unit to verify, in slots behind its naming's."""
    naming = Hit.objects.filter(unit__layer__network__study=study).order_by("pk").first()
    hit = Hit.objects.create(
        unit=naming.unit,
        kind=Hit.Kind.VERIFICATION,
        concept="grass",
        concept_by="consensus",
        hit_type=naming.hit_type,
        masks="",
    )
    Place.objects.bulk_create(Place(hit=hit, number=number + 1) for number in range(places))
    first = study.top_count + study.catch_count
    for slot in range(first, first + held_out + random):
        is_random = slot >= first + held_out
        image = study.images.create(place=slot, path=f"{slot}.jpg", tile="t.jpg", zoom="z.jpg")
        Exemplar.objects.create(
            unit=naming.unit,
            image=image,
            role=Exemplar.Role.RANDOM if is_random else Exemplar.Role.HELD_OUT,
            rank=None if is_random else study.top_count + 1 + slot - first,
            slot=slot,
            score=0,
            peak_y=0,
            peak_x=0,
            mask=0,
        )
    return hit


def workers(study, *names, kind=Worker.Kind.PERSON):
    return [Worker.objects.create(study=study, key=name, kind=kind) for name in names]


def the_hit(study):
    return Hit.objects.select_related("hit_type").get(unit__layer__network__study=study)
