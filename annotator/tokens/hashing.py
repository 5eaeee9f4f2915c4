"""Stored tokens: links, keys and sessions in the database are of no use to somebody who reads it.

A row is found by the hash of its token. A token that a page shows again, such as that of an invite
link, is also stored sealed: encrypted with a key derived from SECRET_KEY, which is in no database.
"""

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

SESSION_HASH_LENGTH = 40  # what Django's column holds; its own keys are shorter


def hashed(token: str) -> str:
    """The hash by which the row of a token is found: 64 hexadecimal digits (SHA-256).

    Tokens are random and long, so they cannot be guessed and need no salt.
    """
    return sha256(token.encode()).hexdigest()


def hashed_session(key: str) -> str:
    """Hash the key of a session as it is kept: 40 hexadecimal digits."""
    return hashed(key)[:SESSION_HASH_LENGTH]


def hashed_secret(secret: str) -> str:
    """Hash the secret of an access key, keyed by API_KEY_SECRET: 64 hexadecimal digits.

    So writing to the database is not enough to make a key that works.
    """
    key = settings.API_KEY_SECRET or settings.SECRET_KEY
    return salted_hmac("annotator.access keys", secret, key, algorithm="sha256").hexdigest()


def derived_secret(access_key_id: str) -> str:
    """Hash an access key's id with SECRET_KEY: the secret that an earlier version gave it."""
    digest = salted_hmac("annotator.keys", access_key_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def sealed(token: str) -> str:
    """Encrypt what is hashed (Fernet) beside its hash, so that a page can show it again."""
    return _fernet().encrypt(token.encode()).decode()


def opened(seal: str) -> str:
    """Decrypt what `sealed` encrypted beside a hash; empty if SECRET_KEY has changed since.

    >>> opened("not sealed here")
    ''
    """
    try:
        return _fernet().decrypt(seal.encode()).decode()
    except InvalidToken:
        return ""


def _fernet() -> Fernet:
    key = salted_hmac("annotator.tokens", "seal", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def keyed_name(key: str, text: str) -> str:
    """A name by a keyed hash: 16 hexadecimal digits that do not reveal a text (HMAC-SHA-256)."""
    return hmac.digest(key.encode(), text.encode(), sha256).hex()[:16]
