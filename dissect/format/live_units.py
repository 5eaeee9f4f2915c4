"""Live units: what the numbers of a dissection say about whether people can name a unit.

A *dead* unit has one score for all images: 0 where it never fires after a ReLU, any other where
its output is constant. Which images are its top ones is then arbitrary. A *broad* unit responds to
most images about as much as to its best ones. Among the latents of a sparse autoencoder, one that
fires on most images is *dense*.
"""

BROAD_SHARE = 0.5  # of the images exceed half of the unit's maximum
DENSE_SHARE = 0.5  # of the images have a score above 0


def is_broad(broad_share: float | None) -> bool:
    """Whether a unit is broad rather than live: it responds to most images like to its best.

    Args:
        broad_share: the share of the images whose score exceeds half of the unit's maximum; None
            where a dissection does not hold it.
    """
    return broad_share is not None and broad_share > BROAD_SHARE


def is_dense(firing_share: float | None) -> bool:
    """Whether a latent is dense rather than live: it fires on most images.

    Args:
        firing_share: the share of the images with a score above 0; None where it is not known.
    """
    return firing_share is not None and firing_share > DENSE_SHARE


def activity_of(dead: bool, dense: bool, broad_share: float | None) -> str:
    """What keeps a unit from being live: "dead", "dense" or "broad"; "" where nothing does.

    Args:
        dense: whether it is a latent that fires on most images.
    """
    if dead or dense:
        return "dead" if dead else "dense"
    return "broad" if is_broad(broad_share) else ""
