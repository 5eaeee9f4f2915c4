"""What was planned before the data: hypotheses, rules, thresholds, exclusions, stopping.

A plan is a JSON object with these keys, each of which may be left out but `hypotheses`:

    hypotheses   [{"id", "statement", "number", "group", "networks", "layers", "direction"}]: number
                 is `mean_precision` or `groups` (then group is 1..6); networks is the first and the
                 second of a comparison, layers the names in the first, all where it is left out;
                 direction is `greater`, `less` or `different`
    thresholds   {"precision": 0.75}
    rules        words: which rule makes the headline, which numbers are reported
    exclusions   the reasons for which answers are left out, of answers.EXCLUSIONS
    stopping     {"assignments": 3}: answers a unit, or words
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotator.models import Study

NUMBERS = ("mean_precision", "groups")
DIRECTIONS = ("greater", "less", "different")


class InvalidPlan(Exception):
    """A file is not a plan; the text says which part of it and what would be."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it was frozen. `answer_count`: answers that were there already."""

    plan: Mapping[str, Any]
    sha256: str
    at: datetime
    answer_count: int


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One comparison of two networks, named before the data. `layers` empty: all of them."""

    id: str
    statement: str
    number: str
    group: int | None
    networks: tuple[str, str]
    layers: tuple[str, ...]
    direction: str

    def covers(
        self, number: str, group: int | None, networks: tuple[str, str], layers: tuple[str, str]
    ) -> bool:
        """Whether a difference of two networks, in either order, is what was planned."""
        mine = {networks: layers[0], networks[::-1]: layers[1]}.get(self.networks)
        return (
            mine is not None
            and (number, group) == (self.number, self.group)
            and (not self.layers or mine in self.layers)
        )


def load_plans(study: Study) -> tuple[PlanRow, ...]:
    """The plans of a study, the first first, in one query."""
    rows = study.preregistrations.order_by("pk")
    return tuple(PlanRow(*row) for row in rows.values_list("plan", "sha256", "at", "answer_count"))


def plan_sha256(plan: Mapping[str, Any]) -> str:
    """SHA-256 of a plan, whatever the order and spacing in which it is written."""
    text = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse_hypotheses(plan: Mapping[str, Any]) -> list[Hypothesis]:
    """The hypotheses of a plan.

    Raises:
        NotAPlan: one of them is not complete, or not of this kind.
    """
    return [_hypothesis(n, raw) for n, raw in enumerate(plan.get("hypotheses", []), 1)]


def _hypothesis(number: int, raw: Any) -> Hypothesis:
    if not isinstance(raw, dict):
        raise InvalidPlan(f"Hypothesis {number} must be an object, got {raw!r}.")
    name = str(raw.get("id") or number)
    statement = raw.get("statement")
    if not statement:
        raise InvalidPlan(f"Hypothesis {name} has no statement: say in words what is expected.")
    kind = raw.get("number", "mean_precision")
    if kind not in NUMBERS:
        raise InvalidPlan(
            f"Hypothesis {name}: number must be {' or '.join(NUMBERS)}, got {kind!r}."
        )
    group = raw.get("group")
    if (kind == "groups") != (group in range(1, 7)):
        raise InvalidPlan(
            f"Hypothesis {name}: group must be 1 to 6 with `groups` alone, got {group!r}."
        )
    networks = raw.get("networks")
    if not isinstance(networks, list) or len(networks) != 2:
        raise InvalidPlan(f"Hypothesis {name}: networks must name two, got {networks!r}.")
    direction = raw.get("direction", "different")
    if direction not in DIRECTIONS:
        raise InvalidPlan(
            f"Hypothesis {name}: direction must be {' or '.join(DIRECTIONS)}, got {direction!r}."
        )
    layers = tuple(map(str, raw.get("layers", [])))
    first, second = map(str, networks)
    return Hypothesis(name, str(statement), kind, group, (first, second), layers, direction)
