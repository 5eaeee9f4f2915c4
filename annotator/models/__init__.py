"""The tables. Rules live in the database first, as constraints whose names are sentences."""

from annotator.models.answer import Answer, Attempt, Draft, Mark, PictureReport
from annotator.models.hit import Assignment, Hit, HitType, Place
from annotator.models.known import KnownAnswer
from annotator.models.run import Run, Shard
from annotator.models.study import Exemplar, Image, Layer, Network, Study, Unit
from annotator.models.worker import Invitation, Worker

__all__ = [
    "Answer",
    "Assignment",
    "Attempt",
    "Draft",
    "Exemplar",
    "Hit",
    "HitType",
    "Image",
    "Invitation",
    "KnownAnswer",
    "Layer",
    "Mark",
    "Network",
    "PictureReport",
    "Place",
    "Run",
    "Shard",
    "Study",
    "Unit",
    "Worker",
]
