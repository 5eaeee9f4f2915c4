"""Measures the house: `python -m tests.house.measure` prints one line a figure, with its limit.

A module is a file of annotator/ or dissect/ that is neither `__init__` nor a migration. A folder's
modules are those directly in it. Folders of commands may hold as many as there are commands.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import median, quantiles

from tests.house.floors import FLOORS, climbing
from tests.house.reading import ROOT, imports, outline, sources
from tests.house.repeats import read, repeats

HALVES = ("annotator", "dissect")
PYTHON = (*HALVES, "tests", "benchmarks", "docs")
MAX_IN_FOLDER, MAX_WITH_REASON = 14, 20
MIN_MEDIAN_LINES = 90
MAX_P90_FUNCTION_LINES = 25
# Folders of more than 14 modules, and why. None may have more than 20.
REASONS = {
    "annotator": "settings, urls, wsgi, apps and celery have to be here by name.",
    "annotator/models": "A module a subject, and Django wants all tables of an app in one package.",
}
# Files that share six lines, sorted, and why.
POST_REDIRECT_GET = "A view looks up its study; a POST changes it and redirects."
REPEATS: dict[tuple[str, str], str] = {
    (f"annotator/views/{first}.py", f"annotator/views/{second}.py"): POST_REDIRECT_GET
    for first, second in (
        ("requester/gold_units", "requester/members"),
        ("requester/gold_units", "reviewer/answers"),
        ("requester/members", "requester/members"),
        ("requester/members", "reviewer/answer"),
        ("requester/members", "reviewer/answers"),
    )
}
TABLES = "Django declares the columns and constraints of each table where its class stands."
REPEATS |= {
    (f"annotator/models/{first}.py", f"annotator/models/{second}.py"): TABLES
    for first, second in (
        ("answer", "hit"),
        ("hit", "people"),
        ("jobs", "network"),
        ("reports", "reports"),
    )
}
# Words that say nothing about what they hold.
VAGUE_NAMES = {"found", "told", "beside", "those"}
VAGUE_PREFIXES = ("MOST_", "FEWEST_")


@dataclass(frozen=True)
class Figure:
    """One measured figure, what it may be at most or has to be at least, and what breaks it."""

    name: str
    value: float
    limit: str
    holds: bool
    offenders: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{'ok ' if self.holds else 'NO '} {self.value:8g}  {self.limit:14} {self.name}",
            *(f"         {offender}" for offender in self.offenders),
        ]
        return "\n".join(lines)


def upward_imports() -> Figure:
    climbs = [
        climb for package in FLOORS for climb in climbing(package, imports(package.split(".")[0]))
    ]
    return _none("imports of a room on the same floor or above", climbs)


def import_circles() -> Figure:
    circles = [" <-> ".join(sorted(circle)) for circle in circles_of(module_graph())]
    return _none("circles of modules that import each other", circles)


def module_graph() -> dict[str, set[str]]:
    """Module to the modules it imports, those imported inside functions too.

    A package stands for its `__init__`: `from package import name` imports no more than that,
    unless the name is a module.
    """
    modules = {name for half in HALVES for name in sources(half)}
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for half in HALVES:
        for one in imports(half):
            target = one.of
            while target and target not in modules:
                target = target.rpartition(".")[0]
            if target and target != one.by:
                graph[one.by].add(target)
    return graph


def circles_of(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of more than one node, by what each node reaches."""
    reached = {node: _reached_from(node, graph) for node in graph}
    circles: list[set[str]] = []
    for node in graph:
        circle = {other for other in reached[node] if node in reached[other]} | {node}
        if len(circle) > 1 and circle not in circles:
            circles.append(circle)
    return circles


def _reached_from(start: str, graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for node in graph[waiting.pop()] - reached:
            reached.add(node)
            waiting.append(node)
    return reached


def folder_sizes() -> Figure:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in module_files())
    too_large = [
        f"{folder}: {count} modules"
        for folder, count in counts.items()
        if count > (MAX_WITH_REASON if folder in REASONS else MAX_IN_FOLDER)
        if not folder.endswith("/commands")
    ]
    unexplained = {
        folder: count
        for folder, count in counts.items()
        if folder not in REASONS and not folder.endswith("/commands")
    }
    name = "modules in the largest folder without a reason for more"
    limit = f"<= {MAX_IN_FOLDER}"
    return Figure(name, max(unexplained.values()), limit, not too_large, (*too_large,))


def module_median() -> Figure:
    lines = [len(path.read_text().splitlines()) for path in module_files()]
    value = median(lines)
    name = f"lines of the median module, of {len(lines)}"
    return Figure(name, value, f">= {MIN_MEDIAN_LINES}", value >= MIN_MEDIAN_LINES)


def function_p90() -> Figure:
    lengths = [length for path in module_files() for length in outline(path).function_lines]
    value = quantiles(lengths, n=10)[-1]
    name = f"lines of a function, 90th percentile of {len(lengths)}"
    limit = f"<= {MAX_P90_FUNCTION_LINES}"
    return Figure(name, value, limit, value <= MAX_P90_FUNCTION_LINES)


def vague_names() -> Figure:
    offenders = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in python_files()
        for name, line in sorted(outline(path).names, key=itemgetter(1))
        if name.lstrip("_") in VAGUE_NAMES or name.lstrip("_").startswith(VAGUE_PREFIXES)
    ]
    return _none("names that say nothing about what they hold", offenders)


def repeated_lines() -> Figure:
    pairs = repeats(read(python_files(), ROOT))
    unexplained = [str(pair) for pair in pairs if (pair.one, pair.other) not in REPEATS]
    return _none("places that share six lines without a reason", unexplained)


def module_files() -> Iterator[Path]:
    for half in HALVES:
        for path in sources(half).values():
            if path.name != "__init__.py" and "migrations" not in path.parts:
                yield path


def python_files() -> Iterator[Path]:
    """The project's Python, tests too; migrations are generated."""
    for folder in PYTHON:
        for path in sources(folder).values():
            if "migrations" not in path.parts:
                yield path


def _none(name: str, offenders: Iterable[str]) -> Figure:
    offenders = tuple(offenders)
    return Figure(name, len(offenders), "none", not offenders, offenders)


FIGURES = (
    upward_imports,
    import_circles,
    folder_sizes,
    module_median,
    function_p90,
    vague_names,
    repeated_lines,
)

if __name__ == "__main__":
    figures = [figure() for figure in FIGURES]
    print("\n".join(str(figure) for figure in figures))
    sys.exit(not all(figure.holds for figure in figures))
