"""What every number of a report means, in words. docs/results.md says the same at length.

A page links each number to its definition here, and JSON carries the rules beside the numbers.
"""

from collections.abc import Collection
from dataclasses import dataclass

from annotator.results.definitions import (
    agreement,
    answers,
    claiming,
    naming,
    precision,
    verifying,
)
from annotator.results.loading.answers import Crowd

SIMULATED = "simulated workers"
RENDERED = "simulated workers, rendered pictures: a test of the machine, not evidence about vision"
# In the order in which a reader meets them: the title and the rule of each number by its key.
SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Answers": answers.RULES,
    "Precision": precision.RULES,
    "Groups and concepts": naming.RULES,
    "Agreement of workers": agreement.RULES,
    "Networks and plans": claiming.RULES,
    "Second round and machines": verifying.RULES,
}


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    section: str
    title: str
    rule: str


def definitions(threshold: float, only: Collection[str] = ()) -> dict[str, Definition]:
    """The definitions by key, in the order in which a reader meets them.

    Args:
        only: the keys of those that a page needs; empty: all.
    """
    t = f"{threshold:g}"
    return {
        key: Definition(key, section, title.format(t=t), rule.format(t=t))
        for section, rules_of_section in SECTIONS.items()
        for key, (title, rule) in rules_of_section.items()
        if not only or key in only
    }


def rules(threshold: float) -> dict[str, str]:
    """The rule of each number by key, for JSON."""
    return {key: found.rule for key, found in definitions(threshold).items()}


def simulation_notice(crowd: Crowd, study_name: str) -> str | None:
    """What everything made from simulated answers says; None for people's answers."""
    if crowd != "simulated":
        return None
    return RENDERED if study_name in ("demo", "demo-seeds") else SIMULATED
