"""Recruiting from outside markets: entry links with parameters, participants, sessions, codes."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from annotator.models.answer import Group
from annotator.models.people import Invitation, Worker
from annotator.models.study import Study


class Outcome(models.TextChoices):
    """How a market's participant left a session. Each outcome has a completion code of its own."""

    COMPLETED = "completed", _("did all sets of the session")
    STOPPED = "stopped", _("stopped early; the sets done are paid")
    NO_CONSENT = "no consent", _("did not agree to the consent text")
    SCREENED_OUT = "screened out", _("failed the qualification")
    FAILED_CHECKS = "failed checks", _("failed two explicit attention checks")
    TIMED_OUT = "timed out", _("the time of the session ran out")


class MarketLink(models.Model):
    """Makes an invitation a market's entry link, with query parameters, session length and fee."""

    invitation = models.OneToOneField(
        Invitation, on_delete=models.CASCADE, primary_key=True, related_name="market_link"
    )
    market = models.CharField(max_length=32, help_text="prolific, connect, or another name.")
    # Names of query parameters that the market adds to the address.
    participant_parameter = models.CharField(max_length=64)
    study_parameter = models.CharField(max_length=64, blank=True)
    session_parameter = models.CharField(max_length=64, blank=True)
    return_url = models.CharField(
        max_length=500,
        blank=True,
        help_text="Where people go at the end; {code} stands for the completion code.",
    )
    session_minutes = models.PositiveSmallIntegerField(
        default=20, help_text="About how long a session is; sets are bundled to fill it."
    )
    max_minutes = models.PositiveSmallIntegerField(
        default=90, help_text="After so long the market gives a participant's place to another."
    )
    fee_percent = models.FloatField(default=0, help_text="Of the market, on top of all pay.")
    base_cents = models.PositiveIntegerField(
        default=0,
        help_text="What the market itself pays for each completed session; batches hold the rest.",
    )
    study_number = models.CharField(
        max_length=100,
        blank=True,
        help_text="The study's number at the market; people sent for another one are refused.",
    )
    has_attention_checks = models.BooleanField(
        default=False, help_text="Whether a session has two explicit attention checks."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(session_minutes__gte=15, session_minutes__lte=30),
                name="a_session_takes_15_to_30_minutes",
            ),
        ]


class CompletionCode(models.Model):
    """The completion code of one outcome: it tells the market how a session ended."""

    link = models.ForeignKey(MarketLink, on_delete=models.CASCADE, related_name="codes")
    outcome = models.CharField(max_length=13, choices=Outcome.choices)
    code = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "outcome"], name="one_code_an_outcome"),
            models.UniqueConstraint(fields=["link", "code"], name="codes_of_a_link_differ"),
        ]


class Participant(models.Model):
    """A person by their number at a market. They have no worker until they give consent."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="participants")
    link = models.ForeignKey(MarketLink, on_delete=models.PROTECT, related_name="participants")
    market = models.CharField(max_length=32)
    number = models.CharField(
        max_length=100, help_text="At the market, as it is: whoever is paid there has to be named."
    )
    worker = models.OneToOneField(
        Worker, on_delete=models.PROTECT, null=True, blank=True, related_name="participant"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "market", "number"], name="one_participant_a_person"
            ),
        ]


class MarketSessionQuerySet(models.QuerySet):
    def with_entry_link(self) -> "MarketSessionQuerySet":
        """Annotate each with `entry`, its market link, and `base`, the market's pay in cents."""
        return self.annotate(
            entry=Coalesce(F("link"), F("participant__link")),
            base=Coalesce(F("link__base_cents"), F("participant__link__base_cents")),
        )


class MarketSession(models.Model):
    """One submission of a participant at a market: a bundle of sets, and how it ended."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="sessions")
    link = models.ForeignKey(
        MarketLink,
        on_delete=models.PROTECT,
        null=True,
        related_name="sessions",
        help_text="By which it began; None: by the participant's, in an earlier version.",
    )
    number = models.CharField(
        max_length=100, blank=True, help_text="The submission's, at the market."
    )
    set_count = models.PositiveSmallIntegerField(help_text="How many sets the session is.")
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=13, choices=Outcome.choices, blank=True)
    payout_batch = models.ForeignKey(
        "PayoutBatch",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        help_text="The batch from which the market's own pay for this session is taken off.",
    )
    base_cents = models.PositiveIntegerField(default=0, help_text="What is taken off there.")

    objects = MarketSessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "number"], name="one_session_a_submission"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True)
                | Q(~Q(outcome=""), ended_at__isnull=False),
                name="a_session_that_ended_has_an_outcome",
            ),
        ]


class AttentionCheck(models.Model):
    """A participant's answer to one of the two explicit attention checks of a session.

    The text of a check names the group to choose. Only who fails both gets the completion code for
    failed checks; marks on catch images never lead to it.
    """

    session = models.ForeignKey(MarketSession, on_delete=models.CASCADE, related_name="checks")
    number = models.PositiveSmallIntegerField(help_text="Of the check in its session, 1 or 2.")
    asked = models.PositiveSmallIntegerField(
        choices=Group.choices, help_text="What the text named."
    )
    chosen = models.PositiveSmallIntegerField(choices=Group.choices)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="a_check_is_answered_once"),
            models.CheckConstraint(
                condition=Q(number__in=(1, 2)), name="a_session_has_two_attention_checks"
            ),
        ]
