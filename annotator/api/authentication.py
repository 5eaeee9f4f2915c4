"""Access keys, as `Authorization: Bearer ID:SECRET` or as HTTP Basic."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBasicAuth, HttpBearer

from annotator.access_keys import verified_key
from annotator.models import AccessKey


class BearerKey(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> AccessKey | None:
        access_key_id, _, secret = token.partition(":")
        return _authenticate(request, access_key_id, secret)


class BasicKey(HttpBasicAuth):
    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        return _authenticate(request, username, password)


def _authenticate(request: HttpRequest, access_key_id: str, secret: str) -> AccessKey | None:
    """The access key, if its secret is right; the request then acts for the key's account."""
    if "\0" in access_key_id:  # PostgreSQL stores no NUL
        return None
    key = verified_key(access_key_id, secret)
    if key is not None:
        request.user = key.user
    return key
