"""Names that machines give to units, compared with people's: agreement, lift, examples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from annotator.concept_words import Normalise
from annotator.results.loading.answers import UnitName
from annotator.results.loading.machine_names import MachineNameRow
from annotator.results.loading.verifications import VerificationRow
from annotator.results.report.network import NetworkResult
from annotator.results.stats.intervals import Interval, mean_difference_interval
from annotator.results.stats.precision import mean
from annotator.results.stats.verified_precision import (
    LogLift,
    RowsOfUnits,
    VerifiedConcept,
    exp_interval,
    least_of_lift,
    log_lifts,
)

CONSENSUS = "consensus"
MAX_EXAMPLES = 12

VerifiedByMethod = Mapping[str, Mapping[UnitName, VerifiedConcept]]


@dataclass(frozen=True, slots=True)
class Example:
    """One unit with both names. The lift of a name that was not verified is None."""

    network: str
    layer: str
    unit: int
    human: str
    machine: str
    is_same: bool
    human_lift: float | None
    machine_lift: float | None

    @property
    def contrast(self) -> float:
        """How many times one lift is the other, at least 1; 0 where a name was not verified."""
        if not self.human_lift or not self.machine_lift:
            return 0.0
        ratio = self.machine_lift / self.human_lift
        return max(ratio, 1 / ratio)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method, compared with people.

    Attributes:
        named_count: units that it named.
        common_count: of these, units on which people have a consensus.
        same_count: of these, units to which both give one merged concept.
        word_count: of these, units whose two names share a word.
        verified_count: units of which both names were verified.
        human_lift, machine_lift: geometric means over the verified units.
        ratio: the machine's lift divided by people's; its interval is over workers.
        examples: units whose lifts differ most, then unverified ones by name.
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
        """The share of common units to which both give the same concept."""
        return self.same_count / self.common_count if self.common_count else None


def method_results(
    names: Iterable[MachineNameRow],
    networks: Iterable[NetworkResult],
    answers: Mapping[str, RowsOfUnits],
    verified: VerifiedByMethod,
    normalise: Normalise,
) -> tuple[MethodResult, ...]:
    """The results of the methods that named units by machine: how each method agrees with people.

    Args:
        answers: those of the second round, by who named the concept: `consensus`, or a method.
        verified: the same, summed up.
    """
    human = {
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
        _method(method, machine, human, answers, verified)
        for method, machine in sorted(methods.items())
    )


def _method(
    method: str,
    machine: Mapping[UnitName, str],
    human: Mapping[UnitName, str],
    answers: Mapping[str, RowsOfUnits],
    verified: VerifiedByMethod,
) -> MethodResult:
    common = sorted(machine.keys() & human.keys())
    pairs = [(human[name], machine[name]) for name in common]
    people, machines = _common_rows(answers.get(CONSENSUS, {}), answers.get(method, {}))
    human_lifts, machine_lifts = list(map(log_lifts, people)), list(map(log_lifts, machines))
    human_mean, machine_mean = _mean_lift(human_lifts), _mean_lift(machine_lifts)
    least = (least_of_lift(*machines), least_of_lift(*people))
    difference = mean_difference_interval(machine_lifts, human_lifts, least)
    ratio = None
    if human_mean is not None and machine_mean is not None:
        ratio = exp(machine_mean - human_mean)
    examples = (_example(name, method, machine, human, verified) for name in common)
    return MethodResult(
        method=method,
        named_count=len(machine),
        common_count=len(common),
        same_count=sum(one == two for one, two in pairs),
        word_count=sum(bool(set(one.split()) & set(two.split())) for one, two in pairs),
        verified_count=len(human_lifts),
        human_lift=None if human_mean is None else exp(human_mean),
        machine_lift=None if machine_mean is None else exp(machine_mean),
        ratio=ratio,
        ratio_interval=exp_interval(difference),
        examples=tuple(sorted(examples, key=lambda one: -one.contrast)[:MAX_EXAMPLES]),
    )


def _example(
    name: UnitName,
    method: str,
    machine: Mapping[UnitName, str],
    human: Mapping[UnitName, str],
    verified: VerifiedByMethod,
) -> Example:
    return Example(
        *name,
        human[name],
        machine[name],
        human[name] == machine[name],
        _lift(verified, CONSENSUS, name),
        _lift(verified, method, name),
    )


def _common_rows(
    human: RowsOfUnits, machine: RowsOfUnits
) -> tuple[list[Sequence[VerificationRow]], list[Sequence[VerificationRow]]]:
    """Answers about each unit of which both names have a lift: people's, and the machine's."""
    pairs = [(human[name], machine[name]) for name in sorted(human.keys() & machine.keys())]
    complete = [(one, two) for one, two in pairs if log_lifts(one) and log_lifts(two)]
    return [one for one, _ in complete], [two for _, two in complete]


def _mean_lift(units: Iterable[Sequence[LogLift]]) -> float | None:
    """The mean over units of their mean log lift."""
    return mean(mean(lift.precision for lift in of_unit) or 0.0 for of_unit in units)


def _lift(verified: VerifiedByMethod, method: str, name: UnitName) -> float | None:
    concept = verified.get(method, {}).get(name)
    return concept.lift if concept else None
