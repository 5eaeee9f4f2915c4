"""The names that requirements files list."""

import re

from tests.house.reading import ROOT


def normal(name: str) -> str:
    """A distribution's name as pip compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(*names: str) -> list[str]:
    """The distributions that some requirements files name, without those they include."""
    text = "\n".join((ROOT / name).read_text() for name in names)
    return [normal(name) for name in re.findall(r"^([A-Za-z][\w.-]*)", text, re.M)]


def listed(*names: str) -> set[str]:
    """The distributions of `lines`, each once."""
    return set(lines(*names))
