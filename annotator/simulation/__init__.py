"""Answers a study's HITs from ground truth, by simulated workers, through the life of a HIT.

perception  what a HIT shows of the ground truth
units       the published units of a study, perceived
words       how a label is put into words
workers     the traits of workers, and how much their answers differ
answers     how a worker answers a HIT, and errs
crowd       fills a study's free places

Simulated answers test the software; they are no evidence about vision, and all output made from
them says so.
"""

from annotator.simulation.crowd import NotSimulated, simulate
from annotator.simulation.workers import Calibration, calibration

__all__ = [
    "Calibration",
    "NotSimulated",
    "calibration",
    "simulate",
]
