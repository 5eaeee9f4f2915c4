"""Small worlds with ground truth: pictures that are only masks, and units that see known things.

A picture has a ground (surface level), a colored box on it (color level), which is a thing
(object level). A unit's regions lie around the boxes of its top pictures.
"""

import csv
import hashlib

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator.models import Exemplar, Hit, HitType, Image, Layer, Network, Place, Study, Unit
from annotator.publishing.hit_tiles import frame_of
from annotator.publishing.sheets import mask_sheet

SIDE = 112
GROUNDS = ["grass", "road", "water", "sand"]
COLORS = ["red", "green", "blue", "white", "black"]
THINGS = ["car", "dog", "tree", "boat", "person", "lamp", "chair", "ball"]
LEVELS = {"color": (1, COLORS), "surface": (3, GROUNDS), "object": (5, THINGS)}
PICTURES = 240
MANIFEST = {"network": {"resize": SIDE, "crop": SIDE}}


class World:
    """Pictures in a folder, by number: what each shows and where."""

    def __init__(self, folder):
        self.folder = folder
        random = np.random.default_rng(0)
        self.shows = [
            {level: random.integers(len(names)) for level, (_, names) in LEVELS.items()}
            for _ in range(PICTURES)
        ]
        self.boxes = [random.integers(10, SIDE - 50, size=2) for _ in range(PICTURES)]
        self.write()

    def write(self):
        with (self.folder / "classes.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["index", "name", "group", "level"])
            for level, (group, names) in LEVELS.items():
                (self.folder / "masks" / level).mkdir(parents=True)
                table.writerows((i + 1, name, group, level) for i, name in enumerate(names))
        (self.folder / "images").mkdir()
        for picture in range(PICTURES):
            for level in LEVELS:
                mask = Pillow.fromarray(self.labels(picture, level))
                mask.save(self.folder / "masks" / level / f"{picture:03d}.png")

    def labels(self, picture, level):
        labels = np.zeros((SIDE, SIDE), dtype=np.uint8)
        inside = self.box(picture, 0)
        labels[~inside if level == "surface" else inside] = self.shows[picture][level] + 1
        return labels

    def box(self, picture, margin):
        """(SIDE, SIDE) bool: the thing in a picture, with a margin in pixels around it."""
        y, x = self.boxes[picture]
        inside = np.zeros((SIDE, SIDE), dtype=bool)
        inside[max(0, y - margin) : y + 40 + margin, max(0, x - margin) : x + 40 + margin] = True
        return inside

    def top_pictures(self, level, number, purity, count, random):
        """A detector's top pictures, of which the share `purity` shows its thing, and the rest."""
        order = random.permutation(PICTURES)
        right = [p for p in order if self.shows[p][level] == number]
        wrong = [p for p in order if self.shows[p][level] != number]
        shown = min(len(right), round(purity * count))
        return right[:shown] + wrong[: count - shown], wrong[count - shown :]


def study_of(world, detectors, name="world", places=3, tops=20, catches=3, margin=4, **design):
    """A published study with one unit for each of (level, number, purity).

    The same detectors make the same pictures, regions and slots. A purity of None is a unit that
    sees nothing: random pictures, random regions. A region reaches `margin` pixels beyond its box.
    """
    study = Study.objects.create(
        name=name,
        image_source=str(world.folder / "images"),
        top_count=tops,
        catch_count=catches,
        assignments_wanted=places,
        **design,
    )
    images = Image.objects.bulk_create(
        Image(study=study, place=place, path=f"{place:03d}.jpg", tile="t", zoom="z")
        for place in range(PICTURES)
    )
    network = Network.objects.create(
        study=study, name="net", position=0, spec="net", weights_sha256="", manifest=MANIFEST
    )
    layer = Layer.objects.create(
        network=network,
        name="layer",
        position=0,
        unit_count=len(detectors),
        map_height=1,
        map_width=1,
    )
    hit_type = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    random = np.random.default_rng(0)
    for number, detector in enumerate(detectors):
        unit = Unit.objects.create(
            layer=layer, number=number, maximum=1, threshold=0.5, saturated=False
        )
        _publish(world, unit, images, detector, hit_type, random, margin)
    return study


def random_images_from(study, first):
    """Make the units of `study_of` from a number on a control of random images, in its queue."""
    network, layer = study.networks.get(), Layer.objects.get(network__study=study)
    control = Network.objects.create(
        study=study,
        name="random",
        position=1,
        condition=Network.Condition.RANDOM_IMAGES,
        control_of=network,
        manifest=network.manifest,
    )
    chance = Layer.objects.create(
        network=control,
        name=layer.name,
        position=0,
        unit_count=layer.unit_count - first,
        map_height=1,
        map_width=1,
    )
    Unit.objects.filter(layer=layer, number__gte=first).update(layer=chance)
    Layer.objects.filter(pk=layer.pk).update(unit_count=first)


def _publish(world, unit, images, detector, hit_type, random, margin):
    study = hit_type.study
    level, number, purity = detector
    if purity is None:
        order = random.permutation(PICTURES)
        tops, rest = order[: study.top_count], order[study.top_count :]
        elsewhere = order[-len(tops) :]
        regions = [world.box(p, margin) for p in elsewhere]
    else:
        tops, rest = world.top_pictures(level, number, purity, study.top_count, random)
        regions = [world.box(p, margin) for p in tops]
    shown = [*tops, *rest[: study.catch_count]]
    masks = np.stack([*regions, *regions[: study.catch_count]])
    slots = random.permutation(len(shown)).tolist()
    exemplars = [
        _exemplar(unit, images[picture], rank, slots[rank], study.top_count)
        for rank, picture in enumerate(shown)
    ]
    Exemplar.objects.bulk_create(exemplars)
    in_slots = sorted(exemplars, key=lambda exemplar: exemplar.slot)
    sheet = save_sheet(sheet_of(masks, in_slots))
    hit = Hit.objects.create(unit=unit, hit_type=hit_type, masks=sheet)
    Place.objects.bulk_create(
        Place(hit=hit, number=place + 1) for place in range(study.assignments_wanted)
    )


def sheet_of(masks, exemplars):
    """The sheet of masks of exemplars in slot order, as publishing draws it."""
    peaks = np.full((len(masks), 2), 0.5, dtype=np.float32)
    return mask_sheet([frame_of(exemplar, masks, peaks) for exemplar in exemplars], "full")


def add_verification(world, unit, detector, concept, held_out=12, drawn=8, places=3):
    """A HIT that verifies a concept of a unit, over pictures that its naming does not show.

    The held-out ones show what the detector says; each region lies around its picture's box.
    """
    study, (level, number, purity) = unit.layer.network.study, detector
    used = set(unit.exemplars.values_list("image__place", flat=True))
    order = [p for p in np.random.default_rng(1).permutation(PICTURES) if p not in used]
    right = [p for p in order if world.shows[p][level] == number][: round(purity * held_out)]
    wrong = [p for p in order if world.shows[p][level] != number]
    shown = [*right, *wrong][: held_out + drawn]
    first = study.top_count + study.catch_count
    images = {image.place: image for image in study.images.all()}
    exemplars = [
        Exemplar(
            unit=unit,
            image=images[picture],
            role="held-out" if at < held_out else "random",
            rank=study.top_count + 1 + at if at < held_out else None,
            slot=first + at,
            score=0,
            peak_y=0,
            peak_x=0,
            mask=at,
            coverage=world.box(picture, 4).mean(),
        )
        for at, picture in enumerate(shown)
    ]
    Exemplar.objects.bulk_create(exemplars)
    sheet = save_sheet(sheet_of(np.stack([world.box(p, 4) for p in shown]), exemplars))
    hit = Hit.objects.create(
        unit=unit,
        kind="verification",
        concept=concept,
        concept_by="consensus",
        hit_type=study.hit_types.get(),
        masks=sheet,
    )
    Place.objects.bulk_create(Place(hit=hit, number=place + 1) for place in range(places))
    return hit


def save_sheet(sheet):
    name = f"{hashlib.sha256(sheet).hexdigest()}.png"
    if not default_storage.exists(f"sheets/{name}"):
        default_storage.save(f"sheets/{name}", ContentFile(sheet))
    return name


def _exemplar(unit, image, rank, slot, top_count):
    is_top = rank < top_count
    return Exemplar(
        unit=unit,
        image=image,
        role="top" if is_top else "catch",
        rank=rank + 1 if is_top else None,
        score=1,
        peak_y=0,
        peak_x=0,
        mask=rank,
        slot=slot,
        coverage=0.1,
    )
