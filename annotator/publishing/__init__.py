"""Makes HITs of units: draws catch images, orders the pictures, lays out the sheet of masks.

errors      NotPublishable
rewards     what a HIT pays
plans       what is left to publish, and what it would cost
raking      weights for a draw that cannot be told from what it is put among
catches     which low candidates become catch images
source      a layer's dissection
naming      the pictures of a HIT that names a unit
mirroring   positive controls: the unit's best images turned about
verifying   the pictures of a HIT that verifies a concept
sheets      regions as one picture
designs     what all HITs of a study have alike
carrying    does what was planned
"""

from annotator.pay.rewards import reward_for, reward_of
from annotator.publishing.designs import set_catch_count, set_repeat_count
from annotator.publishing.errors import NotPublishable
from annotator.publishing.hits import carry_out
from annotator.publishing.mask_sheet import mask_sheet
from annotator.publishing.plans import CONSENSUS, Plan, plan, plan_verification
from annotator.publishing.repeats import MOST_REPEATS

__all__ = [
    "CONSENSUS",
    "MOST_REPEATS",
    "NotPublishable",
    "Plan",
    "carry_out",
    "mask_sheet",
    "plan",
    "plan_verification",
    "reward_for",
    "reward_of",
    "set_catch_count",
    "set_repeat_count",
]
