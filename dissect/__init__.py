"""Finds what excites the units of a vision network: a torch library without Django or Celery."""

__version__ = "0.1.0"
