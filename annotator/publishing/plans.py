"""What is left to publish of a study, and what it would cost."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotator.crowd.scheduling.redundancy import missing_places, naming_hits
from annotator.models import Hit, MachineName, Network, Study, Unit
from annotator.models.network import UnitQuerySet
from annotator.publishing.hit_design import RANDOM_COUNT, NotPublishable, refuse_too_many_pictures
from annotator.results.output.formatting import plural
from annotator.results.report.report import report_of

CONSENSUS = "consensus"


@dataclass(frozen=True)
class PlannedHit:
    """A HIT to make: one that names the unit, or one that verifies a concept of it."""

    unit: Unit
    concept: str = ""
    concept_by: str = ""

    @property
    def kind(self) -> Hit.Kind:
        return Hit.Kind.VERIFICATION if self.concept else Hit.Kind.NAMING


@dataclass(frozen=True)
class LeftOut:
    """Units that are not published, because people could not name them.

    Attributes:
        dead_count: those whose images all have one score.
        dense_count: latents of a sparse autoencoder that fire on most images.
        saved_cents: what answers about them would cost.
    """

    dead_count: int = 0
    dense_count: int = 0
    saved_cents: int = 0

    def __bool__(self) -> bool:
        return bool(self.dead_count or self.dense_count)

    def __str__(self) -> str:
        dead = f"{plural(self.dead_count, 'dead unit')} (one score for all images)"
        dense = f"{plural(self.dense_count, 'dense latent')} (firing on more than half of them)"
        which = [dead] * bool(self.dead_count) + [dense] * bool(self.dense_count)
        return " and ".join(which)


@dataclass(frozen=True)
class Plan:
    """What publishing would do.

    Attributes:
        new_hits: HITs to make.
        published_hits: HITs of the same kind that exist already.
        assignments: how many answers every HIT gets.
        places: places to add to new HITs, and to published ones with fewer than `assignments`.
        reward_cents: what one answer pays.
        is_naming: whether the HITs name units; otherwise they verify concepts.
        left_out: units that would have a HIT if people could name them.
    """

    new_hits: list[PlannedHit]
    published_hits: list[Hit]
    assignments: int
    places: int
    reward_cents: int
    is_naming: bool = True
    left_out: LeftOut = LeftOut()

    @property
    def cost_cents(self) -> int:
        """What the new places cost if all of them are answered."""
        return self.places * self.reward_cents

    @property
    def conditions(self) -> dict[str, int]:
        """How many new HITs there are of each condition; chance controls have their own."""
        counts = Counter(planned.unit.layer.network.condition for planned in self.new_hits)
        return {str(each): counts[each] for each in Network.Condition if counts[each]}


def plan_naming(
    study: Study,
    assignments: int,
    reward_cents: int,
    with_dead: bool = False,
    chosen: Collection[int] | None = None,
) -> Plan:
    """Plan, before publishing, a naming HIT for every unit that has none, chance controls too.

    Args:
        with_dead: publish dead units and dense latents too.
        chosen: units to publish, by pk; None is all. Published ones get answers in any case.

    Raises:
        NotPublishable: nothing is dissected yet, or the study already has more answers a HIT.
    """
    units = _chosen(_units(study), chosen).exclude(hits__kind=Hit.Kind.NAMING)
    hits = _hits(study, Hit.Kind.NAMING)
    if not units and not hits and not _units(study).exists():
        raise NotPublishable(
            _("Study %(study)s has no units yet: run `dissect %(study)s` first.") % {"study": study}
        )
    _refuse_no_answers(assignments)
    refuse_too_many_pictures(study)
    left_out = LeftOut() if with_dead else _left_out(units, assignments * reward_cents)
    units = units if with_dead else units.live()
    if left_out and not units and not hits:
        raise NotPublishable(
            _(
                "Study %(study)s has no unit that people could name: %(left_out)s. "
                "--with-dead publishes them all the same."
            )
            % {"study": study, "left_out": left_out}
        )
    if hits and assignments < study.assignments_wanted:
        raise _fewer_answers(study, assignments)
    missing = missing_places(naming_hits(study), assignments)
    places = len(units) * assignments + missing
    new_hits = [PlannedHit(unit) for unit in units]
    return Plan(new_hits, hits, assignments, places, reward_cents, left_out=left_out)


def _fewer_answers(study: Study, assignments: int) -> NotPublishable:
    sentence = _(
        "Study %(study)s wants %(wanted)s answers per unit already, and publishing takes none "
        "away: --assignments %(wanted)s or more. To ask for fewer where nobody has started: "
        "`study %(study)s answers %(assignments)s`."
    )
    words = {"study": study, "wanted": study.assignments_wanted, "assignments": assignments}
    return NotPublishable(sentence % words)


def _left_out(units: UnitQuerySet, unit_cents: int) -> LeftOut:
    """Which of some units are not published; each would cost `unit_cents`."""
    dead_count = units.filter(dead=True).count()
    dense_count = units.filter(dead=False, dense=True).count()
    return LeftOut(dead_count, dense_count, (dead_count + dense_count) * unit_cents)


def plan_verification(
    study: Study,
    assignments: int,
    reward_cents: int,
    by: str,
    with_dead: bool = False,
    chosen: Collection[int] | None = None,
) -> Plan:
    """Plan, before publishing, a second round: a HIT for each concept that is not verified yet.

    Args:
        by: `consensus` for the units' consensus concepts, or the method whose names are verified.
        with_dead: publish dead units and dense latents too.
        chosen: units whose concepts to verify, by pk; None is all.

    Raises:
        NotPublishable: there are no such concepts.
    """
    concepts = _consensus(study) if by == CONSENSUS else _machine_names(study, by)
    hits = [hit for hit in _hits(study, Hit.Kind.VERIFICATION) if hit.concept_by == by]
    if not concepts and not hits:
        raise NotPublishable(_why_no_concepts(study, by))
    _refuse_no_answers(assignments)
    refuse_too_many_pictures(study, study.top_count + RANDOM_COUNT)
    published = {(hit.unit_id, hit.concept) for hit in hits}
    units = {unit.pk: unit for unit in _chosen(_units(study), chosen)}
    planned = [
        PlannedHit(units[pk], concept, by)
        for pk, concept in sorted(concepts.items())
        if (pk, concept) not in published and pk in units
    ]
    new_hits = [each for each in planned if with_dead or each.unit.live]
    skipped = Counter(each.unit.dead for each in planned if not (with_dead or each.unit.live))
    left_out = LeftOut(skipped[True], skipped[False], skipped.total() * assignments * reward_cents)
    missing = missing_places(Hit.objects.filter(pk__in=[hit.pk for hit in hits]), assignments)
    places = len(new_hits) * assignments + missing
    return Plan(new_hits, hits, assignments, places, reward_cents, False, left_out)


def _refuse_no_answers(assignments: int) -> None:
    if assignments < 1:
        raise NotPublishable(
            _("A HIT needs at least 1 answer, got --assignments %(assignments)s.")
            % {"assignments": assignments}
        )


def _units(study: Study) -> UnitQuerySet:
    units = Unit.objects.filter(layer__network__study=study).select_related("layer__network__study")
    return units.order_by("layer__network__position", "layer__position", "number")


def _chosen(units: UnitQuerySet, chosen: Collection[int] | None) -> UnitQuerySet:
    return units if chosen is None else units.filter(pk__in=chosen)


def _hits(study: Study, kind: str) -> list[Hit]:
    return list(Hit.objects.filter(unit__layer__network__study=study, kind=kind).order_by("pk"))


def _consensus(study: Study) -> dict[int, str]:
    """{unit: consensus concept}. Units of the random-images control have none to verify."""
    names = {
        (layer.id, unit.unit): unit.named.consensus
        for network in report_of(study).networks
        for layer in network.layers
        for unit in layer.units
        if unit.named.consensus
    }
    units = _units(study).exclude(layer__network__condition=Network.Condition.RANDOM_IMAGES)
    rows = units.values_list("pk", "layer_id", "number")
    return {pk: name for pk, layer, number in rows if (name := names.get((layer, number)))}


def _machine_names(study: Study, method: str) -> dict[int, str]:
    """{unit: the method's name for it}."""
    names = MachineName.objects.filter(unit__layer__network__study=study, method=method)
    return dict(names.values_list("unit", "name"))


def _why_no_concepts(study: Study, by: str) -> str:
    if by == CONSENSUS:
        return (
            f"No unit of {study} has a consensus concept to verify yet: that takes at least two "
            "accepted answers, and more than half of them must share a concept."
        )
    names = MachineName.objects.filter(unit__layer__network__study=study)
    methods = sorted(set(names.values_list("method", flat=True)))
    there = f"There are: {', '.join(methods)}." if methods else "No method has named any."
    return f"No unit of {study} was named by {by!r}. {there}"
