"""Networks, their layers and units, and the exemplars that are shown for a unit."""

from collections.abc import Container

from django.db import models
from django.db.models import F, Q

from annotator.models.display_names import DisplayName, layer_display_name, network_display_name
from annotator.models.study import Image, Study
from dissect.format.live_units import activity_of
from dissect.format.tiles import Box


class Network(DisplayName):
    """A dissected network: its spec and the hash of its weights."""

    within = "study"

    class Condition(models.TextChoices):
        TRAINED = "trained", "the units of a trained network"
        DIRECTIONS = "directions", "directions that the requester provided"
        RANDOM_DIRECTIONS = "random directions", "random rotations of a layer's channels"
        RANDOM_IMAGES = "random images", "random images with borrowed regions"
        UNTRAINED = "untrained", "the units of a network at random initialization"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="networks")
    name = models.CharField(max_length=200, help_text="The requester's name for it, or its spec.")
    spec = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    weights_sha256 = models.CharField(max_length=64)
    dissection = models.CharField(
        max_length=500, help_text="The folder of its dissection in the storage."
    )
    manifest = models.JSONField(default=dict, blank=True)
    condition = models.CharField(
        max_length=20, choices=Condition.choices, default=Condition.TRAINED
    )
    control_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="controls"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="network_names_differ"),
            models.UniqueConstraint(fields=["study", "position"], name="network_positions_differ"),
            models.UniqueConstraint(
                fields=["study", "display_name"], name="network_display_names_differ"
            ),
            models.UniqueConstraint(fields=["study", "slug"], name="network_slugs_differ"),
        ]

    def default_name(self, used: Container[str]) -> str:
        return network_display_name(self.name, self.spec, self.condition, used)


class Layer(DisplayName):
    """A named module of a network."""

    within = "network"

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="layers")
    name = models.CharField(max_length=200, help_text="Its module path.")
    position = models.PositiveSmallIntegerField(help_text="Its depth among the dissected layers.")
    unit_count = models.PositiveIntegerField()
    map_height = models.PositiveIntegerField()
    map_width = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="layer_names_differ"),
            models.UniqueConstraint(
                fields=["network", "display_name"], name="layer_display_names_differ"
            ),
            models.UniqueConstraint(fields=["network", "slug"], name="layer_slugs_differ"),
        ]

    def default_name(self, used: Container[str]) -> str:
        return layer_display_name(self.name, used)


class UnitQuerySet(models.QuerySet["Unit"]):
    def live(self) -> "UnitQuerySet":
        """Units that people may be able to name: neither dead, nor dense latents."""
        return self.filter(dead=False, dense=False)


class Unit(models.Model):
    """An output channel of a layer."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="units")
    number = models.PositiveIntegerField()
    maximum = models.FloatField(help_text="The maximum over the image set.")
    threshold = models.FloatField(help_text="Cells above it belong to the region.")
    saturated = models.BooleanField(
        help_text="Whether more images share its top score than are shown."
    )
    dead = models.BooleanField(default=False, help_text="Whether all images have one score.")
    dense = models.BooleanField(
        default=False, help_text="Whether it is a latent that fires on most images."
    )
    # None where the dissection does not say.
    firing_share = models.FloatField(null=True, help_text="Share of images with a score above 0.")
    broad_share = models.FloatField(
        null=True, help_text="Share of images whose score exceeds half of the highest."
    )
    near_copies = models.JSONField(
        default=list,
        blank=True,
        help_text="Ranks of shown images that look alike, a list for each such group.",
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["layer", "number"], name="unit_numbers_differ"),
        ]

    def __str__(self) -> str:
        return f"unit {self.number}"

    @property
    def live(self) -> bool:
        """Whether people may be able to name it, as `UnitQuerySet.live` says."""
        return not (self.dead or self.dense)

    @property
    def activity(self) -> str:
        """The word that marks it on pages: dead, dense, broad, or nothing."""
        return activity_of(self.dead, self.dense, self.broad_share)

    @property
    def hit(self) -> models.Model | None:
        """The naming HIT of the unit; None before it is published."""
        return next((hit for hit in self.hits.all() if hit.kind == "naming"), None)


class Exemplar(models.Model):
    """An image that is shown for a unit, with its peak and its segmented region.

    The region of a catch image is borrowed from another top image of the unit, so that shape, area
    and dimming do not reveal it.
    """

    class Role(models.TextChoices):
        TOP = "top", "among the unit's highest scores"
        CATCH = "catch", "a very low score, mixed in"
        REPEAT = "repeat", "one of the best three again, mirrored: a positive control"
        HELD_OUT = "held-out", "ranked below what naming shows; verifies a concept"
        RANDOM = "random", "drawn at random; the base rate of a concept"

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="exemplars")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="exemplars")
    role = models.CharField(max_length=8, choices=Role.choices)
    rank = models.PositiveSmallIntegerField(null=True, help_text="From 1; None for a catch image.")
    score = models.FloatField()
    peak_y = models.PositiveIntegerField(help_text="Cell of the map, from the top.")
    peak_x = models.PositiveIntegerField(help_text="Cell of the map, from the left.")
    mask = models.PositiveSmallIntegerField(help_text="The index of its mask in the unit's sheet.")
    coverage = models.FloatField(
        default=0.5, help_text="Share of the picture in the region; 0 and 1 show it whole."
    )
    slot = models.PositiveSmallIntegerField(
        null=True, help_text="Its position in the HIT, drawn by a keyed hash."
    )
    # Set when its HIT is published, by `dissect.format.tiles.crop_box`.
    box_left = models.FloatField(default=0, help_text="Of the crop, in shares of the view.")
    box_top = models.FloatField(default=0, help_text="Of the crop, in shares of the view.")
    box_side = models.FloatField(default=1, help_text="Of the crop; 1 is the whole view.")
    tile = models.CharField(
        max_length=80, blank=True, help_text="File of its tile, if that is cut from the picture."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(box_left__gte=0, box_top__gte=0, box_side__gt=0, box_side__lte=1),
                name="a_crop_box_is_in_shares_of_the_view",
            ),
            models.UniqueConstraint(fields=["unit", "image"], name="an_image_once_per_unit"),
            models.UniqueConstraint(fields=["unit", "slot"], name="slots_of_a_unit_differ"),
            models.UniqueConstraint(fields=["unit", "rank"], name="ranks_of_a_unit_differ"),
            models.CheckConstraint(
                condition=Q(role="top", rank__isnull=False) | ~Q(role="top"),
                name="a_top_image_has_a_rank",
            ),
        ]
        ordering = [F("rank").asc(nulls_last=True)]

    @property
    def box(self) -> Box:
        """The square of the view around the part of the region that holds the peak."""
        return Box(self.box_left, self.box_top, self.box_side)

    @box.setter
    def box(self, box: Box) -> None:
        self.box_left, self.box_top, self.box_side = box

    @property
    def tile_file(self) -> str:
        """The file of the picture that a HIT shows for it."""
        return self.tile or self.image.tile
