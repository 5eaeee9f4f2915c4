"""Types of options: a value that is out of range is refused in a sentence that names the range."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from annotator.free_text import storable

MAX_DIGITS = 18
MAX_SHOWN = 40  # characters of a wrong value


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """The type of an option that is a whole number from low to high.

    >>> parser.add_argument("--assignments", type=whole_number(1, 100))
    """

    def parse(text: str) -> int:
        digits = text.removeprefix("-")
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
        if not is_number or not low <= int(text) <= high:
            raise ArgumentTypeError(
                f"must be a whole number from {low:,} to {high:,}, got {shown(text)}."
            )
        return int(text)

    return parse


def share(text: str) -> float:
    """The type of an option that is a share, from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # not a number compares as false
        raise ArgumentTypeError(f"must be a share, a number from 0 to 1, got {shown(text)}.")
    return value


def shown(text: str) -> str:
    """What the type of an option says about a wrong value: the value itself, shortened."""
    short = storable(text)[:MAX_SHOWN]
    return repr(short) + ("..." if len(text) > MAX_SHOWN else "")
