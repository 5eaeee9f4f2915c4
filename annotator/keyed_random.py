"""Draws that nobody can foresee and anybody with the study's key can repeat."""

import hashlib
import hmac


def keyed_number(key: str, *parts: object) -> int:
    """A number that looks random, fixed by the key and the parts (HMAC-SHA-256)."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hmac.digest(key.encode(), text.encode(), hashlib.sha256)[:8])
