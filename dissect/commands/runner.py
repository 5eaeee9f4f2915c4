"""Runs commands by name, with the same options, defaults and errors as on the command line."""

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from dissect.commands import COMMANDS
from dissect.commands.command import Command, Data, progress_bar
from dissect.errors import BadSetting
from dissect.topk.batches import Progress

ProgressFactory = Callable[..., Progress]  # (what is done, unit="image") -> Progress


def declare(command: Command, parser: argparse.ArgumentParser) -> None:
    """Add a command's options to a parser."""
    command.add_arguments(parser)
    parser.set_defaults(progress=progress_bar)


def run_command(
    name: str, arguments: Sequence[str], progress: ProgressFactory = progress_bar
) -> Data:
    """Return what `python -m dissect NAME ARGUMENTS --format json` prints.

    Raises:
        BadSetting: there is no such command, or it does not take these arguments.
        DissectError: as the command says.
    """
    commands = {command.name: command for command in COMMANDS}
    if name not in commands:
        raise BadSetting(f"There is no command {name!r}; there are {', '.join(commands)}.")
    parser = _RaisingParser(prog=name, add_help=False)
    declare(commands[name], parser)
    options = parser.parse_args(arguments)
    options.progress = progress
    return commands[name].run(options)


class _RaisingParser(argparse.ArgumentParser):
    """Raises BadSetting where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise BadSetting(f"{self.prog}: {message}.")
