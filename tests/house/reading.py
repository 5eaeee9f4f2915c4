"""Reads the project's own source: what each module imports and names. Each file is parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Import:
    by: str  # the importing module, dotted
    of: str  # what it imports, dotted
    lazy: bool  # inside a function, so only when that is called

    def __str__(self) -> str:
        return f"{self.by} imports {self.of}"

    def reaches(self, *modules: str) -> bool:
        return any(self.of == module or self.of.startswith(f"{module}.") for module in modules)


@dataclass(frozen=True)
class Outline:
    """What the tests of the house ask about a module."""

    imports: tuple[tuple[str, bool], ...]  # what it imports, and whether inside a function
    names: tuple[tuple[str, int], ...]  # every name that it gives, and its line
    function_lines: tuple[int, ...]


@cache
def sources(folder: str) -> dict[str, Path]:
    """The modules in a folder of the project, by dotted name."""
    modules = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


@cache
def imports(folder: str) -> list[Import]:
    """Every import in a folder, those inside functions and conditions too."""
    return [
        Import(module, name, lazy)
        for module, path in sources(folder).items()
        for name, lazy in outline(path).imports
    ]


@cache
def outline(path: Path) -> Outline:
    """The outline of a file of the project."""
    return outline_of(path.read_text(), path.relative_to(ROOT).parts[:-1])


def outline_of(text: str, parents: tuple[str, ...] = ()) -> Outline:
    """The outline of a source text, which is in the package that its parents name."""
    nodes = list(_walk(ast.parse(text)))
    return Outline(
        tuple((name, lazy) for node, lazy in nodes for name in _imported(node, parents)),
        tuple(pair for node, _ in nodes for pair in _given(node)),
        tuple((node.end_lineno or 0) - node.lineno + 1 for node, _ in nodes if _is_function(node)),
    )


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it is inside a function."""
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, lazy = waiting.pop()
        yield node, lazy
        lazy = lazy or _is_function(node)
        waiting += [(child, lazy) for child in ast.iter_child_nodes(node)]


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _imported(node: ast.AST, parents: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            base = ".".join([*parents[: len(parents) - node.level + 1], base]).rstrip(".")
        # `from annotator import seam` reaches annotator.dissection_reader
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def _given(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The name that a node gives to a function, class, parameter or variable."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, node.lineno
    elif isinstance(node, ast.arg):
        yield node.arg, node.lineno
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, node.lineno
