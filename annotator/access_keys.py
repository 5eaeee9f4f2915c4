"""Access keys: a script uses one to act as an account. A secret is shown once and kept hashed."""

import base64
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from annotator.models import AccessKey
from annotator.tokens.hashing import derived_secret, hashed_secret

MIN_USE_INTERVAL = timedelta(minutes=1)  # spares a write for every request


def create_key(user: AbstractBaseUser) -> tuple[AccessKey, str]:
    """Create an access key for an account: the row, and the secret, which nobody can read again.

    The ID has 20 letters and digits, as boto3 expects.
    """
    name, secret = base64.b32encode(secrets.token_bytes(10)).decode(), secrets.token_urlsafe(32)
    key = AccessKey.objects.create(
        user=user, access_key_id=f"UNIT{name}", secret_hash=hashed_secret(secret)
    )
    return key, secret


def rotate_key(access_key_id: str) -> str | None:
    """Give a key another secret, and return it; the old one ends. None if no such key is active."""
    secret = secrets.token_urlsafe(32)
    unrevoked = AccessKey.objects.filter(access_key_id=access_key_id, revoked_at__isnull=True)
    return secret if unrevoked.update(secret_hash=hashed_secret(secret)) else None


def verified_key(access_key_id: str, secret: str) -> AccessKey | None:
    """Verify a script's access key; None if its secret is wrong or it is not active."""
    key = active_key(access_key_id)
    kept = key.secret_hash if key else ""
    kept = kept or hashed_secret(derived_secret(access_key_id))
    # Compared also if there is no such key, so that the time taken does not reveal which there are.
    if not constant_time_compare(hashed_secret(secret), kept) or key is None:
        return None
    unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - MIN_USE_INTERVAL)
    AccessKey.objects.filter(unused, pk=key.pk).update(last_used_at=Now())
    return key


def active_key(access_key_id: str) -> AccessKey | None:
    """The access key with this ID, unless it is revoked or its account is inactive.

    It does not check the secret.
    """
    keys = AccessKey.objects.select_related("user").filter(revoked_at__isnull=True)
    return keys.filter(access_key_id=access_key_id, user__is_active=True).first()


def revoke(access_key_id: str) -> bool:
    """Revoke an access key for good. False if no unrevoked key has this ID."""
    unrevoked = AccessKey.objects.filter(access_key_id=access_key_id, revoked_at__isnull=True)
    return unrevoked.update(revoked_at=Now()) == 1
