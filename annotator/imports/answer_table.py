"""A table of answers, read and checked line by line.

Columns: network, layer, unit, concept; `group` (1..6 or its name) or `category_code` (the code
of the released answers of Zhou et al. 2015, arXiv:1412.6856); `precision`, or `fitting` and
`shown`. `worker` and `says` may be left out. Other columns are ignored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from annotator.imports.errors import ImportRefused
from annotator.imports.judgements import UNKNOWN, judged, shown_by
from annotator.imports.tables import Line, read_table
from annotator.models.answer import Answer, Group

# The released codes are not in the order in which the groups were shown.
GROUP_OF_CODE = {1: 6, 2: 5, 3: 3, 4: 4, 5: 2, 6: 1}
GROUP_OF_NAME = {group.label.casefold(): int(group) for group in Group}
NEEDED = ("network", "layer", "unit", "concept")
LONGEST = {"network": 200, "layer": 200, "concept": 100, "worker": 60}


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """One line of another campaign's table, checked. A nameless worker is called by its place."""

    line: int
    network: str
    layer: str
    unit: int
    worker: str
    concept: str
    group: int | None
    says: str
    precision: float
    fitting: int
    shown: int


def read_answers(path: Path) -> list[ForeignAnswer]:
    """Read and check a CSV or Parquet table.

    Raises:
        ImportRefused: the file, a column or a value is missing or wrong.
    """
    lines = read_table(path)
    if not lines:
        raise ImportRefused(f"{path} has no answers: there is no line below its header.")
    _check_columns(lines[0].values, path)
    answers = _with_places([_answer(line) for line in lines])
    _check_no_worker_answers_twice(answers)
    return _with_counts(answers)


def _check_columns(columns: Iterable[str], path: Path) -> None:
    there = set(columns)
    missing = [name for name in NEEDED if name not in there]
    if not there & {"group", "category_code"}:
        missing.append("group (or category_code)")
    if not ({"precision"} <= there or {"fitting", "shown"} <= there):
        missing.append("precision (or fitting and shown)")
    if missing:
        raise ImportRefused(f"{path} has no column {', '.join(missing)}.")


def _answer(line: Line) -> ForeignAnswer:
    _check_words(line)
    concept, group = line.values["concept"], _group(line)
    says = _says(line, concept, group)
    precision, fitting, shown = judged(line)
    if says == Answer.Says.NOTHING and (precision or group):
        raise ImportRefused(
            f'Line {line.number}: "nothing" has precision 0 and no group; '
            f"got precision {precision:g} and group {group}."
        )
    return ForeignAnswer(
        line=line.number,
        network=line.values["network"],
        layer=line.values["layer"],
        unit=line.whole("unit"),
        worker=line.values.get("worker", ""),
        concept=concept,
        group=group,
        says=says,
        precision=precision,
        fitting=fitting,
        shown=shown,
    )


def _check_words(line: Line) -> None:
    for name in ("network", "layer"):
        if not line.values[name]:
            raise ImportRefused(f"Line {line.number}: {name} is empty.")
    for name, longest in LONGEST.items():
        word = line.values.get(name, "")
        if len(word) > longest:
            raise ImportRefused(
                f"Line {line.number}: {name} has {len(word)} characters, at most {longest} fit: "
                f"{word[:40]!r}..."
            )


def _group(line: Line) -> int | None:
    """The group of a line, by number, name or released code; None where it has none."""
    if value := line.values.get("group", ""):
        group = int(value) if value.isdecimal() else GROUP_OF_NAME.get(value.casefold(), 0)
        if group not in Group.values:
            raise ImportRefused(
                f"Line {line.number}: group must be 1 to 6 or one of {', '.join(Group.labels)}; "
                f"got {value!r}."
            )
        return group
    if value := line.values.get("category_code", ""):
        if not value.isdecimal() or int(value) not in GROUP_OF_CODE:
            raise ImportRefused(f"Line {line.number}: category_code must be 1 to 6, got {value!r}.")
        return GROUP_OF_CODE[int(value)]
    return None


def _says(line: Line, concept: str, group: int | None) -> str:
    says = line.values.get("says", "") or ("concept" if concept or group else "nothing")
    if says not in Answer.Says.values:
        raise ImportRefused(
            f"Line {line.number}: says must be one of {', '.join(Answer.Says.values)}; "
            f"got {says!r}."
        )
    if says != Answer.Says.NOTHING and not concept:
        raise ImportRefused(f"Line {line.number}: concept is empty, but group is {group}.")
    if says != Answer.Says.NOTHING and group is None:
        raise ImportRefused(f"Line {line.number}: concept {concept!r} has no group.")
    return says


def _with_places(answers: Iterable[ForeignAnswer]) -> list[ForeignAnswer]:
    """The answers, those without a worker called by their place among the unit's answers."""
    places: Counter[tuple[str, str, int]] = Counter()
    found = []
    for answer in answers:
        unit = (answer.network, answer.layer, answer.unit)
        places[unit] += 1
        found.append(replace(answer, worker=answer.worker or f"place {places[unit]}"))
    return found


def _check_no_worker_answers_twice(answers: Iterable[ForeignAnswer]) -> None:
    lines: dict[tuple[str, str, int, str], int] = {}
    for answer in answers:
        name = (answer.network, answer.layer, answer.unit, answer.worker)
        if name in lines:
            raise ImportRefused(
                f"Line {answer.line}: worker {answer.worker!r} answers unit {answer.unit} of "
                f"{answer.layer} again (first in line {lines[name]}); a worker labels a unit once."
            )
        lines[name] = answer.line


def _with_counts(answers: list[ForeignAnswer]) -> list[ForeignAnswer]:
    """The answers, those that came as a precision only with the counts behind it."""
    alone = [answer.precision for answer in answers if answer.shown == UNKNOWN]
    shown = shown_by(alone)
    return [
        replace(answer, fitting=round(answer.precision * shown), shown=shown)
        if answer.shown == UNKNOWN
        else answer
        for answer in answers
    ]
