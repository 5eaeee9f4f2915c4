"""Draws functions whose module a newcomer is to guess: `python -m tests.house.blind_trial`.

It prints the tree and one line of purpose for each function, without its name. Who knows neither
the code nor the answers writes down the module where they would look first. `--answers` prints
where each function is; docs/decisions/rooms-and-words.md has the results.
"""

import argparse
import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.measure import module_files
from tests.house.reading import ROOT

COUNT = 24


@dataclass(frozen=True)
class Function:
    """A public function: where it is, what it is called, and the first line of its docstring."""

    module: str
    name: str
    purpose: str


def functions() -> Iterator[Function]:
    """Every public function of a module that has a docstring; commands' entry points are out."""
    for path in sorted(module_files()):
        module = path.relative_to(ROOT).as_posix()
        if "/commands/" in module:
            continue
        for node in ast.parse(path.read_text()).body:
            is_public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if is_public and (text := ast.get_docstring(node)):
                yield Function(module, node.name, text.splitlines()[0])


def draw(seed: int, count: int = COUNT) -> list[Function]:
    return random.Random(seed).sample(list(functions()), count)


def tree() -> Iterator[str]:
    """The folders and modules, indented; nothing of what is in them."""
    seen: set[Path] = set()
    for path in sorted(module_files()):
        relative = path.relative_to(ROOT)
        for folder in reversed(relative.parents[:-1]):
            if folder not in seen:
                seen.add(folder)
                yield f"{'  ' * (len(folder.parts) - 1)}{folder.name}/"
        yield f"{'  ' * (len(relative.parts) - 1)}{relative.name}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", action="store_true")
    options = parser.parse_args()
    drawn = draw(options.seed)
    if options.answers:
        for number, function in enumerate(drawn, start=1):
            print(f"{number:2}  {function.module}  {function.name}")
        return
    print("\n".join(tree()))
    print(f"\nSeed {options.seed}")
    for number, function in enumerate(drawn, start=1):
        print(f"{number:2}  {function.purpose}")


if __name__ == "__main__":
    main()
