"""Freezes a plan of a study as a dated hash, before its data.

InvalidPlan: what was given is no plan; nothing is written.
"""

import json
from pathlib import Path
from typing import Any

from annotator.models import Answer, Hit, Preregistration, Study
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.plan import InvalidPlan, parse_hypotheses, plan_sha256

PARTS = {"hypotheses", "thresholds", "rules", "exclusions", "stopping"}


def default_plan(study: Study) -> dict[str, Any]:
    """The plan of a study that says no more than its design does: no hypothesis is planned."""
    return {
        "hypotheses": [],
        "thresholds": {"precision": study.threshold},
        "rules": {
            "Precision of a unit": "mean over its counted answers",
            "Share above": "units whose precision is strictly above the threshold",
            "Consensus": "at least two answers, and more than half, share one merged concept",
        },
        "exclusions": [reason for reason in EXCLUSIONS if reason != "flagged"],
        "stopping": {"assignments": study.assignments_wanted},
    }


def read_plan(path: Path) -> dict[str, Any]:
    """A plan from a JSON file.

    Raises:
        InvalidPlan: it cannot be read, or is not one.
    """
    try:
        plan = json.loads(path.read_text())
    except OSError as error:
        raise InvalidPlan(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidPlan(f"{path} is not JSON: {error}.") from error
    check(plan)
    found: dict[str, Any] = plan
    return found


def check(plan: Any) -> None:
    """Raises InvalidPlan, with the part of it that is wrong and what would be right."""
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
    """Freeze a plan; returns it and whether it is new. The same plan is the same registration."""
    check(plan)
    there = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING, assignment__unit__layer__network__study=study
    ).count()
    found, is_new = Preregistration.objects.get_or_create(
        study=study, sha256=plan_sha256(plan), defaults={"plan": plan, "answer_count": there}
    )
    if is_new:
        found.refresh_from_db()  # the database's clock dates it
    return found, is_new
