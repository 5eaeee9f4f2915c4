"""Answers a study's HITs from ground truth, by simulated workers, through the life of a HIT.

Whatever is made from these answers says so: a test of the machine, not evidence about vision.
"""

from annotator.simulation.answers import NotSimulated, simulate
from annotator.simulation.calibration import Calibration, calibration
from annotator.simulation.detectors import LayerTruth, detectors

__all__ = [
    "Calibration",
    "LayerTruth",
    "NotSimulated",
    "calibration",
    "detectors",
    "simulate",
]
