"""Questions as command lines: the same options, defaults and refusals for whoever asks."""

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from dissect.commands import COMMANDS
from dissect.commands.command import Command, Data, bar
from dissect.errors import BadSetting
from dissect.topk.batches import Progress

Bar = Callable[..., Progress]  # from what is done (and its unit, "image") to who is told how far


def declare(command: Command, parser: argparse.ArgumentParser) -> None:
    """Give a parser a command's options."""
    command.arguments(parser)
    parser.set_defaults(progress=bar)


def ask(name: str, arguments: Sequence[str], progress: Bar = bar) -> Data:
    """What `python -m dissect NAME ARGUMENTS --format json` prints.

    Raises:
        DissectError: as the command says; BadSetting for arguments that it does not take.
    """
    commands = {command.name: command for command in COMMANDS}
    if name not in commands:
        raise BadSetting(f"There is no command {name!r}; there are {', '.join(commands)}.")
    parser = _Refusing(prog=name, add_help=False)
    declare(commands[name], parser)
    options = parser.parse_args(arguments)
    options.progress = progress
    return commands[name].answer(options)


class _Refusing(argparse.ArgumentParser):
    """Says what is wrong by an error of ours instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise BadSetting(f"{self.prog}: {message}.")
