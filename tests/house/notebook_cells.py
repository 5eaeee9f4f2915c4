"""Runs the cells of a notebook, as Jupyter does: `python notebook_cells.py FILE`.

Prints "shown: N" for each cell whose last line shows itself as HTML, with its number of pictures;
then the file of `dissect`, and which of the service's packages are loaded.
"""

import ast
import json
import sys
from pathlib import Path

FORBIDDEN = {"django", "celery", "annotator"}


def run_cell(source: str, names: dict) -> None:
    """Run one cell; what its last line is worth shows itself."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is None:
        return
    value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    if hasattr(value, "_repr_html_"):
        print(f"shown: {value._repr_html_().count('<img ')}")


def main(path: str) -> None:
    names: dict = {}
    for cell in json.loads(Path(path).read_text())["cells"]:
        if cell["cell_type"] == "code":
            run_cell("".join(cell["source"]), names)
    print(names["dissect"].__file__)
    print(FORBIDDEN & set(sys.modules) or "set()")


if __name__ == "__main__":
    main(sys.argv[1])
