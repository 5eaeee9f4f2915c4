"""Publishes a study: a HIT for every unit, with its pictures, its sheet of masks and its places.

plans             what is left to publish, what it costs, and what is refused
layer_dissection  what publishing reads of a layer's dissection
catch_images      which low images become catch images
pictures          the pictures of a HIT that names a unit
verification      the pictures of a HIT that verifies a concept
mask_sheet        the regions of a HIT as one PNG
publish           carries out a plan
"""

from annotator.publishing.plans import (
    CONSENSUS,
    MAX_REPEATS,
    NotPublishable,
    Plan,
    plan_naming,
    plan_verification,
    set_catch_count,
    set_repeat_count,
)
from annotator.publishing.publish import publish_plan

__all__ = [
    "CONSENSUS",
    "MAX_REPEATS",
    "NotPublishable",
    "Plan",
    "plan_naming",
    "plan_verification",
    "publish_plan",
    "set_catch_count",
    "set_repeat_count",
]
