"""Two networks of a study: compared where the design allows it, else side by side.

A comparison of two sets of weights says something about these weights, not about how networks of
that kind come out of training.
"""

from annotator.results.report.comparison.differences import MEAN_PRECISION, Difference
from annotator.results.report.comparison.network_pairs import POST_HOC, Comparison, comparisons

__all__ = ["MEAN_PRECISION", "POST_HOC", "Comparison", "Difference", "comparisons"]
