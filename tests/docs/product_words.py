"""What people read: pages, messages, errors, help of commands, and documents, as plain texts."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.house.measure import module_files
from tests.house.reading import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE_BLOCK = re.compile(
    r"^```.*?^```|^(?:    [^\n]*\n)+|`[^`\n]*`|\]\([^)]*\)|<[^>\n]*>", re.M | re.S
)
TEMPLATE_CODE = re.compile(
    r"\{% comment %\}.*?\{% endcomment %\}|<(code|kbd|script|style)\b.*?</\1>|\{#.*?#\}", re.S
)
TRANSLATED = re.compile(r"""\{% trans(?:late)? ("[^"]*"|'[^']*')|_\(("[^"]*"|'[^']*')\)""")
BLOCK = re.compile(r"\{% blocktrans.*?%\}(.*?)\{% endblocktrans.*?%\}", re.S)
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", re.S)
TRANSLATIONS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}


class Text(NamedTuple):
    """A text, and the file that has it."""

    place: str
    words: str


def product_texts() -> Iterator[Text]:
    """Every text that somebody reads who uses the product."""
    for path in DOCUMENTS:
        yield Text(path.relative_to(ROOT).as_posix(), CODE_BLOCK.sub(" ", path.read_text()))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        source = TEMPLATE_CODE.sub(" ", path.read_text())
        texts = [a or b for a, b in TRANSLATED.findall(source)] + BLOCK.findall(source)
        for text in texts:
            yield Text(path.relative_to(ROOT).as_posix(), TAG.sub(" ", text))
    for path in sorted(module_files()):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            for text in _read_strings(node):
                yield Text(place, text)


def _read_strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        for argument in node.exc.args:
            yield _string(argument)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name in TRANSLATIONS:
            yield from map(_string, node.args)
        for keyword in node.keywords:
            if keyword.arg in {"help", "description", "epilog"}:
                yield _string(keyword.value)
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "help":
        yield _string(node.value)


def _string(node: ast.AST) -> str:
    """The words of a string in code, also of one with values in it."""
    if isinstance(node, ast.JoinedStr):
        return " ".join(_string(part) for part in node.values)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return re.sub(r"`[^`]*`|%\(\w+\)\S+", " ", node.value) if is_text else ""
