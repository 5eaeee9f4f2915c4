"""Keyed hashes: random draws that are repeatable with the key and unpredictable without it.

Each function keeps its digest for good: running studies rely on what they drew before, and
pseudonyms must stay the same in every table that was ever exported.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable


def keyed_number(key: str, *parts: object) -> int:
    """A random number below 2**64 that a secret key and the parts fix (HMAC-SHA-256).

    >>> keyed_number("secret", "catch", 7) == keyed_number("secret", "catch", 7)
    True
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hmac.digest(key.encode(), text.encode(), hashlib.sha256)[:8])


def keyed_order(slots: Iterable[int], key: str) -> list[int]:
    """Shuffle slots at random by a secret key alone, in whatever order they come (BLAKE2b).

    >>> keyed_order([2, 0, 1], "secret") == keyed_order([0, 1, 2], "secret")
    True
    """

    def draw(slot: int) -> bytes:
        return hashlib.blake2b(f"page\0{key}\0{slot}".encode(), digest_size=8).digest()

    return sorted(slots, key=lambda slot: (draw(slot), slot))


class KeyedPairs:
    """Draws pairs of numbers from 0 to 2**64 - 1 for names, under one key (BLAKE2b).

    The key is hashed once: a worker's queue draws a pair for every HIT of a study.
    """

    def __init__(self, key: str) -> None:
        self._keyed = hashlib.blake2b(f"{key}\0".encode(), digest_size=16)

    def pair(self, name: str) -> tuple[int, int]:
        """The pair of a name."""
        digest = self._keyed.copy()
        digest.update(name.encode())
        first, second = struct.unpack("<QQ", digest.digest())
        return first, second
