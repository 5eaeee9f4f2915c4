"""A plan of a study: what it may say, and freezing it as a dated hash, before its data.

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.models import Answer, Hit, Preregistration, Study
from annotator.results.loading.answers import CHOSEN_EXCLUSIONS, EXCLUSIONS

PARTS = {"hypotheses", "thresholds", "rules", "exclusions", "stopping"}
NUMBERS = ("mean_precision", "groups")
DIRECTIONS = ("greater", "less", "different")


def default_plan(study: Study) -> dict[str, Any]:
    """The default plan to preregister: it follows from the study's design, with no hypotheses."""
    return {
        "hypotheses": [],
        "thresholds": {"precision": study.threshold},
        "rules": {
            "Precision of a unit": "mean over its counted answers",
            "Share above": "units whose precision is strictly above the threshold",
            "Consensus": "at least two answers, and more than half, share one merged concept",
        },
        "exclusions": [reason for reason in EXCLUSIONS if reason not in CHOSEN_EXCLUSIONS],
        "stopping": {"assignments": study.assignments_wanted},
    }


def read_plan(path: Path) -> dict[str, Any]:
    """Read a preregistration's plan from a JSON file.

    Raises:
        InvalidPlan: the file cannot be read, or is not a plan.
    """
    try:
        plan: dict[str, Any] = json.loads(path.read_text())
    except OSError as error:
        raise InvalidPlan(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidPlan(f"{path} is not JSON: {error}.") from error
    check(plan)
    return plan


def check(plan: Any) -> None:
    """Check the form of a plan before it is preregistered.

    Raises:
        InvalidPlan: with the part that is wrong, and what would be right.
    """
    if not isinstance(plan, dict):
        raise InvalidPlan(f"A plan is an object with the keys {', '.join(sorted(PARTS))}.")
    if unknown := sorted(plan.keys() - PARTS):
        raise InvalidPlan(
            f"A plan has no part {unknown[0]!r}; its parts are {', '.join(sorted(PARTS))}."
        )
    for part in ("thresholds", "rules"):
        if not isinstance(plan.get(part, {}), dict):
            raise InvalidPlan(f"{part} must be an object of names and values, got {plan[part]!r}.")
    for part in ("hypotheses", "exclusions"):
        if not isinstance(plan.get(part, []), list):
            raise InvalidPlan(f"{part} must be a list, got {plan[part]!r}.")
    if wrong := [reason for reason in plan.get("exclusions", []) if reason not in EXCLUSIONS]:
        raise InvalidPlan(f"Exclusions are of {', '.join(EXCLUSIONS)}; got {wrong[0]!r}.")
    parse_hypotheses(plan)


def preregister(study: Study, plan: dict[str, Any]) -> tuple[Preregistration, bool]:
    """Preregister a plan: freeze it; the database dates it. Idempotent: one plan, one freeze.

    Returns:
        The registration, and whether it is new.

    Raises:
        InvalidPlan: nothing is written.
    """
    check(plan)
    answer_count = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING, assignment__unit__layer__network__study=study
    ).count()
    registration, is_new = Preregistration.objects.get_or_create(
        study=study,
        sha256=plan_sha256(plan),
        defaults={"plan": plan, "answer_count": answer_count},
    )
    if is_new:
        registration.refresh_from_db()
    return registration, is_new


class InvalidPlan(Exception):
    """A file is not a plan; the message names the wrong part and says what is allowed."""


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
