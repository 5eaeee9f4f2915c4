"""The Jaccard overlap of two sets of images: as it is, and as chance alone would have it."""

from math import comb


def jaccard(a: frozenset[int], b: frozenset[int]) -> float:
    """Jaccard overlap: the share of the images in either set that are in both.

    >>> jaccard(frozenset({1, 2, 3}), frozenset({2, 3, 4}))
    0.5

    Two empty sets overlap by 0.
    """
    return len(a & b) / len(a | b) if a | b else 0.0


def chance_jaccard(top: int, images: int) -> float:
    """Expected Jaccard overlap of two independent random choices of `top` among `images`.

    The number of shared images is hypergeometric.
    """
    if not 0 < top <= images:
        return 0.0
    ways = comb(images, top)
    return sum(
        shared / (2 * top - shared) * (comb(top, shared) * comb(images - top, top - shared) / ways)
        for shared in range(max(0, 2 * top - images), top + 1)
    )
