"""What workers are called in everything that leaves the database."""

from functools import lru_cache

from annotator.keyed_random import keyed_name


@lru_cache(maxsize=20_000)
def pseudonym(study_key: str, worker_key: str) -> str:
    """A worker's name in one study: the same in every table, and none of it can be traced back.

    Args:
        study_key: keys the hash, and is never shown; another study's workers have other names.
    """
    return f"w-{keyed_name(study_key, worker_key)}"
