"""Names for the units of the study `planted`, as the HIT page would store them."""

from annotator.models import Hit, HitType
from tests.results.studies import store_answer


def name_units(study, words, group=5):
    """Three workers name each unit by its word."""
    hit_type = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    for unit in study.networks.get().layers.get().units.all():
        Hit.objects.create(unit=unit, hit_type=hit_type, masks="")
        for worker in ("ada", "ben", "cleo"):
            store_answer(study, unit, worker, words[unit.number], group=group)
