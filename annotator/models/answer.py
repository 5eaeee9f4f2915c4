"""Answers, the images that workers marked, and everything recorded while they work."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from annotator.models.hit import Assignment
from annotator.models.network import Exemplar


class Group(models.IntegerChoices):
    """The six semantic groups of Zhou et al. (2015, arXiv:1412.6856), from low level to high."""

    SIMPLE = 1, _("Simple elements and colors")
    MATERIAL = 2, _("Materials and textures")
    REGION = 3, _("Regions and surfaces")
    PART = 4, _("Object parts")
    OBJECT = 5, _("Objects")
    SCENE = 6, _("Scenes")


GROUP_EXAMPLES = {
    Group.SIMPLE: "horizontal lines, blue",
    Group.MATERIAL: "wood, square grid",
    Group.REGION: "road, grass",
    Group.PART: "head, leg",
    Group.OBJECT: "car, person",
    Group.SCENE: "kitchen, corridor",
}


class AnswerQuerySet(models.QuerySet):
    def counted(self) -> "AnswerQuerySet":
        """The answers that results use: those for which `exclusion_of` returns None."""
        return self.filter(
            is_surplus=False,
            assignment__status__in=Assignment.COUNTED,
            assignment__worker__excluded_at__isnull=True,
            shown__gt=0,
        )


def exclusion_of(
    status: str, is_surplus: bool, worker_excluded_at: datetime | None, shown: int
) -> str | None:
    """Why an Answer does not count, or None. `Answer.objects.counted` is the same rule in SQL.

    The rule does not use the concept or the precision. The first reason that applies is returned:

    - "surplus": another answer had filled its place;
    - a status: a reviewer soft-rejected or rejected it;
    - "worker excluded": a reviewer excluded all answers of its worker;
    - "nothing shown": it has no picture that the worker could judge.
    """
    if is_surplus:
        return "surplus"
    if status not in Assignment.COUNTED:
        return status
    if worker_excluded_at is not None:
        return "worker excluded"
    return None if shown else "nothing shown"


class Answer(models.Model):
    """A submitted assignment: the concept, its semantic group, and how many images fit.

    `shown` counts the top images that the worker judged, and `fitting` those of them that are not
    marked. Neither counts catch images. The marked images are rows of Mark.
    """

    class Says(models.TextChoices):
        CONCEPT = "concept", "they share one thing"
        TWO_THINGS = "two things", "two things; the first is named and counts"
        NOTHING = "nothing", "nothing in common: precision 0, no group"
        GIVEN = "given", "the concept was given; the answer is which images show it"

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="answer")
    says = models.CharField(max_length=10, choices=Says.choices, default=Says.CONCEPT)
    concept = models.CharField(max_length=100, blank=True)
    group = models.PositiveSmallIntegerField(choices=Group.choices, null=True, blank=True)
    second_group = models.PositiveSmallIntegerField(
        choices=Group.choices, null=True, blank=True, help_text="A second choice, if any."
    )
    shown = models.PositiveSmallIntegerField()
    fitting = models.PositiveSmallIntegerField()
    catch_shown = models.PositiveSmallIntegerField(default=0)
    catch_marked_at_first = models.PositiveSmallIntegerField(default=0)
    repeat_shown = models.PositiveSmallIntegerField(default=0)
    repeat_marked = models.PositiveSmallIntegerField(default=0)
    random_shown = models.PositiveSmallIntegerField(
        default=0, help_text="In a verification: random images, for the base rate."
    )
    random_fitting = models.PositiveSmallIntegerField(default=0)
    is_surplus = models.BooleanField(
        default=False, help_text="The place was filled by another: paid, not counted."
    )
    remark = models.CharField(
        max_length=500, blank=True, help_text="What else the worker wrote; for reviewers."
    )
    given_at = models.DateTimeField(db_default=Now())

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fitting__lte=F("shown")), name="no_more_fit_than_were_shown"
            ),
            models.CheckConstraint(
                condition=Q(catch_marked_at_first__lte=F("catch_shown")),
                name="no_more_catch_images_marked_than_shown",
            ),
            models.CheckConstraint(
                condition=Q(says="nothing", group__isnull=True, fitting=0)
                | Q(says="given", group__isnull=True)
                | Q(~Q(says__in=["nothing", "given"]), group__gte=1, group__lte=6),
                name="every_concept_has_one_of_six_groups",
            ),
            models.CheckConstraint(
                condition=Q(repeat_marked__lte=F("repeat_shown"))
                & Q(random_fitting__lte=F("random_shown")),
                name="no_more_controls_counted_than_shown",
            ),
            models.CheckConstraint(
                condition=Q(says="nothing") | ~Q(concept=""), name="every_concept_has_a_name"
            ),
        ]


class Mark(models.Model):
    """One image that a worker marked as not fitting."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="marks")
    exemplar = models.ForeignKey(Exemplar, on_delete=models.PROTECT, related_name="marks")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "exemplar"], name="an_image_marked_once"),
        ]


class PictureReport(models.Model):
    """A picture that did not load, or that the worker did not want to see. It is then hidden.

    The answer counts no picture that was reported before it was submitted.
    """

    class Why(models.TextChoices):
        HIDDEN = "hidden", "the worker did not want to see it"
        NOT_LOADED = "not loaded", "it did not load"

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="reports")
    exemplar = models.ForeignKey(Exemplar, on_delete=models.PROTECT, related_name="reports")
    why = models.CharField(max_length=10, choices=Why.choices, default=Why.HIDDEN)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "exemplar"], name="a_picture_reported_once_an_assignment"
            ),
        ]


class Draft(models.Model):
    """What a worker has entered on a HIT page so far. Every save raises the revision by one.

    A draft is kept after submission, because it has the views that were used.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    revision = models.PositiveIntegerField()
    content = models.JSONField(help_text="Concept, group, says, marked slots, view, views used.")
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revision__gte=1), name="revisions_of_a_draft_start_at_1"
            ),
        ]


class Trace(models.Model):
    """How a worker worked on an assignment: only what the consent text says is logged."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="trace")
    active_seconds = models.FloatField(
        default=0, help_text="While the page was visible and in use."
    )
    paste_count = models.PositiveIntegerField(default=0, help_text="Into the concept field.")
    focus_lost_count = models.PositiveIntegerField(default=0)
    seen_ms = models.JSONField(default=dict, help_text="Slot to milliseconds in view.")
    mark_order = models.JSONField(default=list, help_text="Slots in the order they were marked.")
    views = models.JSONField(default=list, help_text="Views used.")
    parts = models.JSONField(
        default=list, help_text="Names of the parts that came: each is added once."
    )
    saved_at = models.DateTimeField(db_default=Now())


class Attempt(models.Model):
    """One press of submit, accepted or refused."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    form = models.JSONField(help_text="The answer as submitted: concept, group, marked slots.")
    was_refused = models.BooleanField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "number"], name="attempts_are_numbered"),
        ]
