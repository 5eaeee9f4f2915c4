"""`python -m dissect COMMAND`: looks into a network from the command line, without the service."""

import sys

from dissect.machine import rarely_collecting


def main() -> int:
    with rarely_collecting():
        from dissect.commands.command_line import main as run  # loads torch

        return run()


if __name__ == "__main__":
    sys.exit(main())
