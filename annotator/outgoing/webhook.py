"""The webhook: events of studies as signed JSON, to the address in WEBHOOK_URL.

The header `X-Unitscope-Signature` is `sha256=` and an HMAC-SHA-256 with WEBHOOK_SECRET as its key.
The signed text is the header `X-Unitscope-Timestamp`, a full stop, and the body. An event may
arrive twice; both have the same `id`.
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
    """The receiver cannot be reached, or its status is not 2xx. The event is sent again later."""


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
        NotDelivered: the receiver did not confirm it.
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
        # The message leaves the address out: it may contain a password.
        raise NotDelivered(f"the webhook did not take it: {error}") from error
