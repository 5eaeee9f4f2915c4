"""People: workers, roles, consent, invitations and access keys."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.timezone import now

from annotator.models.study import Study, new_key
from annotator.tokens.hashing import hashed, opened, sealed


class WorkerQuerySet(models.QuerySet):
    def with_consent(self, part: str) -> "WorkerQuerySet":
        """Workers who agreed to something: the newest text that they agreed to covers it.

        Args:
            part: `covers_device` or `covers_market`, a column of Consent.
        """
        given = ConsentGiven.objects.filter(worker=OuterRef("pk")).order_by("-consent__version")
        newest = given.values(f"consent__{part}")[:1]
        return self.annotate(agrees=Subquery(newest)).filter(agrees=True)

    def refusing_to_share(self) -> "WorkerQuerySet":
        """Workers whose single answers stay here: they said so when they last agreed to a text."""
        choice = ConsentGiven.newest_choice("pk")
        return self.annotate(newest_shares=choice).filter(newest_shares=False)


class Worker(models.Model):
    """An identity that answers in one study. Who the person is, is not stored."""

    class Kind(models.TextChoices):
        PERSON = "person", "a person"
        SIMULATED = "simulated", "a simulated worker"
        IMPORTED = "imported", "from another campaign's table"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="workers")
    key = models.CharField(max_length=64, default=new_key)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    invitation = models.ForeignKey(
        "Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="workers"
    )
    created_at = models.DateTimeField(default=now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="workers",
        help_text="The worker's account, if there is one.",
    )
    browser = models.CharField(
        max_length=16,
        blank=True,
        help_text="A keyed hash of the browser's cookie: entering again there is no new worker.",
    )
    trained_at = models.DateTimeField(null=True, blank=True)
    qualified_at = models.DateTimeField(null=True, blank=True)
    qualification_score = models.FloatField(null=True, blank=True)
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_why = models.CharField(max_length=500, blank=True)
    excluded_opened = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whoever excluded them had opened words of theirs: not blind.",
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="worker_keys_differ"),
            models.UniqueConstraint(
                fields=["study", "user"], name="one_worker_a_study_and_account"
            ),
            models.UniqueConstraint(
                fields=["study", "browser"],
                condition=~Q(browser=""),
                name="one_worker_a_study_and_browser",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Role(models.TextChoices):
    """What an account may do, in one study or in all studies."""

    REQUESTER = "requester", "publishes, sees everything"
    REVIEWER = "reviewer", "reviews answers"
    READER = "reader", "reads results"
    ANNOTATOR = "annotator", "labels units, blind"


class Membership(models.Model):
    """A role of an account in one study, or in all of them if the study is null."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    study = models.ForeignKey(
        Study,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        help_text="None: the role holds for every study.",
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "study", "role"], name="a_role_in_a_study_is_given_once"
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(study__isnull=True),
                name="a_role_everywhere_is_given_once",
            ),
        ]


class AccountSettings(models.Model):
    """The settings of an account; without a row they are the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="choices"
    )
    wants_mail = models.BooleanField(default=True, help_text="About the studies that they run.")


class Consent(models.Model):
    """A version of the text that annotators of a study agree to. Texts are never changed."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="consents")
    version = models.PositiveIntegerField()
    text = models.TextField()
    covers_device = models.BooleanField(
        default=False, help_text="It says that the kind of device is kept."
    )
    covers_market = models.BooleanField(
        default=False,
        help_text="It says that a marketplace's country, language and age group are kept.",
    )
    fields = models.JSONField(
        null=True,
        blank=True,
        help_text="What the text is made of; None: a text without fields, by which nobody new "
        "is asked.",
    )
    debriefing_cents = models.PositiveIntegerField(
        default=0, help_text="What the text says that reading the debriefing pays."
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="consent_versions_differ"),
        ]


class ConsentGiven(models.Model):
    """One worker's agreement to a version of the consent text."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="consents_given")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="given")
    at = models.DateTimeField(db_default=Now())
    is_adult = models.BooleanField(default=False, help_text="Said to be 18 or older.")
    shares = models.BooleanField(
        null=True,
        help_text="Whether single answers may leave the service; None: the text does not ask.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "consent"], name="consent_is_given_once"),
        ]

    @classmethod
    def newest_choice(cls, worker: str) -> Subquery:
        """What people chose in the newest text that they agreed to: whether to share answers.

        An expression for a query; null where nobody asked.

        Args:
            worker: the look-up of the worker's primary key.
        """
        given = cls.objects.filter(worker=OuterRef(worker)).order_by("-consent__version")
        return Subquery(given.values("shares")[:1])


class InvitationQuerySet(models.QuerySet):
    def open(self) -> "InvitationQuerySet":
        """Invitations by which people may enter now, by the database's clock."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now()),
            Q(uses_left__isnull=True) | Q(uses_left__gt=0),
            revoked_at__isnull=True,
        )

    def with_token(self, token: str) -> "Invitation | None":
        """The invitation with a token, of which the database has only the hash."""
        same = Q(token_hash=hashed(token)) | Q(plain_token=token)
        invitation = self.select_related("study").filter(same).first()
        if invitation is not None:
            invitation.token = token
        return invitation


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Invitation(models.Model):
    """A link by which people enter a study, each with the invitation's role."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    sealed_token = models.TextField(
        blank=True, db_default="", editable=False, help_text="Encrypted, for pages that show it."
    )
    plain_token = models.CharField(
        max_length=64,
        unique=True,
        null=True,
        db_column="token",
        editable=False,
        help_text="As versions before this one kept it, until it is hashed.",
    )
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    uses_left = models.PositiveIntegerField(null=True, blank=True, help_text="None: no limit.")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.ANNOTATOR)
    needs_account = models.BooleanField(default=False)
    is_personal = models.BooleanField(
        default=False, help_text="It is one person's: whoever opens it is the same worker."
    )
    label = models.CharField(max_length=100, blank=True, help_text="A note for the requester.")

    objects = InvitationQuerySet.as_manager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not (self.token_hash or self.plain_token):
            self.set_token(new_token())
        super().save(*args, **kwargs)

    def set_token(self, token: str) -> None:
        """Give the invitation a token; the row gets its hash, and it sealed."""
        self.token, self.plain_token = token, None
        self.token_hash, self.sealed_token = hashed(token), sealed(token)

    @cached_property
    def token(self) -> str:
        """What the link ends with; empty where SECRET_KEY has changed since it was made."""
        return self.plain_token or opened(self.sealed_token)

    def __str__(self) -> str:
        return f"invitation to {self.study}"


class AccessKey(models.Model):
    """A key with which a script acts as one account. Of its secret only a hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_keys"
    )
    access_key_id = models.CharField(max_length=32, unique=True)
    secret_hash = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text="Empty: a version before this one made the key, and its secret is derived.",
    )
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
