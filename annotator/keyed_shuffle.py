"""Draws that a secret key decides: random to everybody else, and the same whenever asked."""

import hashlib
import struct


class Chances:
    """Pairs of numbers, from 0 to 2**64, that a key and a name decide."""

    def __init__(self, key: str) -> None:
        self._keyed = hashlib.blake2b(f"{key}\0".encode(), digest_size=16)

    def two(self, name: str) -> tuple[int, int]:
        keyed = self._keyed.copy()
        keyed.update(name.encode())
        return struct.unpack("<QQ", keyed.digest())
