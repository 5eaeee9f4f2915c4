"""What a study planned before its data: hypotheses, rules, thresholds, exclusions, stopping.

Looks at results before the planned answers were in are read too, and changes of the plan after one.

A plan is a JSON object. Every key but `hypotheses` is optional:

    hypotheses   [{"id", "statement", "number", "group", "networks", "layers", "direction"}]
    thresholds   {"precision": 0.75}
    rules        texts: which rule makes the headline, which numbers are reported
    exclusions   the reasons for which answers are left out, of answers.EXCLUSIONS
    stopping     {"assignments": 3}: the number of answers a unit gets, or a text

In a hypothesis, `number` is `mean_precision` or `groups`, which needs a `group` from 1 to 6;
`networks` are the first and the second of a comparison; `layers` name layers of the first, by
default all; `direction` is `greater`, `less` or `different`.

InvalidPlan: a file is not a plan; nothing is stored.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from annotator.models import AuditRow, Study
from annotator.models.audit import ADAPTIVE, LOOK, LOWER, RAISE
from annotator.models.rows import named_rows

NUMBERS = ("mean_precision", "groups")
DIRECTIONS = ("greater", "less", "different")
# The actions by which the number of answers for a unit changes.
CHANGES = (RAISE, LOWER, ADAPTIVE)


class InvalidPlan(Exception):
    """A file is not a plan; the message names the wrong part and says what is allowed."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it was frozen. `answer_count` counts the answers that existed at that moment."""

    plan: Mapping[str, Any]
    sha256: str
    at: datetime
    answer_count: int


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One planned comparison of two networks. Empty `layers` stand for all layers."""

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
        """Whether a difference between two networks is the planned one.

        Args:
            networks, layers: the two networks, in either order, and the layer of each.
        """
        layer = {networks: layers[0], networks[::-1]: layers[1]}.get(self.networks)
        return (
            layer is not None
            and (number, group) == (self.number, self.group)
            and (not self.layers or layer in self.layers)
        )


def load_plans(study: Study) -> tuple[PlanRow, ...]:
    """Load the preregistered plans of a study, oldest first, in one query."""
    names = [field.name for field in fields(PlanRow)]
    rows = study.preregistrations.order_by("pk")
    return tuple(named_rows(PlanRow, rows, dict(zip(names, names, strict=True))))


def plan_sha256(plan: Mapping[str, Any]) -> str:
    """SHA-256 of a preregistered plan, whatever the order of its keys and its spacing."""
    text = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse_hypotheses(plan: Mapping[str, Any]) -> list[Hypothesis]:
    """Parse the hypotheses of a preregistered plan.

    Raises:
        InvalidPlan: a hypothesis is incomplete, or has a value that is not allowed.
    """
    return [_hypothesis(n, raw) for n, raw in enumerate(plan.get("hypotheses", []), 1)]


def _hypothesis(place: int, raw: Any) -> Hypothesis:
    """One hypothesis from JSON; without an id it is called by its place, from 1."""
    if not isinstance(raw, dict):
        raise InvalidPlan(f"Hypothesis {place} must be an object, got {raw!r}.")
    name = str(raw.get("id") or place)
    if not raw.get("statement"):
        raise InvalidPlan(f"Hypothesis {name} has no statement: say in words what is expected.")
    number = _choice(name, raw, "number", NUMBERS, "mean_precision")
    direction = _choice(name, raw, "direction", DIRECTIONS, "different")
    group, networks = raw.get("group"), raw.get("networks")
    if (number == "groups") != (group in range(1, 7)):
        raise InvalidPlan(
            f"Hypothesis {name}: group must be 1 to 6 with `groups` alone, got {group!r}."
        )
    if not isinstance(networks, list) or len(networks) != 2:
        raise InvalidPlan(f"Hypothesis {name}: networks must name two, got {networks!r}.")
    first, second = map(str, networks)
    layers = tuple(map(str, raw.get("layers", [])))
    return Hypothesis(
        name, str(raw["statement"]), number, group, (first, second), layers, direction
    )


def _choice(
    name: str, raw: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str
) -> str:
    value: str = raw.get(key, default)
    if value not in allowed:
        raise InvalidPlan(
            f"Hypothesis {name}: {key} must be {' or '.join(allowed)}, got {value!r}."
        )
    return value


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen of a study's results, and what was changed after it.

    Attributes:
        early: times that somebody asked to see results before the planned answers were in.
        extensions: times that the number of answers for a unit was raised or lowered after
            somebody had seen results, early or complete.
        first_planned: the answers for a unit that were planned before the first such change;
            headline numbers use these. None without one.
    """

    early: int = 0
    extensions: int = 0
    first_planned: int | None = None


def load_looks(study: Study) -> Looks:
    """Load the looks at a study's results from the audit trail, in one query."""
    rows = AuditRow.objects.filter(study=study, action__in=(LOOK, *CHANGES)).order_by("pk")
    early, extensions, plans, has_looked = 0, 0, [], False
    for action, detail in rows.values_list("action", "detail"):
        if action == LOOK:
            has_looked = True
            early += bool(detail["is_early"])
        elif has_looked:
            extensions += 1
            plans += detail.get("assignments_wanted", [])[:1]  # adaptive answers are not planned
    return Looks(early, extensions, plans[0] if plans else None)
