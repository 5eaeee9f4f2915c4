"""What every number of a report means, in words for its readers.

A page links each number to its definition, and JSON carries the rules with the numbers.
docs/results.md explains them at length.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from annotator.results.definition_texts.answers import ANSWERS, PRECISION
from annotator.results.definition_texts.comparisons import NETWORKS_AND_PLANS, SECOND_ROUND
from annotator.results.definition_texts.concepts import AGREEMENT, GROUPS_AND_CONCEPTS
from annotator.results.definition_texts.people import WHO_ANSWERED
from annotator.results.loading.answers import Crowd

SIMULATED = "simulated workers"
RENDERED = "simulated workers, rendered pictures: a test of the machine, not evidence about vision"

# The title and the rule of each number by its key, in the order in which a reader meets them.
# {t} stands for the study's threshold of precision.
SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    gettext_noop("Answers"): ANSWERS,
    gettext_noop("Precision"): PRECISION,
    gettext_noop("Groups and concepts"): GROUPS_AND_CONCEPTS,
    gettext_noop("Agreement of workers"): AGREEMENT,
    gettext_noop("Who answered"): WHO_ANSWERED,
    gettext_noop("Networks and plans"): NETWORKS_AND_PLANS,
    gettext_noop("Second round and machines"): SECOND_ROUND,
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What one number means. `section` is the heading under which it stands."""

    key: str
    section: str
    title: str
    rule: str


def definitions(threshold: float, only: Collection[str] = ()) -> dict[str, Definition]:
    """The definitions by key, in the order in which a reader meets them.

    Args:
        threshold: of precision, as the definitions print it.
        only: the keys that a page needs; all if empty.
    """
    t = f"{threshold:g}"
    return {
        key: Definition(
            key, gettext(section), gettext(title).format(t=t), gettext(rule).format(t=t)
        )
        for section, numbers in SECTIONS.items()
        for key, (title, rule) in numbers.items()
        if not only or key in only
    }


def rules(threshold: float) -> dict[str, str]:
    """The rule of each number by key, for JSON."""
    return {key: definition.rule for key, definition in definitions(threshold).items()}


def simulation_notice(crowd: Crowd, study_name: str) -> str | None:
    """The notice on everything made from simulated answers; None for people's answers."""
    if crowd != "simulated":
        return None
    return RENDERED if study_name in ("demo", "demo-seeds") else SIMULATED
