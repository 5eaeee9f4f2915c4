"""Draws the rooms from the imports: docs/pictures/architecture.svg, and a table in its page.

    make architecture

A box is a room: a package or module of the first level. Each stands on its floor of
tests/house/floors.py, the ground floor at the bottom. A line says that the upper room imports the
lower one; lines that follow from two others are left out.
"""

import ast
from html import escape

from tests.house.floors import FLOORS, child_of, floor_of
from tests.house.reading import ROOT, imports

PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- rooms: `make architecture` writes them -->", "<!-- end of rooms -->"
HALVES = ["dissect", "annotator"]
LETTER, PADDING, HEIGHT, GAP, FLOOR = 7.2, 10, 26, 14, 58  # px
WIDTHS = {"dissect": 330, "annotator": 1010}  # px of each half
LEFT_OUT = {"__main__", "migrations"}

Edge = tuple[str, str]
Box = tuple[float, float, float]  # left, top, width


def main() -> None:
    PICTURE.write_text(picture())
    PAGE.write_text(page(PAGE.read_text()))


def rooms(half: str) -> list[list[str]]:
    """The rooms of a half by floor, the ground floor first."""
    return [sorted(floor - LEFT_OUT) for floor in FLOORS[half] if floor - LEFT_OUT]


def edges(half: str) -> set[Edge]:
    """Which room imports which, without what follows from two other imports."""
    every = {
        (by, of)
        for one in imports(half)
        if (by := child_of(half, one.by)) != (of := child_of(half, one.of))
        and not {by, of} & LEFT_OUT
        and None not in (floor_of(half, by), floor_of(half, of))
    }
    return {edge for edge in every if edge not in _via_others(every)}


def joined(first: set[Edge], second: set[Edge]) -> set[Edge]:
    """Where one leads of `first` and then one of `second`."""
    return {(by, of) for by, middle in first for start, of in second if start == middle}


def _via_others(every: set[Edge]) -> set[Edge]:
    """Pairs of rooms between which there is a way over at least one other room."""
    ways = joined(every, every)
    while more := joined(ways, every) - ways:
        ways |= more
    return ways


def purpose(half: str, room: str) -> str:
    """The first line of a room's docstring."""
    package, module = ROOT / half / room / "__init__.py", ROOT / half / f"{room}.py"
    text = ast.get_docstring(ast.parse((package if package.exists() else module).read_text()))
    return text.splitlines()[0] if text else ""


def boxes(half: str, left: float, height: float) -> dict[str, Box]:
    """Where each room of a half is drawn, each floor in the middle of the half's width."""
    places = {}
    for number, floor in enumerate(rooms(half), start=1):
        widths = [len(room) * LETTER + 2 * PADDING for room in floor]
        x = left + (WIDTHS[half] - sum(widths) - GAP * (len(floor) - 1)) / 2
        for room, width in zip(floor, widths, strict=True):
            places[room] = (x, height - number * FLOOR, width)
            x += width + GAP
    return places


def picture() -> str:
    """Both halves as SVG, with a title for each room, which browsers show on hovering."""
    height = FLOOR * max(len(rooms(half)) for half in HALVES) + 40
    width = sum(WIDTHS.values())
    parts, left, all_boxes = [], 0.0, {}
    for half in HALVES:
        all_boxes[half] = places = boxes(half, left, height)
        title_at = f'x="{left + WIDTHS[half] / 2:.0f}" y="24"'
        parts.append(f'<text class="half" {title_at}>{half}/</text>')
        parts += [_line(places[by], places[of]) for by, of in sorted(edges(half))]
        parts += [_box(half, room, box) for room, box in places.items()]
        left += WIDTHS[half]
    reads = [all_boxes["annotator"][room] for room in ("dissection_reader", "dissection_jobs")]
    seam = all_boxes["dissect"]["format"]
    parts += [_seam(box, seam) for box in reads]
    style = (
        "text{font:12px ui-monospace,monospace;text-anchor:middle;fill:#1f2328}"
        ".half{font-weight:bold;font-size:15px}rect{fill:#f6f8fa;stroke:#59636e}"
        "path{fill:none;stroke:#0969da;opacity:.35}.seam{stroke:#bc4c00;opacity:.9;stroke-width:2}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f"<style>{style}</style>"
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _box(half: str, room: str, box: Box) -> str:
    left, top, width = box
    return (
        f"<g><title>{escape(purpose(half, room))}</title>"
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{HEIGHT}" rx="4"/>'
        f'<text x="{left + width / 2:.0f}" y="{top + 17:.0f}">{room}</text></g>'
    )


def _line(upper: Box, lower: Box) -> str:
    """A curve from the bottom of one box to the top of another."""
    x1, y1, x2, y2 = upper[0] + upper[2] / 2, upper[1] + HEIGHT, lower[0] + lower[2] / 2, lower[1]
    middle = (y1 + y2) / 2
    curve = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return f'<path d="{curve}"/>'


def _seam(reader: Box, seam: Box) -> str:
    """A curve from the left of a box of one half to the right of a box of the other."""
    x1, y1 = reader[0], reader[1] + HEIGHT / 2
    x2, y2 = seam[0] + seam[2], seam[1] + HEIGHT / 2
    curve = f"M{x1:.0f} {y1:.0f}C{x1 - 120:.0f} {y1:.0f} {x2 + 160:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return f'<path class="seam" d="{curve}"/>'


def page(text: str) -> str:
    """The page with a table of rooms between its two marks."""
    rows = [
        f"| `{half}/{room}` | {purpose(half, room)} |"
        for half in HALVES
        for floor in reversed(rooms(half))
        for room in floor
        if purpose(half, room)
    ]
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    table = "\n".join(["| room | what it does |", "|---|---|", *rows])
    return f"{before}{START}\n\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    main()
