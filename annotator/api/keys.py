"""Who asks: an access key, as `Authorization: Bearer ID:SECRET` or as HTTP Basic."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBasicAuth, HttpBearer

from annotator.keys import verified_key
from annotator.models import AccessKey


class BearerKey(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> AccessKey | None:
        access_key_id, _, secret = token.partition(":")
        return _as_account(request, access_key_id, secret)


class BasicKey(HttpBasicAuth):
    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        return _as_account(request, username, password)


def _as_account(request: HttpRequest, access_key_id: str, secret: str) -> AccessKey | None:
    """The key, if it is right; from then on the request is its account's."""
    if "\0" in access_key_id:  # PostgreSQL has no such text
        return None
    key = verified_key(access_key_id, secret)
    if key is not None:
        request.user = key.user
    return key
