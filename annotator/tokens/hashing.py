"""Tokens at rest: who reads the database, or a copy of it, can use no link, key or session in it.

A row is found by the hash of its token. What a page shows again, such as an invite link, is kept
sealed besides: encrypted with a key that is made from SECRET_KEY, which no database has.
"""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

SESSION_HASH_LENGTH = 40  # what Django's column holds; its own keys are shorter


def hashed(token: str) -> str:
    """The hash by which the row of a token is found: 64 hexadecimal digits (SHA-256).

    Tokens are random and long, so nobody finds one by trying, and none needs a salt.
    """
    return sha256(token.encode()).hexdigest()


def hashed_session(key: str) -> str:
    """The hash under which a session is kept: 40 hexadecimal digits."""
    return hashed(key)[:SESSION_HASH_LENGTH]


def hashed_secret(secret: str) -> str:
    """The hash of an access key's secret, keyed by API_KEY_SECRET: 64 hexadecimal digits.

    Who can write to the database still makes no key that works.
    """
    key = settings.API_KEY_SECRET or settings.SECRET_KEY
    return salted_hmac("annotator.access keys", secret, key, algorithm="sha256").hexdigest()


def derived_secret(access_key_id: str) -> str:
    """The secret of a key that a version before this one made: an HMAC under SECRET_KEY."""
    digest = salted_hmac("annotator.keys", access_key_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def sealed(token: str) -> str:
    """A token encrypted (Fernet), to show it again."""
    return _fernet().encrypt(token.encode()).decode()


def opened(seal: str) -> str:
    """The token in a seal; empty if SECRET_KEY is another one by now.

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
