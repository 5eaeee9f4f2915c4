"""The webhook: events of studies as signed JSON, to the address in WEBHOOK_URL.

The receiver checks the header `X-Unitscope-Signature`: `sha256=` and the HMAC-SHA-256, keyed by
WEBHOOK_SECRET, of the header `X-Unitscope-Timestamp`, a full stop, and the body. An event may
arrive twice, with the same `id`.
"""

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from django.conf import settings

WAIT_SECONDS = 10


class NotDelivered(OSError):
    """The receiver is away, or answered something else than 2xx; it is tried again."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Unitscope-Signature.

    >>> signature("secret", "1", b"{}")[:15]
    'sha256=1122767b'
    """
    signed = f"{timestamp}.".encode() + body
    return "sha256=" + hmac.digest(secret.encode(), signed, hashlib.sha256).hex()


def deliver(event: Mapping[str, Any]) -> None:
    """Send an event, if there is a WEBHOOK_URL.

    Raises:
        NotDelivered: it did not arrive.
    """
    body, timestamp = json.dumps(event).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Unitscope",
        "X-Unitscope-Timestamp": timestamp,
        "X-Unitscope-Signature": signature(settings.WEBHOOK_SECRET, timestamp, body),
    }
    request = urllib.request.Request(settings.WEBHOOK_URL, body, headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=WAIT_SECONDS):
            return
    except (OSError, ValueError) as error:
        # Without the address, which may have a password.
        raise NotDelivered(f"the webhook did not take it: {error}") from error
