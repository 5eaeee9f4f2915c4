"""Sphinx directives that render parts of the reference from the program itself.

{manage-command} NAME     the help of `manage.py NAME`
{dissect-command} NAME    the help of `python -m dissect NAME`
{library-function} NAME   the signature and docstring of dissect.NAME
{export-columns} NAME     the columns of an exported table
{api-paths}               every path of the JSON API
"""

import inspect
import os
from collections.abc import Iterable, Sequence

import django
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

HELP_COLUMNS = "96"


class FromProgram(Directive):
    """A directive with one argument at most, whose content is made by `render`."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [self.render(*self.arguments)]


class ManageCommand(FromProgram):
    def render(self, name: str) -> nodes.Node:
        from django.core.management import load_command_class

        command = load_command_class("annotator", name)
        return _literal(command.create_parser("manage.py", name).format_help())


class DissectCommand(FromProgram):
    def render(self, name: str) -> nodes.Node:
        from dissect.commands.command_line import parser

        return _literal(parser()._subparsers._group_actions[0].choices[name].format_help())


class LibraryFunction(FromProgram):
    def render(self, name: str) -> nodes.Node:
        import dissect

        function = getattr(dissect, name)
        options = ",\n    ".join(
            str(one.replace(annotation=one.empty))
            for one in inspect.signature(function).parameters.values()
        )
        return _literal(f"dissect.{name}(\n    {options},\n)\n\n{inspect.getdoc(function)}")


class ExportColumns(FromProgram):
    def render(self, name: str) -> nodes.Node:
        from annotator.results.output.exports.registry import columns_of

        rows = [(column.name, column.kind, column.meaning) for column in columns_of(name)]
        return _table(("column", "kind", "meaning"), rows)


class ApiPaths(FromProgram):
    def render(self) -> nodes.Node:
        from annotator.api.endpoints import api

        paths = api.get_openapi_schema(path_prefix="/api")["paths"]
        rows = [
            (method.upper(), path, operation.get("description") or operation["summary"])
            for path, operations in paths.items()
            for method, operation in operations.items()
        ]
        return _table(("method", "path", "what it returns"), rows)


def _literal(text: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = "text"
    return block


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.table:
    """A table of plain text; the first column is code."""
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in head], cols=len(head))
    group += nodes.thead("", _row(head, is_head=True))
    group += nodes.tbody("", *[_row(row) for row in rows])
    return nodes.table("", group)


def _row(cells: Sequence[str], is_head: bool = False) -> nodes.row:
    row = nodes.row()
    for number, text in enumerate(cells):
        is_code = number == 0 and not is_head
        content = nodes.literal(text, text) if is_code else nodes.Text(str(text))
        row += nodes.entry("", nodes.paragraph("", "", content))
    return row


def setup(app: Sphinx) -> dict[str, bool]:
    os.environ["COLUMNS"] = HELP_COLUMNS  # argparse wraps its help to the terminal's width
    django.setup()
    app.add_directive("manage-command", ManageCommand)
    app.add_directive("dissect-command", DissectCommand)
    app.add_directive("library-function", LibraryFunction)
    app.add_directive("export-columns", ExportColumns)
    app.add_directive("api-paths", ApiPaths)
    return {"parallel_read_safe": True}
