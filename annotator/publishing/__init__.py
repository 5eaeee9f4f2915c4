"""Publishes a study: a HIT for every unit, with its pictures, its sheet of masks and its places.

requests          what to publish, as one typed request
estimates         what it would cost
running_studies   what a requester changes while people work
hit_design        how the HITs of a study are made, and which settings are refused
plans             what is left to publish, and what it costs
layer_dissection  what publishing reads of a layer's dissection
catch             which low images become catch images, and which regions they borrow
hit_pictures      the pictures of a HIT: which a naming HIT shows, and in which slots
verification      the pictures of a HIT that verifies a concept
draws             random draws that the study's key fixes
hit_tiles         what a HIT lights of each picture, and its tiles: cut from stored pictures
sheets            the sheets of masks and insets of a HIT, and its style sheet
lit_share         how much of its tile a region lights
publish           carries out a plan
"""

from annotator.publishing.estimates import Offer, offer_of
from annotator.publishing.hit_design import (
    MAX_REPEATS,
    NotPublishable,
    set_catch_count,
    set_repeat_count,
    set_tile_view,
)
from annotator.publishing.lit_share import legibility, lit_warning, way_out
from annotator.publishing.plans import CONSENSUS, LeftOut, Plan, plan_naming, plan_verification
from annotator.publishing.publish import publish_plan, publish_request
from annotator.publishing.requests import PILOT_UNITS, PublishRequest, layer_name

__all__ = [
    "CONSENSUS",
    "MAX_REPEATS",
    "LeftOut",
    "PILOT_UNITS",
    "NotPublishable",
    "Offer",
    "Plan",
    "PublishRequest",
    "layer_name",
    "legibility",
    "lit_warning",
    "offer_of",
    "plan_naming",
    "plan_verification",
    "publish_plan",
    "publish_request",
    "set_catch_count",
    "set_repeat_count",
    "set_tile_view",
    "way_out",
]
