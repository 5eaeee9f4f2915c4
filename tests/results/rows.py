"""Answers as plain rows with defaults, and a hypothesis strategy for many."""

from hypothesis import strategies as st

from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.assignments import AssignmentRow
from annotator.results.loading.layout import LayerRow, NetworkRow
from annotator.results.loading.verifications import VerificationRow

LAYOUT = [NetworkRow("alexnet", "torchvision:alexnet", "", (LayerRow(1, "conv5", 256),))]


def answer(unit: int = 0, fitting: int = 57, concept: str = "wheel", **fields) -> AnswerRow:
    """An answer that names a unit: by default 57 pictures were shown, of an object part."""
    if fields.get("says") == "nothing":
        fitting, concept, fields["group"] = 0, "", None
    defaults = {
        "answer": 0,
        "network": "alexnet",
        "layer": "conv5",
        "worker": "ada",
        "group": 4,
        "shown": 57,
    }
    return AnswerRow(unit=unit, fitting=fitting, concept=concept, **{**defaults, **fields})


def verification(unit: int = 0, fitting: int = 48, random: int = 2, **fields) -> VerificationRow:
    """An answer of the second round: 60 held-out pictures and 20 random ones were shown."""
    defaults = {
        "answer": 0,
        "network": "alexnet",
        "layer": "conv5",
        "worker": "ada",
        "concept": "wheel",
        "concept_by": "consensus",
        "shown": 60,
        "random_shown": 20,
    }
    return VerificationRow(
        unit=unit, fitting=fitting, random_fitting=random, **{**defaults, **fields}
    )


@st.composite
def many_answers(draw: st.DrawFn, units: int = 4, workers: int = 6) -> list[AnswerRow]:
    """Answers of some workers about some units; no worker answers twice about one unit."""
    pairs = st.tuples(st.integers(0, units - 1), st.integers(0, workers - 1))
    return [
        draw(_answer(unit, f"w{worker}"))
        for unit, worker in draw(st.lists(pairs, unique=True, max_size=units * workers))
    ]


@st.composite
def _answer(draw: st.DrawFn, unit: int, worker: str) -> AnswerRow:
    shown = draw(st.integers(1, 60))
    return answer(
        unit,
        draw(st.integers(0, shown)),
        draw(st.sampled_from(["wheel", "Wheel", "tire", "car"])),
        worker=worker,
        shown=shown,
        group=draw(st.integers(1, 6)),
        says=draw(st.sampled_from(["concept", "concept", "two things", "nothing"])),
    )


def assignments(unit=0, kind="person", **counts):
    """Assignments of one unit, counted by status."""
    return [
        AssignmentRow("alexnet", "conv5", unit, kind, status.replace("_", "-"), count)
        for status, count in counts.items()
    ]
