"""Reads the project's own source: which module imports what, and where."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
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


def sources(folder: str) -> dict[str, Path]:
    """The modules in a folder of the project, by dotted name."""
    modules = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def imports(folder: str) -> list[Import]:
    """Every import in a folder, those inside functions and conditions too."""
    every_import = []
    for module, path in sources(folder).items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        every_import += _imports_of(module, package, ast.parse(path.read_text()))
    return every_import


def _imports_of(module: str, package: str, tree: ast.Module) -> Iterator[Import]:
    in_functions = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        for name in _names(node, package):
            yield Import(module, name, lazy=node in in_functions)


def _names(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*parents, base]).rstrip(".")
        # `from annotator import seam` reaches annotator.dissection_reader
        return [f"{base}.{alias.name}" for alias in node.names]
    return []
