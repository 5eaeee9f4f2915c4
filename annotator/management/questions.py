"""Questions that a command asks on a terminal before it does something for good."""

import sys


def can_ask() -> bool:
    """Whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty()


def says_yes(question: str) -> bool:
    """Ask a question on the terminal; anything but y or yes is a no."""
    return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
