"""The flow chart of exclusions: from accepted assignments to analysed answers, as SVG."""

from dataclasses import dataclass
from html import escape
from textwrap import wrap

from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.assignments import ExclusionFlow
from annotator.results.output.formatting import count
from annotator.results.output.palette import FONT, GRID, INK, MUTED, ROLES, in_page_colors

# Narrow, so that a phone need not draw it small: what leaves is written between the boxes.
WIDTH, BOX, GAP, LINE = 440, 190, 40, 17
LETTERS = 42  # of a reason, on one line
OF_NOTICE = 66


@dataclass(frozen=True, slots=True)
class Step:
    """One box on the left, and what leaves before it on the right."""

    title: str
    number: int
    leaving: tuple[tuple[str, int], ...]


def steps(flow: ExclusionFlow) -> tuple[Step, Step, Step]:
    """Accepted, submitted and analysed, with what left between them."""
    out = (("returned", flow.returned), ("expired", flow.expired), ("still open", flow.open))
    reasons = tuple((EXCLUSIONS[reason], n) for reason, n in flow.excluded.items())
    return (
        Step("Assignments accepted", flow.accepted, ()),
        Step("Answers submitted", flow.submitted, tuple(each for each in out if each[1])),
        Step("Answers analysed", flow.analysed, reasons),
    )


def flow_chart(flow: ExclusionFlow, notice: str | None = None) -> str:
    """The chart with roles for colors: see figures.for_page.

    Args:
        notice: what it says above all where no people answered.
    """
    parts, y = [], 10
    for line in wrap(f"{notice}.".capitalize(), OF_NOTICE) if notice else ():
        parts.append(
            f'<text x="10" y="{y + 8}" fill="{MUTED}" font-size="12">{escape(line)}</text>'
        )
        y += LINE
    for number, step in enumerate(steps(flow)):
        lines = [line for name, n in step.leaving for line in _wrapped(f"{count(n)} {name}")]
        if number:
            between = max(GAP, LINE * len(lines) + 20)
            parts.append(_arrow(10 + BOX / 2, y, between))
            if lines:
                parts.append(_leaving(10 + BOX / 2, y, between, lines))
            y += between
        parts.append(_box(step, y))
        y += 56
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" '
        f'width="{WIDTH}" height="{y + 10}" font-family="{FONT}" font-size="13">{body}</svg>'
    )


def alternative(flow: ExclusionFlow) -> str:
    """What the chart shows, in a sentence for each step."""
    told = []
    for step in steps(flow):
        left = ", ".join(f"{count(n)} {name}" for name, n in step.leaving)
        told.append(f"{step.title}: {count(step.number)}{f' after {left}' if left else ''}.")
    return " ".join(told)


def _box(step: Step, y: float) -> str:
    middle = 10 + BOX / 2
    return (
        f'<rect x="10" y="{y}" width="{BOX}" height="56" rx="4" fill="none" stroke="{MUTED}"/>'
        f'<text x="{middle}" y="{y + 23}" text-anchor="middle" fill="{INK}">{step.title}</text>'
        f'<text x="{middle}" y="{y + 43}" text-anchor="middle" fill="{INK}" '
        f'font-weight="bold">{count(step.number)}</text>'
    )


def _arrow(x: float, y: float, length: float) -> str:
    end = y + length
    return (
        f'<path d="M{x} {y}V{end - 1}M{x - 4} {end - 8}L{x} {end - 1}L{x + 4} {end - 8}" '
        f'fill="none" stroke="{MUTED}"/>'
    )


def _leaving(x: float, y: float, height: float, lines: list[str]) -> str:
    top = y + (height - LINE * len(lines)) / 2
    text = "".join(
        f'<text x="{x + 30}" y="{top + LINE * n + 13}" fill="{INK}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    return f'<path d="M{x} {y + height / 2}H{x + 22}" stroke="{GRID}" fill="none"/>{text}'


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= LETTERS:
            lines.append("   ")
        lines[-1] += f"{word} "
    return [line.rstrip() for line in lines]


def flow_for_page(flow: ExclusionFlow, notice: str | None = None) -> str:
    """The flow chart of exclusions as SVG for a page that has results.css."""
    return in_page_colors(flow_chart(flow, notice))


def flow_as_file(flow: ExclusionFlow, kind: str, notice: str | None = None) -> bytes:
    """The flow chart of exclusions as svg, pdf or png."""
    svg = flow_chart(flow, notice)
    for marker, (_, light) in ROLES.items():
        svg = svg.replace(marker, light)
    if kind == "svg":
        return svg.encode()
    import vl_convert  # which only a drawing pays for

    if kind == "pdf":
        return bytes(vl_convert.svg_to_pdf(svg))
    return bytes(vl_convert.svg_to_png(svg, scale=3))
