"""Publishes what was planned: pictures, sheets, HITs, places."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

from annotator.crowd.audit import COMMAND, Actor
from annotator.crowd.scheduling.leases import add_places
from annotator.crowd.scheduling.redundancy import raise_redundancy, raise_verifications
from annotator.models import Exemplar, Hit, HitType, Layer, Study
from annotator.publishers.base import Publisher
from annotator.publishers.registry import PUBLISHERS
from annotator.publishing.mask_sheet import SHEET_COLUMNS, stored_sheet
from annotator.publishing.naming import naming_pictures
from annotator.publishing.plans import Offer, Plan
from annotator.publishing.source import Source
from annotator.publishing.verification import verification_pictures

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
PICTURES = {Hit.Kind.NAMING: naming_pictures, Hit.Kind.VERIFICATION: verification_pictures}


def carry_out(
    study: Study,
    wanted: Plan,
    publisher: str = "local",
    progress: Callable[[int], Any] = int,
    by: Actor = COMMAND,
) -> None:
    """Publish: offers become HITs, HITs that want more answers get places.

    Safe to repeat: a run that was stopped goes on where it was.

    Args:
        by: who answers for more answers of HITs that are out.
    """
    if not wanted.offers and not wanted.places:
        return
    market = PUBLISHERS[publisher]()
    _raise(study, wanted, by)
    study.refresh_from_db()
    for layer, offers in _by_layer(wanted.offers):
        source = Source(layer)
        for offer in offers:
            terms = _hit_type(study, offer.kind, wanted.reward_cents, publisher)
            _publish(study, source, offer, terms, wanted.assignments, market)
            progress(1)


def _raise(study: Study, wanted: Plan, by: Actor) -> None:
    """Let the HITs that are out have as many places as those to come."""
    if not wanted.is_naming:
        raise_verifications(study, wanted.hits, wanted.assignments, by)
    elif wanted.hits:
        raise_redundancy(study, wanted.assignments, by)
    else:
        Study.objects.filter(pk=study.pk).update(assignments_wanted=wanted.assignments)


def _hit_type(study: Study, kind: Hit.Kind, reward_cents: int, publisher: str) -> HitType:
    terms = TERMS[kind]
    found, _ = HitType.objects.get_or_create(
        study=study,
        reward_cents=reward_cents,
        publisher=publisher,
        title=terms["title"],
        defaults=terms,
    )
    return found


def _by_layer(offers: Iterable[Offer]) -> Iterable[tuple[Layer, list[Offer]]]:
    groups: dict[int, list[Offer]] = {}
    for offer in offers:
        groups.setdefault(offer.unit.layer_id, []).append(offer)
    for found in groups.values():
        yield found[0].unit.layer, found


def _publish(
    study: Study, source: Source, offer: Offer, terms: HitType, assignments: int, market: Publisher
) -> None:
    shown = PICTURES[offer.kind](study, source, offer.unit)
    name = stored_sheet(source.dissection.masks(source.facts, offer.unit.number), shown)
    with transaction.atomic():
        Exemplar.objects.bulk_update([one for one in shown if one.pk], ["slot"])
        Exemplar.objects.bulk_create([one for one in shown if not one.pk])
        hit = Hit.objects.create(
            unit=offer.unit,
            kind=offer.kind,
            concept=offer.concept,
            concept_by=offer.concept_by,
            hit_type=terms,
            masks=name,
            mask_columns=SHEET_COLUMNS,
        )
        add_places(hit, assignments)
        market.publish(hit)
