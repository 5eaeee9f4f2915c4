"""What workers are called in everything that leaves the database."""

import hashlib
import hmac
from functools import lru_cache


@lru_cache(maxsize=20_000)
def pseudonym(study_key: str, worker_key: str) -> str:
    """A worker's name in one study: the same in every table, and none of it can be traced back.

    Args:
        study_key: keys the hash, and is never shown; another study's workers have other names.
    """
    digest = hmac.new(study_key.encode(), worker_key.encode(), hashlib.sha256)
    return f"w-{digest.hexdigest()[:16]}"
