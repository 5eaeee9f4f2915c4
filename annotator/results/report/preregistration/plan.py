"""Freezes a plan of a study as a dated hash, before its data."""

import json
from pathlib import Path
from typing import Any

from annotator.models import Answer, Hit, Preregistration, Study
from annotator.results.loading.answers import CHOSEN_EXCLUSIONS, EXCLUSIONS
from annotator.results.loading.preregistered_plans import InvalidPlan, parse_hypotheses, plan_sha256

PARTS = {"hypotheses", "thresholds", "rules", "exclusions", "stopping"}


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
    """Read a plan to preregister from a JSON file.

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
