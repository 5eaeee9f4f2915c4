"""The study `planted`, whose units see red, green and blue."""

from tests.planted_study import network, pictures, planted

__all__ = ["network", "pictures", "planted"]
