"""Names that machines gave, held against what people said: agreement, lift, examples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from annotator.concept_words import Normalise
from annotator.results.loading.answers import UnitName
from annotator.results.loading.machine_names import MachineNameRow
from annotator.results.report.network import NetworkResult
from annotator.results.stats.intervals import Interval, difference_interval
from annotator.results.stats.precision import mean
from annotator.results.stats.verified_precision import (
    LogLift,
    RowsOfUnits,
    VerifiedConcept,
    exp_interval,
    log_lifts,
)

CONSENSUS = "consensus"
EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class Example:
    """One unit with both names; a lift is None where that name was not verified."""

    network: str
    layer: str
    unit: int
    human: str
    machine: str
    is_same: bool
    human_lift: float | None
    machine_lift: float | None


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method beside people.

    Attributes:
        named_count: units that it named.
        common_count: of these, the units on which people have a consensus.
        same_count: of these, the units that both call by one merged concept.
        word_count: of these, the units whose names share a word.
        verified_count: units of which both names were verified.
        human_lift, machine_lift: geometric means over these.
        ratio: machine's over human's, with its interval over workers.
        examples: where both were verified those that differ most, else the first by name.
    """

    method: str
    named_count: int
    common_count: int
    same_count: int
    word_count: int
    verified_count: int
    human_lift: float | None
    machine_lift: float | None
    ratio: float | None
    ratio_interval: Interval | None
    examples: tuple[Example, ...]

    @property
    def agreement(self) -> float | None:
        """The share of common units that both call the same."""
        return self.same_count / self.common_count if self.common_count else None


def method_results(
    names: Iterable[MachineNameRow],
    networks: Iterable[NetworkResult],
    rounds: Mapping[str, RowsOfUnits],
    found: Mapping[str, Mapping[UnitName, VerifiedConcept]],
    normalise: Normalise,
) -> tuple[MethodResult, ...]:
    """Every method that named units of a study, by name.

    Args:
        rounds: the second round's answers, by whose concept.
        found: the same summed up.
    """
    people = {
        UnitName(network.name, layer.name, unit.unit): unit.named.consensus
        for network in networks
        for layer in network.layers
        for unit in layer.units
        if unit.named.consensus
    }
    methods: dict[str, dict[UnitName, str]] = {}
    for row in names:
        methods.setdefault(row.method, {})[row.unit_name] = normalise(row.name)
    return tuple(
        _method(method, of_units, people, rounds, found)
        for method, of_units in sorted(methods.items())
    )


def _method(
    method: str,
    machine: Mapping[UnitName, str],
    people: Mapping[UnitName, str],
    rounds: Mapping[str, RowsOfUnits],
    found: Mapping[str, Mapping[UnitName, VerifiedConcept]],
) -> MethodResult:
    common = sorted(machine.keys() & people.keys())
    pairs = [(people[name], machine[name]) for name in common]
    human, other = _both(rounds.get(CONSENSUS, {}), rounds.get(method, {}))
    means = [
        mean(mean(lift.precision for lift in of) or 0.0 for of in side) for side in (human, other)
    ]
    return MethodResult(
        method=method,
        named_count=len(machine),
        common_count=len(common),
        same_count=sum(one == two for one, two in pairs),
        word_count=sum(bool(set(one.split()) & set(two.split())) for one, two in pairs),
        verified_count=len(human),
        human_lift=None if means[0] is None else exp(means[0]),
        machine_lift=None if means[1] is None else exp(means[1]),
        ratio=None if means[0] is None or means[1] is None else exp(means[1] - means[0]),
        ratio_interval=exp_interval(difference_interval(other, human)),
        examples=_examples(
            [
                Example(
                    *name,
                    people[name],
                    machine[name],
                    people[name] == machine[name],
                    _lift(found, CONSENSUS, name),
                    _lift(found, method, name),
                )
                for name in common
            ]
        ),
    )


def _both(
    human: RowsOfUnits, machine: RowsOfUnits
) -> tuple[list[list[LogLift]], list[list[LogLift]]]:
    """The lifts of the units of which both names were verified, people's and the machine's."""
    pairs = [
        (log_lifts(human[name]), log_lifts(machine[name]))
        for name in sorted(human.keys() & machine.keys())
    ]
    there = [(one, two) for one, two in pairs if one and two]
    return [one for one, _ in there], [two for _, two in there]


def _middle(units: Iterable[Sequence[LogLift]]) -> float | None:
    """The mean over units of their mean log lift."""
    return mean(mean(lift.precision for lift in of_unit) or 0.0 for of_unit in units)


def _lift(
    found: Mapping[str, Mapping[UnitName, VerifiedConcept]], by: str, name: UnitName
) -> float | None:
    one = found.get(by, {}).get(name)
    return one.lift if one else None


def _examples(rows: Sequence[Example]) -> tuple[Example, ...]:
    def far(row: Example) -> tuple[bool, float]:
        if not row.human_lift or not row.machine_lift:
            return True, 0.0
        ratio = row.machine_lift / row.human_lift
        return False, -max(ratio, 1 / ratio)

    return tuple(sorted(rows, key=far)[:EXAMPLES])
