"""Multiple testing: p-values adjusted for many claims."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values by Holm's step-down, for the few tests of layers and groups.

    With probability .95 or more, every claim with an adjusted p below .05 is true, however the
    tests depend on each other (Holm 1979, "A simple sequentially rejective multiple test
    procedure").

    >>> holm([0.01, 0.04, 0.5])
    [0.03, 0.08, 0.5]

    Returns:
        The adjusted p-values, in the order of the p-values.
    """
    order = sorted(range(len(p_values)), key=lambda n: p_values[n])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, n in enumerate(order):
        # The smallest p is one of all tests, the next one of those that are left, and so on;
        # no claim gets a smaller adjusted p than one with a smaller p.
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[n]))
        adjusted[n] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values by the false discovery rate, for the many claims about single units.

    Of the claims with q below .05, about 5 % are expected to be false (Benjamini and Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x).

    >>> benjamini_hochberg([0.01, 0.04, 0.5])
    [0.03, 0.06, 0.5]

    Returns:
        q of each claim, in the order of the p-values.
    """
    order = sorted(range(len(p_values)), key=lambda n: p_values[n], reverse=True)
    adjusted = [0.0] * len(p_values)
    lowest = 1.0
    for place, n in enumerate(order):
        rank = len(p_values) - place  # how many p-values are at most this one
        lowest = min(lowest, p_values[n] * len(p_values) / rank)
        adjusted[n] = lowest
    return adjusted
