"""What is left to publish of a study, and what it would cost."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from annotator.crowd.scheduling.redundancy import missing_places, naming_hits
from annotator.models import Hit, MachineName, Network, Study, Unit
from annotator.publishing.errors import NotPublishable
from annotator.results.report.report import report_of

CONSENSUS = "consensus"


@dataclass(frozen=True)
class Offer:
    """A unit to publish: to name it, or to verify a concept of it."""

    unit: Unit
    concept: str = ""
    concept_by: str = ""

    @property
    def kind(self) -> Hit.Kind:
        return Hit.Kind.VERIFICATION if self.concept else Hit.Kind.NAMING


@dataclass(frozen=True)
class Plan:
    """What publishing would do.

    Attributes:
        offers: HITs to make.
        hits: those of the same kind that are there.
        assignments: answers that every HIT shall get.
        places: to add, for new HITs and for those that wanted fewer answers.
    """

    offers: list[Offer]
    hits: list[Hit]
    assignments: int
    places: int
    reward_cents: int
    is_naming: bool = True

    @property
    def cost_cents(self) -> int:
        return self.places * self.reward_cents

    @property
    def conditions(self) -> dict[str, int]:
        """New HITs by the condition of their network: chance controls stand apart."""
        counts = Counter(offer.unit.layer.network.condition for offer in self.offers)
        return {str(each): counts[each] for each in Network.Condition if counts[each]}


def plan(study: Study, assignments: int, reward_cents: int) -> Plan:
    """What is left to publish of a study, for people to name; chance controls among it.

    Raises:
        NotPublishable: nothing is dissected yet, or fewer answers are asked for than are wanted.
    """
    units = _units(study).exclude(hits__kind=Hit.Kind.NAMING)
    hits = _hits(study, Hit.Kind.NAMING)
    if not units and not hits:
        raise NotPublishable(f"Study {study} has no units yet: run `dissect {study}` first.")
    _refuse_fewer(study, hits, assignments)
    more = missing_places(naming_hits(study), assignments)
    places = len(units) * assignments + more
    return Plan([Offer(unit) for unit in units], hits, assignments, places, reward_cents)


def plan_verification(study: Study, assignments: int, reward_cents: int, by: str) -> Plan:
    """What is left to verify: the consensus concepts of a study, or a machine's names of its units.

    Args:
        by: `consensus`, or the method whose names are verified.

    Raises:
        NotPublishable: there are no such concepts.
    """
    concepts = _consensus(study) if by == CONSENSUS else _machine_names(study, by)
    hits = [hit for hit in _hits(study, Hit.Kind.VERIFICATION) if hit.concept_by == by]
    if not concepts and not hits:
        raise NotPublishable(_why_nothing(study, by))
    if assignments < 1:
        raise NotPublishable(f"A HIT needs at least 1 answer, got --assignments {assignments}.")
    there = {(hit.unit_id, hit.concept) for hit in hits}
    units = {unit.pk: unit for unit in _units(study)}
    offers = [
        Offer(units[pk], concept, by)
        for pk, concept in sorted(concepts.items())
        if (pk, concept) not in there and pk in units
    ]
    more = missing_places(Hit.objects.filter(pk__in=[hit.pk for hit in hits]), assignments)
    places = len(offers) * assignments + more
    return Plan(offers, hits, assignments, places, reward_cents, is_naming=False)


def _refuse_fewer(study: Study, hits: list[Hit], assignments: int) -> None:
    if assignments < 1:
        raise NotPublishable(f"A HIT needs at least 1 answer, got --assignments {assignments}.")
    if hits and assignments < study.assignments_wanted:
        raise NotPublishable(
            f"Study {study} wants {study.assignments_wanted} answers a HIT already; places are "
            f"added, never taken away: --assignments {study.assignments_wanted} or more."
        )


def _units(study: Study) -> QuerySet[Unit]:
    units = Unit.objects.filter(layer__network__study=study).select_related("layer__network__study")
    return units.order_by("layer__network__position", "layer__position", "number")


def _hits(study: Study, kind: str) -> list[Hit]:
    return list(Hit.objects.filter(unit__layer__network__study=study, kind=kind).order_by("pk"))


def _consensus(study: Study) -> dict[int, str]:
    """Unit to its consensus concept. What was shown at random has none to verify."""
    found = {
        (layer.id, unit.unit): unit.named.consensus
        for network in report_of(study).networks
        for layer in network.layers
        for unit in layer.units
        if unit.named.consensus
    }
    shown_at_random = Network.Condition.RANDOM_IMAGES
    units = _units(study).exclude(layer__network__condition=shown_at_random)
    rows = units.values_list("pk", "layer_id", "number")
    return {pk: name for pk, layer, number in rows if (name := found.get((layer, number)))}


def _machine_names(study: Study, method: str) -> dict[int, str]:
    names = MachineName.objects.filter(unit__layer__network__study=study, method=method)
    return dict(names.values_list("unit", "name"))


def _why_nothing(study: Study, by: str) -> str:
    if by == CONSENSUS:
        return (
            f"No unit of {study} has a consensus concept to verify yet: that takes at least two "
            "accepted answers, and more than half, that share one."
        )
    known = MachineName.objects.filter(unit__layer__network__study=study)
    methods = sorted(set(known.values_list("method", flat=True)))
    there = f"There are: {', '.join(methods)}." if methods else "No method has named any."
    return f"No unit of {study} was named by {by!r}. {there}"
