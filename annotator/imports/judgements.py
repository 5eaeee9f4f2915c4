"""How many pictures a line's worker judged, and how many of them fitted."""

from collections.abc import Iterable

from annotator.imports.errors import ImportRefused
from annotator.imports.tables import Line

MOST_SHOWN = 1000
UNKNOWN = 0  # pictures shown, of a line that only gives its precision
# Less than half a picture of MOST_SHOWN, more than the rounding of six written digits.
TOLERANCE = 1e-3


def judged(line: Line) -> tuple[float, int, int]:
    """(precision, fitting, shown) of a line; shown is UNKNOWN where there is only a precision.

    Raises:
        ImportRefused: they are missing, out of range, or contradict each other.
    """
    shown = line.whole("shown") if line.values.get("shown") else UNKNOWN
    if shown and line.values.get("fitting"):
        fitting = line.whole("fitting")
        if fitting > shown:
            raise ImportRefused(
                f"Line {line.number}: fitting is {fitting}, but only {shown} were shown."
            )
        precision = fitting / shown
    elif line.values.get("precision"):
        precision = _precision(line)
        fitting = round(precision * shown)
    else:
        raise ImportRefused(
            f"Line {line.number}: there is neither a precision nor fitting and shown."
        )
    _check_agreement(line, precision, fitting, shown)
    return precision, fitting, shown


def shown_by(precisions: Iterable[float]) -> int:
    """The smallest number of pictures of which every precision is a whole count.

    The released answers give 57: their HITs showed 60, of which 3 were catch trials.
    """
    different = sorted(set(precisions))
    for shown in range(1, MOST_SHOWN + 1):
        if all(abs(p * shown - round(p * shown)) < 1e-6 for p in different):
            return shown
    raise ImportRefused(
        f"No number of pictures up to {MOST_SHOWN} makes every precision a whole count: give the "
        "columns fitting and shown, or the precisions with more digits."
    )


def _precision(line: Line) -> float:
    value = line.values["precision"]
    try:
        precision = float(value)
    except ValueError:
        precision = -1.0
    if not 0 <= precision <= 1:
        raise ImportRefused(f"Line {line.number}: precision must be from 0 to 1, got {value!r}.")
    return precision


def _check_agreement(line: Line, precision: float, fitting: int, shown: int) -> None:
    written = _precision(line) if line.values.get("precision") else precision
    if shown and abs(written * shown - fitting) > TOLERANCE * shown:
        raise ImportRefused(
            f"Line {line.number}: precision {written:g} of {shown} shown is not {fitting} fitting."
        )
