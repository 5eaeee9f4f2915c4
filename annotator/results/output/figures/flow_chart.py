"""The flow chart of exclusions: from accepted assignments to analyzed answers, as SVG."""

from dataclasses import dataclass
from html import escape
from textwrap import wrap

from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.output.figures.rendering import FONT, GRID, INK, MUTED
from annotator.results.output.formatting import count
from annotator.results.report.who_answered import ExclusionFlow

# Narrow, so that it fits a phone: what leaves the flow is written between the boxes.
WIDTH, BOX, GAP, LINE = 440, 190, 40, 17
MAX_REASON_LETTERS = 42  # on one line
MAX_NOTICE_LETTERS = 66
OF_THESE_OPENED = "of these excluded after their words were open to the reviewer: not blind"


@dataclass(frozen=True, slots=True)
class Step:
    """One box on the left, and on the right what leaves the flow before it."""

    title: str
    number: int
    leaving: tuple[tuple[str, int], ...]


def steps(flow: ExclusionFlow) -> tuple[Step, Step, Step]:
    """The boxes of the flow chart of exclusions: accepted, submitted and analyzed."""
    out = (("returned", flow.returned), ("expired", flow.expired), ("still open", flow.open))
    reasons = tuple((EXCLUSIONS[reason], n) for reason, n in flow.excluded.items())
    if flow.opened:
        reasons += ((OF_THESE_OPENED, flow.opened),)
    return (
        Step("Assignments accepted", flow.accepted, ()),
        Step("Answers submitted", flow.submitted, tuple(each for each in out if each[1])),
        Step("Answers analyzed", flow.analysed, reasons),
    )


def flow_chart(flow: ExclusionFlow, notice: str | None = None) -> str:
    """Draw the flow chart of exclusions as SVG with color markers: see rendering.

    Args:
        notice: shown on top where the answers are simulated.
    """
    parts, y = [], 10
    for line in wrap(f"{notice}.".capitalize(), MAX_NOTICE_LETTERS) if notice else ():
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


def flow_alt_text(flow: ExclusionFlow) -> str:
    """Describe the flow chart of exclusions, a sentence for each step."""
    sentences = []
    for step in steps(flow):
        leaving = ", ".join(f"{count(n)} {name}" for name, n in step.leaving)
        sentences.append(
            f"{step.title}: {count(step.number)}{f' after {leaving}' if leaving else ''}."
        )
    return " ".join(sentences)


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
        if len(lines[-1]) + len(word) >= MAX_REASON_LETTERS:
            lines.append("   ")
        lines[-1] += f"{word} "
    return [line.rstrip() for line in lines]
