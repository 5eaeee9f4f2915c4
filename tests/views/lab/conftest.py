"""The study `planted`, for every test of the lab's pages."""

from tests.planted_study import network, pictures, planted

__all__ = ["network", "pictures", "planted"]
