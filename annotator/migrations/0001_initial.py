"""The tables of 0.1.0. Later versions add migrations; this one is never changed."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.people import new_token
from annotator.models.study import new_key


def primary_key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", primary_key()),
                (
                    "name",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[
                            RegexValidator(
                                "^[a-z0-9][a-z0-9_-]*\\Z",
                                "A study's name has lower-case letters, digits, - and _, and starts with a letter or digit.",
                            )
                        ],
                    ),
                ),
                ("created_at", models.DateTimeField(default=now)),
                (
                    "key",
                    models.CharField(
                        default=new_key,
                        help_text="Secret key of this study's random draws.",
                        max_length=64,
                    ),
                ),
                ("image_source", models.CharField(blank=True, max_length=1000)),
                ("image_count", models.PositiveIntegerField(default=0)),
                ("image_list_sha256", models.CharField(blank=True, max_length=64)),
                ("dissect_settings", models.JSONField(blank=True, default=dict)),
                ("top_count", models.PositiveSmallIntegerField(default=60)),
                ("catch_count", models.PositiveSmallIntegerField(default=3)),
                (
                    "catch_policy",
                    models.CharField(
                        choices=[
                            ("silent", "record what was marked at first submit"),
                            ("block", "refuse until catch images are marked, at most 3 attempts"),
                        ],
                        default="silent",
                        max_length=8,
                    ),
                ),
                (
                    "first_view",
                    models.CharField(
                        choices=[
                            ("region", "the region, the rest dimmed"),
                            ("outline", "the whole image with the region's outline"),
                            ("whole", "the whole image"),
                        ],
                        default="region",
                        max_length=8,
                    ),
                ),
                ("assignments_wanted", models.PositiveSmallIntegerField(default=3)),
                (
                    "threshold",
                    models.FloatField(
                        default=0.75, help_text="A unit has to be strictly above it."
                    ),
                ),
                (
                    "worker_share",
                    models.FloatField(
                        default=0.1,
                        help_text="The most one worker may give, as a share of the answers.",
                    ),
                ),
                (
                    "hourly_cents",
                    models.PositiveIntegerField(
                        default=1200, help_text="The hourly rate that rewards are computed from."
                    ),
                ),
                (
                    "repeat_count",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Positive controls in a HIT: its best images again, mirrored.",
                    ),
                ),
                (
                    "adaptive_most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The most answers for a unit without a majority group.",
                        null=True,
                    ),
                ),
                (
                    "pass_mark",
                    models.FloatField(
                        blank=True,
                        help_text="Share of qualification units to answer right; None: no qualification.",
                        null=True,
                    ),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        help_text="The address that annotators can write to.",
                        max_length=200,
                    ),
                ),
                (
                    "may_publish_pictures",
                    models.BooleanField(
                        default=False,
                        help_text="Whether reports and bundles may contain the pictures.",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "studies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("threshold__gte", 0), ("threshold__lte", 1)),
                        name="threshold_is_from_0_to_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("worker_share__gt", 0), ("worker_share__lte", 1)),
                        name="worker_share_is_above_0_and_at_most_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("top_count__gte", 1)),
                        name="a_hit_shows_at_least_one_top_image",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pass_mark__isnull", True),
                            models.Q(("pass_mark__gte", 0), ("pass_mark__lte", 1)),
                            _connector="OR",
                        ),
                        name="pass_mark_is_from_0_to_1",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="images",
                        to="annotator.study",
                    ),
                ),
                (
                    "place",
                    models.PositiveIntegerField(help_text="Its place in the image list, from 0."),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="Relative to the study's image source.", max_length=1000
                    ),
                ),
                (
                    "tile",
                    models.CharField(
                        help_text="File of the small picture: its SHA-256 and .jpg.", max_length=80
                    ),
                ),
                ("zoom", models.CharField(help_text="File of the large picture.", max_length=80)),
                (
                    "is_random",
                    models.BooleanField(
                        default=False,
                        help_text="Drawn from the whole list, independently of scores.",
                    ),
                ),
                (
                    "is_mirrored",
                    models.BooleanField(default=False, help_text="Its pictures are mirrored."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "place", "tile"), name="one_image_per_place_and_view"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="networks",
                        to="annotator.study",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The requester's name for it, or its spec.", max_length=200
                    ),
                ),
                ("spec", models.CharField(max_length=200)),
                ("position", models.PositiveSmallIntegerField()),
                ("weights_sha256", models.CharField(max_length=64)),
                (
                    "dissection",
                    models.CharField(
                        help_text="The folder of its dissection in the storage.", max_length=500
                    ),
                ),
                ("manifest", models.JSONField(blank=True, default=dict)),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("trained", "the units of a trained network"),
                            ("directions", "directions that the requester provided"),
                            ("random directions", "random rotations of a layer's channels"),
                            ("random images", "random images with borrowed regions"),
                            ("untrained", "the units of a network at random initialisation"),
                        ],
                        default="trained",
                        max_length=20,
                    ),
                ),
                (
                    "control_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="controls",
                        to="annotator.network",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "name"), name="network_names_differ"),
                    models.UniqueConstraint(
                        fields=("study", "position"), name="network_positions_differ"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Layer",
            fields=[
                ("id", primary_key()),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="layers",
                        to="annotator.network",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Its depth among the dissected layers."
                    ),
                ),
                ("unit_count", models.PositiveIntegerField()),
                ("map_height", models.PositiveIntegerField()),
                ("map_width", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("network", "name"), name="layer_names_differ")
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", primary_key()),
                (
                    "layer",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="units",
                        to="annotator.layer",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("maximum", models.FloatField(help_text="The maximum over the image set.")),
                ("threshold", models.FloatField(help_text="Cells above it belong to the region.")),
                (
                    "saturated",
                    models.BooleanField(
                        help_text="Whether more images share its top score than are shown."
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("layer", "number"), name="unit_numbers_differ")
                ],
            },
        ),
        migrations.CreateModel(
            name="Exemplar",
            fields=[
                ("id", primary_key()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="exemplars",
                        to="annotator.unit",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="exemplars",
                        to="annotator.image",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("top", "among the unit's highest scores"),
                            ("catch", "a very low score, mixed in"),
                            ("repeat", "one of the best three again, mirrored: a positive control"),
                            ("held-out", "ranked below what naming shows; verifies a concept"),
                            ("random", "drawn at random; the base rate of a concept"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        help_text="From 1; None for a catch image.", null=True
                    ),
                ),
                ("score", models.FloatField()),
                ("peak_y", models.PositiveIntegerField(help_text="Cell of the map, from the top.")),
                (
                    "peak_x",
                    models.PositiveIntegerField(help_text="Cell of the map, from the left."),
                ),
                (
                    "mask",
                    models.PositiveSmallIntegerField(
                        help_text="The index of its mask in the unit's sheet."
                    ),
                ),
                (
                    "coverage",
                    models.FloatField(
                        default=0.5,
                        help_text="Share of the picture in the region; 0 and 1 show it whole.",
                    ),
                ),
                (
                    "slot",
                    models.PositiveSmallIntegerField(
                        help_text="Its position in the HIT, drawn by a keyed hash.", null=True
                    ),
                ),
            ],
            options={
                "ordering": [models.OrderBy(models.F("rank"), nulls_last=True)],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "image"), name="an_image_once_per_unit"
                    ),
                    models.UniqueConstraint(fields=("unit", "slot"), name="slots_of_a_unit_differ"),
                    models.UniqueConstraint(fields=("unit", "rank"), name="ranks_of_a_unit_differ"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rank__isnull", False), ("role", "top")),
                            models.Q(("role", "top"), _negated=True),
                            _connector="OR",
                        ),
                        name="a_top_image_has_a_rank",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HitType",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="hit_types",
                        to="annotator.study",
                    ),
                ),
                ("title", models.CharField(max_length=128)),
                ("description", models.TextField(max_length=2000)),
                ("keywords", models.CharField(blank=True, max_length=1000)),
                ("reward_cents", models.PositiveIntegerField()),
                ("lease_seconds", models.PositiveIntegerField(default=3600)),
                ("publisher", models.CharField(default="local", max_length=32)),
                ("created_at", models.DateTimeField(default=now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("lease_seconds__gte", 60)),
                        name="a_lease_lasts_at_least_a_minute",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hit",
            fields=[
                ("id", primary_key()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="hits",
                        to="annotator.unit",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("naming", "say what its top images share"),
                            ("verification", "mark which of other images show the given concept"),
                        ],
                        default="naming",
                        max_length=12,
                    ),
                ),
                (
                    "concept",
                    models.CharField(
                        blank=True, help_text="The concept to verify.", max_length=100
                    ),
                ),
                (
                    "concept_by",
                    models.CharField(
                        blank=True,
                        help_text="`consensus`, or the method that named the unit.",
                        max_length=100,
                    ),
                ),
                (
                    "hit_type",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="hits",
                        to="annotator.hittype",
                    ),
                ),
                (
                    "key",
                    models.CharField(default=new_key, max_length=32, unique=True),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("assignable", "has or may get free places"),
                            ("unassignable", "every place is taken"),
                            ("reviewable", "every place is answered"),
                            ("reviewing", "somebody is reviewing it"),
                            ("disposed", "withdrawn for good"),
                        ],
                        default="assignable",
                        max_length=12,
                    ),
                ),
                (
                    "masks",
                    models.CharField(
                        help_text="File of the sheet of masks, one mask a slot.", max_length=80
                    ),
                ),
                ("mask_columns", models.PositiveSmallIntegerField(default=8)),
                ("published_at", models.DateTimeField(default=now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "naming")),
                        fields=("unit",),
                        name="one_naming_hit_a_unit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "verification")),
                        fields=("unit", "concept", "concept_by"),
                        name="one_verification_hit_a_concept_of_a_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("concept", ""), ("kind", "naming")),
                            models.Q(
                                models.Q(("kind", "verification")),
                                models.Q(("concept", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_verified_is_a_concept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", primary_key()),
                (
                    "hit",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="places",
                        to="annotator.hit",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("claim_number", models.PositiveIntegerField(default=0)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("is_filled", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("hit", "number"), name="place_numbers_differ")
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="invitations",
                        to="annotator.study",
                    ),
                ),
                (
                    "token",
                    models.CharField(default=new_token, max_length=64, unique=True),
                ),
                ("created_at", models.DateTimeField(default=now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "uses_left",
                    models.PositiveIntegerField(blank=True, help_text="None: no limit.", null=True),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("requester", "publishes, sees everything"),
                            ("reviewer", "reviews answers"),
                            ("reader", "reads results"),
                            ("annotator", "labels units, blind"),
                        ],
                        default="annotator",
                        max_length=10,
                    ),
                ),
                ("needs_account", models.BooleanField(default=False)),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="A note for the requester.", max_length=100
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="workers",
                        to="annotator.study",
                    ),
                ),
                ("key", models.CharField(default=new_key, max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "a person"),
                            ("simulated", "a simulated worker"),
                            ("imported", "from another campaign's table"),
                        ],
                        default="person",
                        max_length=10,
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="workers",
                        to="annotator.invitation",
                    ),
                ),
                ("created_at", models.DateTimeField(default=now)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="The worker's account, if there is one.",
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="workers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("qualified_at", models.DateTimeField(blank=True, null=True)),
                ("qualification_score", models.FloatField(blank=True, null=True)),
                ("excluded_at", models.DateTimeField(blank=True, null=True)),
                ("excluded_why", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "key"), name="worker_keys_differ"),
                    models.UniqueConstraint(
                        fields=("study", "user"), name="one_worker_a_study_and_account"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", primary_key()),
                (
                    "key",
                    models.CharField(default=new_key, max_length=32, unique=True),
                ),
                (
                    "hit",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="assignments",
                        to="annotator.hit",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="assignments",
                        to="annotator.unit",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="assignments",
                        to="annotator.worker",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="assignments",
                        to="annotator.place",
                    ),
                ),
                ("claim_number", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("accepted", "being worked on"),
                            ("submitted", "answered"),
                            ("approved", "paid"),
                            ("rejected", "not paid"),
                            ("soft-rejected", "paid, excluded from results"),
                            ("returned", "given back by the worker"),
                            ("expired", "its lease ended"),
                        ],
                        default="accepted",
                        max_length=13,
                    ),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(db_default=Now()),
                ),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "return_reason",
                    models.CharField(
                        blank=True,
                        help_text="The worker's reason for returning it.",
                        max_length=200,
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(
                        blank=True, help_text="When it was approved or rejected.", null=True
                    ),
                ),
                (
                    "feedback",
                    models.CharField(
                        blank=True,
                        help_text="The reviewer's message to the worker.",
                        max_length=500,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "unit"), name="a_worker_labels_a_unit_once"
                    ),
                    models.UniqueConstraint(
                        fields=("place", "claim_number"), name="one_assignment_per_claim"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", primary_key()),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        related_name="answer",
                        to="annotator.assignment",
                    ),
                ),
                (
                    "says",
                    models.CharField(
                        choices=[
                            ("concept", "they share one thing"),
                            ("two things", "two things; the first is named and counts"),
                            ("nothing", "nothing in common: precision 0, no group"),
                            ("given", "the concept was given; the answer is which images show it"),
                        ],
                        default="concept",
                        max_length=10,
                    ),
                ),
                ("concept", models.CharField(blank=True, max_length=100)),
                (
                    "group",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Simple elements and colors"),
                            (2, "Materials and textures"),
                            (3, "Regions and surfaces"),
                            (4, "Object parts"),
                            (5, "Objects"),
                            (6, "Scenes"),
                        ],
                        null=True,
                    ),
                ),
                (
                    "second_group",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Simple elements and colors"),
                            (2, "Materials and textures"),
                            (3, "Regions and surfaces"),
                            (4, "Object parts"),
                            (5, "Objects"),
                            (6, "Scenes"),
                        ],
                        help_text="A second choice, if any.",
                        null=True,
                    ),
                ),
                ("shown", models.PositiveSmallIntegerField()),
                ("fitting", models.PositiveSmallIntegerField()),
                ("catch_shown", models.PositiveSmallIntegerField(default=0)),
                ("catch_marked_at_first", models.PositiveSmallIntegerField(default=0)),
                ("repeat_shown", models.PositiveSmallIntegerField(default=0)),
                ("repeat_marked", models.PositiveSmallIntegerField(default=0)),
                (
                    "random_shown",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="In a verification: random images, for the base rate."
                    ),
                ),
                ("random_fitting", models.PositiveSmallIntegerField(default=0)),
                (
                    "is_surplus",
                    models.BooleanField(
                        default=False,
                        help_text="The place was filled by another: paid, not counted.",
                    ),
                ),
                (
                    "given_at",
                    models.DateTimeField(db_default=Now()),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fitting__lte", models.F("shown"))),
                        name="no_more_fit_than_were_shown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("catch_marked_at_first__lte", models.F("catch_shown"))),
                        name="no_more_catch_images_marked_than_shown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fitting", 0), ("group__isnull", True), ("says", "nothing")),
                            models.Q(("group__isnull", True), ("says", "given")),
                            models.Q(
                                models.Q(("says__in", ["nothing", "given"]), _negated=True),
                                ("group__gte", 1),
                                ("group__lte", 6),
                            ),
                            _connector="OR",
                        ),
                        name="every_concept_has_one_of_six_groups",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("repeat_marked__lte", models.F("repeat_shown")),
                            ("random_fitting__lte", models.F("random_shown")),
                        ),
                        name="no_more_controls_counted_than_shown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("says", "nothing"),
                            models.Q(("concept", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="every_concept_has_a_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", primary_key()),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="marks",
                        to="annotator.answer",
                    ),
                ),
                (
                    "exemplar",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="marks",
                        to="annotator.exemplar",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("answer", "exemplar"), name="an_image_marked_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PictureReport",
            fields=[
                ("id", primary_key()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="reports",
                        to="annotator.assignment",
                    ),
                ),
                (
                    "exemplar",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="reports",
                        to="annotator.exemplar",
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("hidden", "the worker did not want to see it"),
                            ("not loaded", "it did not load"),
                        ],
                        default="hidden",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "exemplar"),
                        name="a_picture_reported_once_an_assignment",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", primary_key()),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        related_name="draft",
                        to="annotator.assignment",
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                (
                    "content",
                    models.JSONField(
                        help_text="Concept, group, says, marked slots, view, views used."
                    ),
                ),
                (
                    "saved_at",
                    models.DateTimeField(db_default=Now()),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("revision__gte", 1)),
                        name="revisions_of_a_draft_start_at_1",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", primary_key()),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        related_name="trace",
                        to="annotator.assignment",
                    ),
                ),
                (
                    "active_seconds",
                    models.FloatField(
                        default=0, help_text="While the page was visible and in use."
                    ),
                ),
                (
                    "paste_count",
                    models.PositiveIntegerField(default=0, help_text="Into the concept field."),
                ),
                ("focus_lost_count", models.PositiveIntegerField(default=0)),
                (
                    "seen_ms",
                    models.JSONField(default=dict, help_text="Slot to milliseconds in view."),
                ),
                (
                    "mark_order",
                    models.JSONField(
                        default=list, help_text="Slots in the order they were marked."
                    ),
                ),
                ("views", models.JSONField(default=list, help_text="Views used.")),
                (
                    "saved_at",
                    models.DateTimeField(db_default=Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", primary_key()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="attempts",
                        to="annotator.assignment",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "form",
                    models.JSONField(
                        help_text="The answer as submitted: concept, group, marked slots."
                    ),
                ),
                ("was_refused", models.BooleanField()),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "number"), name="attempts_are_numbered"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", primary_key()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        blank=True,
                        help_text="None: the role holds for every study.",
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="memberships",
                        to="annotator.study",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("requester", "publishes, sees everything"),
                            ("reviewer", "reviews answers"),
                            ("reader", "reads results"),
                            ("annotator", "labels units, blind"),
                        ],
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "study", "role"), name="a_role_in_a_study_is_given_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("study__isnull", True)),
                        fields=("user", "role"),
                        name="a_role_everywhere_is_given_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="consents",
                        to="annotator.study",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "version"), name="consent_versions_differ"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentGiven",
            fields=[
                ("id", primary_key()),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="consents_given",
                        to="annotator.worker",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="given",
                        to="annotator.consent",
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "consent"), name="consent_is_given_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessKey",
            fields=[
                ("id", primary_key()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="access_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("access_key_id", models.CharField(max_length=32, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=Now()),
                ),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="KnownAnswer",
            fields=[
                ("id", primary_key()),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        related_name="known",
                        to="annotator.unit",
                    ),
                ),
                ("concepts", models.JSONField(help_text="Every right name, in lower case.")),
                (
                    "group",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Simple elements and colors"),
                            (2, "Materials and textures"),
                            (3, "Regions and surfaces"),
                            (4, "Object parts"),
                            (5, "Objects"),
                            (6, "Scenes"),
                        ],
                        null=True,
                    ),
                ),
                (
                    "for_training",
                    models.BooleanField(default=False, help_text="Shown with feedback; paid."),
                ),
                ("for_qualification", models.BooleanField(default=False)),
                (
                    "for_control",
                    models.BooleanField(
                        default=False,
                        help_text="Mixed into the queue unannounced, more often early on.",
                    ),
                ),
                ("created_at", models.DateTimeField(default=now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("group__isnull", True),
                            models.Q(("group__gte", 1), ("group__lte", 6)),
                            _connector="OR",
                        ),
                        name="a_known_group_is_one_of_six",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", primary_key()),
                ("claim_number", models.PositiveIntegerField(default=0)),
                ("renewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="runs",
                        to="annotator.study",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="runs",
                        to="annotator.network",
                    ),
                ),
                (
                    "request",
                    models.JSONField(
                        help_text="A RunRequest: network, weights, layers, images, ..."
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a worker"),
                            ("running", "being worked on"),
                            ("collecting", "its shards are being worked on"),
                            ("done", "finished"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=100)),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(default=0)),
                (
                    "began_at",
                    models.DateTimeField(blank=True, help_text="When the stage began.", null=True),
                ),
                (
                    "began_with",
                    models.PositiveIntegerField(
                        default=0, help_text="done_count when the stage began."
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Shard",
            fields=[
                ("id", primary_key()),
                ("claim_number", models.PositiveIntegerField(default=0)),
                ("renewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="shards",
                        to="annotator.run",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("first", models.PositiveIntegerField(help_text="Place of its first image.")),
                (
                    "stop",
                    models.PositiveIntegerField(help_text="One past the place of its last image."),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a worker"),
                            ("running", "being worked on"),
                            ("done", "collected"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="shard_numbers_differ"),
                    models.CheckConstraint(
                        condition=models.Q(("stop__gt", models.F("first"))),
                        name="a_shard_has_at_least_one_image",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Analysis",
            fields=[
                ("id", primary_key()),
                ("claim_number", models.PositiveIntegerField(default=0)),
                ("renewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="analyses",
                        to="annotator.network",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="The command of `python -m dissect`.", max_length=20
                    ),
                ),
                ("request", models.JSONField(help_text="The options of the command.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a worker"),
                            ("running", "being worked on"),
                            ("done", "finished"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(default=0)),
                (
                    "result",
                    models.JSONField(
                        blank=True,
                        help_text="What the command prints with `--format json`.",
                        null=True,
                    ),
                ),
                (
                    "pictures",
                    models.JSONField(
                        default=dict, help_text="Name of a picture to its file in the storage."
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "analyses",
            },
        ),
        migrations.CreateModel(
            name="ConceptMerge",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="merges",
                        to="annotator.study",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(help_text="Counts the study's merges, from 1."),
                ),
                ("words", models.JSONField(help_text="Normalised words.")),
                (
                    "into",
                    models.CharField(
                        blank=True,
                        help_text="The concept that the words become; empty if kept apart.",
                        max_length=100,
                    ),
                ),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField(db_default=Now())),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_version", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ["version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "version"), name="merge_versions_differ"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MachineName",
            fields=[
                ("id", primary_key()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="machine_names",
                        to="annotator.unit",
                    ),
                ),
                ("method", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=100)),
                (
                    "score",
                    models.FloatField(
                        blank=True, help_text="The method's own score, if it has one.", null=True
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "method"), name="one_name_a_unit_and_method"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preregistration",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="preregistrations",
                        to="annotator.study",
                    ),
                ),
                (
                    "plan",
                    models.JSONField(
                        help_text="Hypotheses, rules, thresholds, exclusions, stopping."
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "answer_count",
                    models.PositiveIntegerField(help_text="The number of answers at that time."),
                ),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "sha256"), name="a_plan_is_registered_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="snapshots",
                        to="annotator.study",
                    ),
                ),
                ("crowd", models.CharField(max_length=10)),
                (
                    "variant",
                    models.CharField(
                        blank=True,
                        help_text="Which answers are left out; empty: the usual rule.",
                        max_length=40,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        help_text="Hash of the data that the report is made of.", max_length=64
                    ),
                ),
                (
                    "content",
                    models.CharField(help_text="Its folder in the storage.", max_length=200),
                ),
                ("seconds", models.FloatField(help_text="The time it took to make.")),
                (
                    "made_at",
                    models.DateTimeField(db_default=Now()),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "crowd", "variant", "state"), name="one_snapshot_a_state"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", primary_key()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="audit",
                        to="annotator.study",
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "actor_name",
                    models.CharField(
                        help_text="The account's name, `command`, or `at the machine`.",
                        max_length=150,
                    ),
                ),
                ("action", models.CharField(max_length=40)),
                (
                    "hit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        to="annotator.hit",
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        to="annotator.assignment",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        to="annotator.worker",
                    ),
                ),
                (
                    "detail",
                    models.JSONField(default=dict, help_text="Field to [old value, new value]."),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Bonus",
            fields=[
                ("id", primary_key()),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="bonuses",
                        to="annotator.worker",
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="bonuses",
                        to="annotator.assignment",
                    ),
                ),
                ("cents", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=500)),
                (
                    "token",
                    models.CharField(
                        help_text="Makes paying idempotent: one bonus a token.", max_length=64
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "token"), name="a_bonus_is_given_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cents__gte", 1)), name="a_bonus_is_at_least_a_cent"
                    ),
                ],
            },
        ),
    ]
