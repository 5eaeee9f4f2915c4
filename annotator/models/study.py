"""Studies: the HIT design, how a study runs, and the images that it shows."""

import secrets
from typing import Any

from django.conf import settings as service_settings
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

study_name = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*\Z",
    "A study's name has lower-case letters, digits, - and _, and starts with a letter or digit.",
)


def new_key() -> str:
    """Default of the key of a new Study, and of other tables' keys: 22 random characters.

    It has 128 bits, and never starts with -, like an option would.
    """
    while (key := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return key


class Study(models.Model):
    """A study: networks, the images that they see, and the design of the HITs."""

    class CatchPolicy(models.TextChoices):
        SILENT = "silent", _("record what was marked at first submit")
        BLOCK = "block", _("refuse until catch images are marked, at most 3 attempts")

    class View(models.TextChoices):
        REGION = "region", _("the region, the rest dimmed")
        OUTLINE = "outline", _("the whole image with the region's outline")
        WHOLE = "whole", _("the whole image")

    class TileView(models.TextChoices):
        FULL = "full", _("the whole picture, as in the paper")
        CROP = "crop", _("a square around the region, and the whole picture as an inset")

    name = models.CharField(max_length=64, unique=True, validators=[study_name])
    created_at = models.DateTimeField(default=now)
    key = models.CharField(
        max_length=64, default=new_key, help_text="Secret key of this study's random draws."
    )
    # The same for every network of the study; other values need another study.
    image_source = models.CharField(max_length=1000, blank=True)
    image_count = models.PositiveIntegerField(default=0)
    image_list_sha256 = models.CharField(max_length=64, blank=True)
    dissect_settings = models.JSONField(default=dict, blank=True)
    # The HIT design.
    top_count = models.PositiveSmallIntegerField(default=60)
    catch_count = models.PositiveSmallIntegerField(default=3)
    catch_policy = models.CharField(
        max_length=8, choices=CatchPolicy.choices, default=CatchPolicy.SILENT
    )
    first_view = models.CharField(max_length=8, choices=View.choices, default=View.REGION)
    tile_view = models.CharField(max_length=4, choices=TileView.choices, default=TileView.FULL)
    assignments_wanted = models.PositiveSmallIntegerField(default=3)
    threshold = models.FloatField(default=0.75, help_text="A unit has to be strictly above it.")
    worker_share = models.FloatField(
        default=0.10, help_text="The most one worker may give, as a share of the answers."
    )
    hourly_cents = models.PositiveIntegerField(
        default=1200, help_text="The hourly rate that rewards are computed from."
    )
    min_judged = models.FloatField(
        default=0.5,
        help_text="Share of a HIT's pictures to judge: with fewer, it is returned unanswered.",
    )
    # How it runs.
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then, nobody gets another HIT."
    )
    budget_cents = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most it may cost, fees included; None: no limit."
    )
    min_hourly_cents = models.PositiveIntegerField(
        default=800, help_text="The least that anybody is paid for an hour of their own work."
    )
    approval_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=14,
        help_text="Days after which an answer that nobody decided about is approved; None: never.",
    )
    withdrawal_days = models.PositiveSmallIntegerField(
        default=14, help_text="Days after a session in which people may take answers back."
    )
    withdrawal_count = models.PositiveIntegerField(
        default=0, help_text="How often somebody took answers back: reports are made again."
    )
    repeat_count = models.PositiveSmallIntegerField(
        default=0, help_text="Positive controls in a HIT: its best images again, mirrored."
    )
    adaptive_most = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The most answers for a unit without a majority group."
    )
    pass_mark = models.FloatField(
        null=True,
        blank=True,
        help_text="Share of qualification units to answer right; None: no qualification.",
    )
    contact = models.CharField(
        max_length=200, blank=True, help_text="The address that annotators can write to."
    )
    may_publish_pictures = models.BooleanField(
        default=False, help_text="Whether reports and bundles may contain the pictures."
    )

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1), name="threshold_is_from_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(worker_share__gt=0, worker_share__lte=1),
                name="worker_share_is_above_0_and_at_most_1",
            ),
            models.CheckConstraint(
                condition=Q(min_judged__gte=0, min_judged__lte=1),
                name="min_judged_is_from_0_to_1",
            ),
            models.CheckConstraint(
                condition=Q(withdrawal_days__gte=14), name="people_have_14_days_to_take_back"
            ),
            models.CheckConstraint(
                condition=Q(top_count__gte=1), name="a_hit_shows_at_least_one_top_image"
            ),
            models.CheckConstraint(
                condition=Q(pass_mark__isnull=True) | Q(pass_mark__gte=0, pass_mark__lte=1),
                name="pass_mark_is_from_0_to_1",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def get_or_add(cls, name: str, **fields: Any) -> "Study":
        """The study of a name; a new one with these fields if there is none. Thread-safe.

        Raises:
            ValidationError: a study cannot have that name, or these fields.
        """
        if study := cls.objects.filter(name=name).first():
            return study
        study = cls(name=name, **fields)
        study.full_clean(validate_unique=False)
        try:
            with transaction.atomic():
                study.save()
        except IntegrityError:  # somebody else was faster
            study = cls.objects.get(name=name)
        return study

    def next_position(self) -> int:
        """The position of the next network: after all that are there, so none comes twice.

        Call it in the transaction that adds the network: it locks the study until the end.
        """
        type(self).objects.select_for_update(no_key=True).get(pk=self.pk)
        highest = self.networks.aggregate(highest=models.Max("position"))["highest"]
        return 0 if highest is None else int(highest) + 1


class Image(models.Model):
    """An image of the study's list that some unit shows. Its pictures are named by content.

    Networks that crop differently see it differently; it then has a row for each view.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="images")
    place = models.PositiveIntegerField(help_text="Its place in the image list, from 0.")
    path = models.TextField(help_text="Relative to the study's image source.")
    tile = models.CharField(
        max_length=80, help_text="File of the small picture: its SHA-256 and .jpg."
    )
    zoom = models.CharField(max_length=80, help_text="File of the large picture.")
    is_random = models.BooleanField(
        default=False, help_text="Drawn from the whole list, independently of scores."
    )
    is_mirrored = models.BooleanField(default=False, help_text="Its pictures are mirrored.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "place", "tile"], name="one_image_per_place_and_view"
            ),
        ]

    def __str__(self) -> str:
        return self.path


def contact_of(study: Study | None) -> str:
    """The contact of a Study, else of the installation; "" if there is none."""
    return (study.contact if study else "") or service_settings.CONTACT
