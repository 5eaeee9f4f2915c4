"""The commands that README.md and docs/ show, read from their code blocks."""

import argparse
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from django.core.management import get_commands, load_command_class

from dissect.commands.command_line import parser as dissect_parser
from tests.house.reading import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:console|bash|sh)?\n(.*?)^```|((?:^    .*\n)+)", re.M | re.S)
PROGRAM = re.compile(r"(?:\S*python3? )?(manage\.py|-m dissect) (\S.*)")


class Written(NamedTuple):
    """A command as a page shows it.

    Attributes:
        page: its path in the repository.
        program: manage.py or -m dissect.
        words: the rest of the command line.
        to: the file that its output goes to, if any.
    """

    page: str
    program: str
    words: list[str]
    to: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {self.program} {shlex.join(self.words)}"


def written_commands() -> list[Written]:
    """Every command of our two programs in a code block of a page."""
    return [command for page in PAGES for command in _commands(page)]


def _commands(page) -> Iterator[Written]:
    for block in BLOCK.finditer(page.read_text()):
        text = (block[1] or block[2]).replace("\\\n", " ").replace("$(seq 0 23)", "0 1 2")
        for line in text.splitlines():
            command, _, file = _without_comment(line.strip()).partition(" > ")
            if match := PROGRAM.match(command):
                words = shlex.split(match[2])
                yield Written(str(page.relative_to(ROOT)), match[1], words, file.strip())


def _without_comment(line: str) -> str:
    """A line without `# comment` and a comment after two spaces."""
    return re.sub(r"(?<=\S) {2,}(?!-)\S.*", "", re.sub(r"\s#.*", "", line))


def parser_of(written: Written) -> argparse.ArgumentParser:
    """The parser that reads a command's words after its name.

    Raises:
        KeyError: there is no such command.
    """
    name = written.words[0]
    if written.program == "manage.py":
        return load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    (commands,) = dissect_parser()._subparsers._group_actions
    return commands.choices[name]


def arguments(written: Written) -> list[str]:
    """A command's words after its name: optional ones included, of A|B only A."""
    words = (word.strip("[]") for word in written.words[1:])
    return [word if " " in word else word.split("|")[0] for word in words if word != "..."]
