"""Keys by which a script acts as an account. A secret is derived from its key, never kept."""

import base64
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare, salted_hmac

from annotator.models import AccessKey

SALT = "annotator.keys"
MIN_USE_INTERVAL = timedelta(minutes=1)  # not a write for every request


def create_key(user: AbstractBaseUser) -> AccessKey:
    """A new key of an account: 20 letters and digits, like those of boto3's users."""
    name = base64.b32encode(secrets.token_bytes(10)).decode()
    return AccessKey.objects.create(user=user, access_key_id=f"UNIT{name}")


def secret_of(access_key_id: str) -> str:
    """The secret of a key: an HMAC under SECRET_KEY, so that another one revokes them all."""
    digest = salted_hmac(SALT, access_key_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def verified_key(access_key_id: str, secret: str) -> AccessKey | None:
    """The key that a script shows, if it is right, not revoked, and of an account in use."""
    # Compared before it is looked up: how long that takes tells nothing.
    if not constant_time_compare(secret, secret_of(access_key_id)):
        return None
    key = active_key(access_key_id)
    if key is not None:
        unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - MIN_USE_INTERVAL)
        AccessKey.objects.filter(unused, pk=key.pk).update(last_used_at=Now())
    return key


def active_key(access_key_id: str) -> AccessKey | None:
    """A key by its name alone, for whoever checks a signature made with its secret."""
    keys = AccessKey.objects.select_related("user").filter(revoked_at__isnull=True)
    return keys.filter(access_key_id=access_key_id, user__is_active=True).first()


def revoke(access_key_id: str) -> bool:
    """End a key for good. False if there is none that lives."""
    live = AccessKey.objects.filter(access_key_id=access_key_id, revoked_at__isnull=True)
    return live.update(revoked_at=Now()) == 1
