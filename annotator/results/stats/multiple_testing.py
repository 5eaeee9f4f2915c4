"""Claims made together are harder to believe than one: p-values adjusted for how many there are."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down: claims below .05 are all true with 95 % (Holm 1979).

    For the few tests of layers and groups, none of which may be wrong.
    """
    order = sorted(range(len(p_values)), key=lambda n: p_values[n])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, n in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[n]))
        adjusted[n] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Of claims below q a share of q may be false (Benjamini and Hochberg 1995).

    For claims about single units, of which there are many.
    """
    order = sorted(range(len(p_values)), key=lambda n: p_values[n], reverse=True)
    adjusted = [0.0] * len(p_values)
    lowest = 1.0
    for place, n in enumerate(order):
        rank = len(p_values) - place
        lowest = min(lowest, p_values[n] * len(p_values) / rank)
        adjusted[n] = lowest
    return adjusted
