"""What a trial injected, accepted and left, as tables."""

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.chaos.crowd import Accepted


@dataclass
class Report:
    """What was injected, accepted and left.

    Attributes:
        injected: faults by name.
        recovery: the longest time from mending to a service that is ready, by fault.
        hanging: (first, last) monotonic second of each time in which the storage hung.
        lost: answers that were accepted and are not stored as they were sent.
        unfinished: what was not done by itself after the last fault.
    """

    minutes: float
    seed: int
    accepted: Accepted
    injected: Counter[str] = field(default_factory=Counter)
    recovery: dict[str, float] = field(default_factory=dict)
    hanging: list[tuple[float, float]] = field(default_factory=list)
    stored: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    cents: int = 0
    cents_off: int = 0
    done: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or doubled, no cent is off and nothing needed a hand."""
        wrong = (self.lost, self.doubled, self.cents_off, self.differing, self.by_hand)
        return not any(wrong) and not self.accepted.gave_up

    def __str__(self) -> str:
        accepted, times = self.accepted, sorted(s for _, s in self.accepted.seconds)
        hung = sorted(
            took for at, took in accepted.seconds
            if any(first <= at <= last for first, last in self.hanging)
        )  # fmt: skip
        rows = [
            ("minutes, seed", f"{self.minutes:g}, {self.seed}"),
            ("faults injected", f"{sum(self.injected.values())}"),
            ("people who came", f"{accepted.people}"),
            ("requests answered, refused or cut", _counts(accepted.statuses)),
            ("pictures answered, refused or cut", _counts(accepted.pictures)),
            ("seconds of a form: median, 95 %, longest", _spread(times)),
            ("the same while the storage hung", _spread(hung)),
            ("answers accepted", f"{len(accepted.answers)}"),
            ("answers stored", f"{self.stored}"),
            ("answers refused with a sentence", f"{len(accepted.refused)}"),
            ("answers lost", f"{len(self.lost)}"),
            ("answers or rewards doubled", f"{self.doubled}"),
            ("cents of rewards", f"{self.cents}"),
            ("cents off", f"{self.cents_off}"),
            ("dissections, analyses, publications done", _jobs(self.done)),
            ("files of dissections that differ from an undisturbed one", f"{len(self.differing)}"),
            ("people who gave up after three minutes", f"{len(accepted.gave_up)}"),
            ("runs that needed a hand", f"{len(self.by_hand)}"),
        ]
        lines = [f"| {name} | {value} |" for name, value in rows]
        faults = [
            f"| {name} | {count} | {self.recovery.get(name, 0):.1f} |"
            for name, count in sorted(self.injected.items())
        ]
        what = sorted({*self.lost, *self.differing, *self.by_hand, *accepted.gave_up})
        tables = [
            *("| what | how many |", "|---|---|", *lines, ""),
            *("| fault | times | seconds until ready |", "|---|---|---|", *faults, ""),
        ]
        return "\n".join([*tables, *what[:20]]).rstrip()


def _counts(statuses: Counter[int]) -> str:
    names = {0: "cut", 200: "200"}
    return ", ".join(f"{names.get(code, code)}: {n}" for code, n in sorted(statuses.items()))


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "-"
    middle, late = seconds[len(seconds) // 2], seconds[int(0.95 * (len(seconds) - 1))]
    return f"{middle:.2f}, {late:.2f}, {seconds[-1]:.1f}"


def _jobs(done: Counter[str]) -> str:
    return ", ".join(str(done[kind]) for kind in ("Run", "Analysis", "Publication"))
