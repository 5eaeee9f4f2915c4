"""Signals: reasons for a reviewer to look at an answer. A signal is never a verdict.

docs/reviewing.md explains each of them and its bound.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from annotator.crowd.quality.answer_rows import QualityRow
from annotator.crowd.quality.baseline import NOTHING, Baseline, baseline_of, others_of, words_of

MAX_MARKED = 0.9  # of all pictures: who marks everything also marks every catch image
MAX_FOCUS_LOST = 3
MIN_VIEW_MS = 250  # about one look: a picture that was in view for less was not judged
MAX_UNSEEN = 0.1  # of the pictures
MAX_HIDDEN = 0.1  # of the pictures: what is hidden is not judged
MIN_SAME_WORDS = 3  # units that one worker names with words that nobody else uses for them
GROUPS = [
    '"nothing in common"',
    "simple elements",
    "materials",
    "regions",
    "object parts",
    "objects",
    "scenes",
]
TOO_FAST = 1 / 3  # of the study's median time


class Signal(NamedTuple):
    """A reason: a key of SIGNALS, and a phrase with the numbers behind it."""

    key: str
    reason: str


def signals(rows: Sequence[QualityRow]) -> dict[int, list[Signal]]:
    """The signals, or reasons to look at an answer, by assignment; those without are left out."""
    baseline = baseline_of(rows)
    signals = ((row.assignment, signals_of(row, baseline)) for row in rows)
    return {assignment: reasons for assignment, reasons in signals if reasons}


def signals_of(row: QualityRow, baseline: Baseline) -> list[Signal]:
    """The signals against one answer, in the order of SIGNALS."""
    reasons = ((key, reason_of(row, baseline)) for key, (_, reason_of) in SIGNALS.items())
    return [Signal(key, reason) for key, reason in reasons if reason]


def _catch(row: QualityRow, baseline: Baseline) -> str:
    shown, kept = row.catch - baseline.bad_catch, row.catch_kept - baseline.bad_catch
    if not (row.scores and kept):
        return ""
    return f"left {len(kept)} of {len(shown)} catch images at first submit"


def _repeats(row: QualityRow, baseline: Baseline) -> str:
    if not (row.scores and row.repeat_marked):
        return ""
    return f"marked {row.repeat_marked} of {row.repeat_shown} repeats of the unit's best images"


def _control(row: QualityRow, baseline: Baseline) -> str:
    if row.is_right is not False:
        return ""
    return f"control unit: {row.concept or 'nothing in common'!r} is not its known answer"


def _fast(row: QualityRow, baseline: Baseline) -> str:
    if not is_fast(row, baseline):
        return ""
    return f"took {row.seconds:.0f} s where the study's median is {baseline.usual_seconds:.0f} s"


def is_unseen(row: QualityRow) -> bool:
    """The signal that over a tenth of the pictures were hardly in view, if the page reported it."""
    return _unseen_count(row) > MAX_UNSEEN * row.judged


def _unseen_count(row: QualityRow) -> int:
    if row.trace is None or not row.trace.seen_ms:  # the page reported nothing
        return 0
    seen = sum(milliseconds >= MIN_VIEW_MS for milliseconds in row.trace.seen_ms.values())
    return max(0, row.judged - seen)


def _unseen(row: QualityRow, baseline: Baseline) -> str:
    if not is_unseen(row):
        return ""
    count = f"{_unseen_count(row)} of {row.judged}"
    return f"{count} pictures were in view for less than a quarter of a second"


def _hidden(row: QualityRow, baseline: Baseline) -> str:
    total = row.judged + row.hidden
    if row.hidden <= MAX_HIDDEN * total:
        return ""
    return f"hid {row.hidden} of {total} pictures"


def _share(row: QualityRow, baseline: Baseline) -> str:
    if not row.scores or row.says == "nothing" or not row.judged:
        return ""
    if row.mark_count == 0 and row.catch - baseline.bad_catch:
        return f"marked none of {row.judged} pictures"
    if row.mark_count == row.judged:
        return f"marked all {row.judged} pictures"
    if row.mark_count > MAX_MARKED * row.judged:
        return f"marked {row.mark_count} of {row.judged} pictures, above {MAX_MARKED:.0%}"
    return ""


def _apart(row: QualityRow, baseline: Baseline) -> str:
    """Says that most of the other answers, two at least, agree on another group."""
    if not row.scores:
        return ""
    own = row.group or NOTHING
    others = others_of(row, baseline)
    for group, count in others.most_common(1):
        if others.total() >= 2 and 2 * count > others.total() and group != own:
            majority = f"{count} of {others.total()} others say {GROUPS[group]}"
            return f"says {GROUPS[own]} where {majority}"
    return ""


def _pasted(row: QualityRow, baseline: Baseline) -> str:
    if row.trace is None or not row.trace.paste_count:
        return ""
    return f"pasted into the concept {_times(row.trace.paste_count)}"


def _away(row: QualityRow, baseline: Baseline) -> str:
    if row.trace is None or row.trace.focus_lost_count <= MAX_FOCUS_LOST:
        return ""
    return f"left the page {_times(row.trace.focus_lost_count)} while at work"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _wording(row: QualityRow, baseline: Baseline) -> str:
    """Says that the worker names several units with words that nobody else uses for them."""
    words = words_of(row)
    units = baseline.same_words.get((row.worker, words), set())
    alone = {unit for unit in units if len(baseline.sayers[unit, words]) == 1}
    if len(alone) < MIN_SAME_WORDS or row.unit not in alone:
        return ""
    return f"named {len(alone)} units {row.concept!r}, which nobody else did"


SIGNALS: dict[str, tuple[Any, Callable[[QualityRow, Baseline], str]]] = {
    "catch": (_("catch images left"), _catch),
    "repeats": (_("repeats marked"), _repeats),
    "known": (_("control unit wrong"), _control),
    "fast": (_("too fast"), _fast),
    "unseen": (_("not looked at"), _unseen),
    "hidden": (_("pictures hidden"), _hidden),
    "share": (_("marked all or none"), _share),
    "apart": (_("apart from the others"), _apart),
    "pasted": (_("pasted"), _pasted),
    "away": (_("away from the page"), _away),
    "wording": (_("same words again"), _wording),
}
# The signals that may lead to an exclusion: they use neither concept nor precision. The name of a
# control unit is judged, but by an answer known beforehand, which is not a result.
BLIND = {"catch", "repeats", "known", "fast", "unseen", "hidden", "pasted", "away"}


def blind_signals(signals: Iterable[Signal]) -> list[Signal]:
    """Those signals that use neither concept nor precision."""
    return [signal for signal in signals if signal.key in BLIND]


def is_fast(row: QualityRow, baseline: Baseline) -> bool:
    """The signal that an answer took under a third of the study's median time."""
    if row.seconds is None or baseline.usual_seconds is None:
        return False
    return row.seconds < TOO_FAST * baseline.usual_seconds
