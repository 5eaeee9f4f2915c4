"""Access keys: a script uses one to act as an account. The secret is derived, never stored."""

import base64
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare, salted_hmac

from annotator.models import AccessKey

SALT = "annotator.keys"
MIN_USE_INTERVAL = timedelta(minutes=1)  # spares a write for every request


def create_key(user: AbstractBaseUser) -> AccessKey:
    """Create an access key for an account. Its ID has 20 letters and digits, as boto3 expects."""
    name = base64.b32encode(secrets.token_bytes(10)).decode()
    return AccessKey.objects.create(user=user, access_key_id=f"UNIT{name}")


def secret_of(access_key_id: str) -> str:
    """The secret of an access key: an HMAC under SECRET_KEY; changing that revokes all keys."""
    digest = salted_hmac(SALT, access_key_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def verified_key(access_key_id: str, secret: str) -> AccessKey | None:
    """The access key that a script presents; None if its secret is wrong or it is not active."""
    # The secret is compared before the lookup, so that the time taken does not reveal valid keys.
    if not constant_time_compare(secret, secret_of(access_key_id)):
        return None
    key = active_key(access_key_id)
    if key is not None:
        unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - MIN_USE_INTERVAL)
        AccessKey.objects.filter(unused, pk=key.pk).update(last_used_at=Now())
    return key


def active_key(access_key_id: str) -> AccessKey | None:
    """The access key with this ID, unless it is revoked or its account is inactive.

    It does not check the secret: callers verify a signature that was made with it.
    """
    keys = AccessKey.objects.select_related("user").filter(revoked_at__isnull=True)
    return keys.filter(access_key_id=access_key_id, user__is_active=True).first()


def revoke(access_key_id: str) -> bool:
    """Revoke an access key for good. False if no unrevoked key has this ID."""
    unrevoked = AccessKey.objects.filter(access_key_id=access_key_id, revoked_at__isnull=True)
    return unrevoked.update(revoked_at=Now()) == 1
