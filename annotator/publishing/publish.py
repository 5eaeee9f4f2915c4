"""Carries out a plan: makes HITs with their pictures, sheets of masks and places."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import transaction

from annotator.crowd.audit import COMMAND, Actor, note
from annotator.crowd.scheduling.redundancy import add_places, raise_redundancy, raise_verifications
from annotator.models import Exemplar, Hit, HitType, Study
from annotator.publishers import PUBLISHERS
from annotator.publishers.base import Publisher
from annotator.publishing.catch.layer_catch_images import LayerCatchImages
from annotator.publishing.estimates import offer_of
from annotator.publishing.hit_design import set_catch_count, set_repeat_count, set_tile_view
from annotator.publishing.hit_pictures import naming_pictures
from annotator.publishing.layer_dissection import LayerDissection
from annotator.publishing.plans import Plan, PlannedHit
from annotator.publishing.requests import PublishRequest
from annotator.publishing.sheets import store_sheets
from annotator.publishing.verification import verification_pictures

#: What a market shows of a HIT before it is accepted.
TERMS = {
    Hit.Kind.NAMING: {
        "title": "Name what a group of pictures has in common",
        "description": (
            "Look at about sixty small pictures with a highlighted region. Say in a few words "
            "what the regions have in common, mark those that do not fit, choose a category."
        ),
        "keywords": "image, annotation, concept, category",
    },
    Hit.Kind.VERIFICATION: {
        "title": "Mark the pictures that do not show something",
        "description": (
            "Look at about eighty small pictures with a highlighted region. You are told what to "
            "look for; mark the pictures whose region does not show it."
        ),
        "keywords": "image, annotation, verification",
    },
}
DRAWN = ["slot", "box_left", "box_top", "box_side", "tile"]  # columns that publishing sets
PICTURES = {Hit.Kind.NAMING: naming_pictures, Hit.Kind.VERIFICATION: verification_pictures}


SETTINGS = {  # options of a request that are stored as settings of the study
    "catch_policy": "catch_policy",
    "hourly": "hourly_cents",
    "min_judged": "min_judged",
}


def publish_request(
    study: Study, request: PublishRequest, by: Actor, progress: Callable[[int], Any] = int
) -> Plan:
    """Publish what a request asks for, and store its settings. Idempotent, and resumable.

    Args:
        progress: called with 1 after each new HIT.

    Returns:
        The plan that was carried out.

    Raises:
        NotPublishable, PublishError: as `offer_of` and `publish_plan`.
    """
    offer = offer_of(study, request)
    _store_settings(study, request, by)
    publish_plan(study, offer.plan, request.publisher, progress, by)
    if not offer.is_empty:
        counts = {"hits": len(offer.plan.new_hits), "answers": offer.plan.places}
        note(study, by, "published", **counts, cents=offer.total_cents)
    return offer.plan


def _store_settings(study: Study, request: PublishRequest, by: Actor) -> None:
    """Store the options of a request that are settings of the study; None changes nothing.

    Raises:
        NotPublishable: HITs with another number of pictures, or another view, are published.
    """
    before = {column: getattr(study, column) for column in SETTINGS.values()}
    with transaction.atomic():
        if request.catch is not None:
            set_catch_count(study, request.catch)
        if request.repeats is not None:
            set_repeat_count(study, request.repeats)
        if request.view is not None:
            set_tile_view(study, request.view)
        options = {column: getattr(request, option) for option, column in SETTINGS.items()}
        changes = {
            column: value
            for column, value in options.items()
            if value is not None and value != before[column]
        }
        if changes:
            Study.objects.filter(pk=study.pk).update(**changes)
            pairs = {column: [before[column], value] for column, value in changes.items()}
            note(study, by, "settings", **pairs)
    study.refresh_from_db()


def publish_plan(
    study: Study,
    plan: Plan,
    publisher: str = "local",
    progress: Callable[[int], Any] = int,
    by: Actor = COMMAND,
) -> None:
    """Publish the planned HITs, and add places to published HITs that want more answers.

    Each HIT is one transaction, so an interrupted run continues where it stopped: plan again and
    publish the new plan. A plan without new HITs or places changes nothing.

    Args:
        publisher: a key of PUBLISHERS.
        progress: called with 1 after each new HIT.
        by: who is responsible for the places added to published HITs; the audit names them.

    Raises:
        NotPublishable: a unit has too few images.
        PublishError: the market refused a HIT.
    """
    if not plan.new_hits and not plan.places:
        return
    market = PUBLISHERS[publisher]()
    _raise_published(study, plan, by)
    study.refresh_from_db()
    by_layer = defaultdict(list)
    for planned in plan.new_hits:
        by_layer[planned.unit.layer].append(planned)
    for layer, planned_hits in by_layer.items():
        dissection = LayerDissection(layer)
        catch = LayerCatchImages(dissection)
        for planned in planned_hits:
            hit_type = _hit_type(study, planned.kind, plan.reward_cents, publisher)
            _publish(study, dissection, catch, planned, hit_type, plan.assignments, market)
            progress(1)


def _raise_published(study: Study, plan: Plan, by: Actor) -> None:
    """Give the published HITs as many places as the new ones will have."""
    if not plan.is_naming:
        raise_verifications(study, plan.published_hits, plan.assignments, by)
    elif plan.published_hits:
        raise_redundancy(study, plan.assignments, by)
    else:
        Study.objects.filter(pk=study.pk).update(assignments_wanted=plan.assignments)


def _hit_type(study: Study, kind: Hit.Kind, reward_cents: int, publisher: str) -> HitType:
    terms = TERMS[kind]
    hit_type, _ = HitType.objects.get_or_create(
        study=study,
        reward_cents=reward_cents,
        publisher=publisher,
        title=terms["title"],
        defaults=terms,
    )
    return hit_type


def _publish(
    study: Study,
    dissection: LayerDissection,
    catch: LayerCatchImages,
    planned: PlannedHit,
    hit_type: HitType,
    assignments: int,
    market: Publisher,
) -> None:
    exemplars = PICTURES[planned.kind](study, dissection, catch, planned.unit)
    hit = Hit(
        unit=planned.unit,
        kind=planned.kind,
        concept=planned.concept,
        concept_by=planned.concept_by,
        hit_type=hit_type,
        tile_view=study.tile_view,
    )
    _draw(hit, exemplars, dissection)
    with transaction.atomic():
        stored = [exemplar for exemplar in exemplars if exemplar.pk]
        # An update by `bulk_update` takes six times as long, for it is a case for each value.
        Exemplar.objects.bulk_create(
            stored, update_conflicts=True, unique_fields=["pk"], update_fields=DRAWN
        )
        Exemplar.objects.bulk_create([exemplar for exemplar in exemplars if not exemplar.pk])
        hit.save()
        add_places(hit, assignments)
        market.publish(hit)


def _draw(hit: Hit, exemplars: list[Exemplar], dissection: LayerDissection) -> None:
    """Store the tiles and sheets of a HIT, and name them in rows that are not saved."""
    frames = dissection.frames(hit.unit, exemplars)
    for exemplar, frame in zip(exemplars, frames, strict=True):
        exemplar.box = frame.box
    if hit.tile_view == Study.TileView.CROP:
        cuts = [(exemplar.image.zoom, exemplar.box) for exemplar in exemplars]
        for exemplar, tile in zip(exemplars, dissection.tiles(cuts), strict=True):
            exemplar.tile = tile.name
    store_sheets(hit, exemplars, frames)
