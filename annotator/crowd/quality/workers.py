"""How carefully each worker works (METHODS.md, "Worker quality"): numbers and reasons.

Nobody is excluded by them: `flagged` lists who could be, and by which rule, for a person to
decide, or for a report that shows the numbers without them beside the numbers with them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import NOTHING, Baseline, baseline_of, is_fast, others_of
from annotator.crowd.quality.signals import is_unseen
from annotator.models import Study

# The rules by which a worker is flagged, named beforehand: each needs enough to rest on.
FEWEST_CATCH, LEAST_CATCH = 6, 2 / 3  # asked about; marked at first submit
FEWEST_REPEATS, MOST_REPEATS = 6, 1 / 3  # shown; marked
FEWEST_KNOWN, LEAST_KNOWN = 3, 1 / 2  # control units; right
FEWEST_TIMED, MOST_FAST = 3, 1 / 2  # answers; too fast
FEWEST_TRACED, MOST_UNSEEN = 3, 1 / 2  # answers; with pictures hardly in view


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class WorkerQuality:
    """How one worker works; bad catch images and random images are in none of it.

    Attributes:
        catch: catch images marked at first submit. repeats: positive controls left unmarked.
        known: control units got right. agreement: mean over answers of the share of the others'
            answers that choose the same group, their own left out; None without others.
        fast, unseen: answers that were too fast, and with pictures hardly in view.
        seconds: the median of an answer.
    """

    answer_count: int
    catch: Share
    repeats: Share
    known: Share
    fast: Share
    unseen: Share
    agreement: float | None
    seconds: float | None


def worker_qualities(rows: Sequence[QualityRow]) -> dict[str, WorkerQuality]:
    """The quality of each worker, by key."""
    whole = baseline_of(rows)
    of_worker: dict[str, list[QualityRow]] = defaultdict(list)
    for row in rows:
        of_worker[row.worker].append(row)
    return {worker: worker_quality(own, whole) for worker, own in of_worker.items()}


def worker_quality(rows: Sequence[QualityRow], whole: Baseline) -> WorkerQuality:
    """The quality of one worker's answers, held against the study's."""
    asked = [row for row in rows if row.scores]
    catch = sum(len(row.catch - whole.bad_catch) for row in asked)
    kept = sum(len(row.catch_kept - whole.bad_catch) for row in asked)
    repeats = sum(row.repeat_shown for row in asked)
    known = [row.is_right for row in asked if row.is_right is not None]
    seconds = [row.seconds for row in rows if row.seconds is not None]
    timed = seconds if whole.usual_seconds is not None else []
    traced = [row for row in rows if row.trace is not None and row.trace.seen_ms]
    return WorkerQuality(
        answer_count=len(rows),
        catch=Share(catch - kept, catch),
        repeats=Share(repeats - sum(row.repeat_marked for row in asked), repeats),
        known=Share(sum(known), len(known)),
        fast=Share(sum(is_fast(row, whole) for row in rows), len(timed)),
        unseen=Share(sum(map(is_unseen, traced)), len(traced)),
        agreement=_agreement(asked, whole),
        seconds=median(seconds) if seconds else None,
    )


def _agreement(rows: Iterable[QualityRow], whole: Baseline) -> float | None:
    shares = []
    for row in rows:
        others = others_of(row, whole)
        if others:
            shares.append(others[row.group or NOTHING] / others.total())
    return fmean(shares) if shares else None


def flag_reasons(found: WorkerQuality) -> list[str]:
    """By which rules a worker is flagged, each with its numbers.

    Blind to concept and precision, and to agreement with others: leaving out who disagrees
    would raise the agreement that is reported.
    """
    catch, repeats, known = found.catch, found.repeats, found.known
    rules = [
        (
            catch.of >= FEWEST_CATCH and catch.count < LEAST_CATCH * catch.of,
            f"marked {catch.count} of {catch.of} catch images at first submit",
        ),
        (
            repeats.of >= FEWEST_REPEATS and repeats.of - repeats.count > MOST_REPEATS * repeats.of,
            f"marked {repeats.of - repeats.count} of {repeats.of} repeats of the best images",
        ),
        (
            known.of >= FEWEST_KNOWN and known.count < LEAST_KNOWN * known.of,
            f"got {known.count} of {known.of} control units right",
        ),
        (
            found.fast.of >= FEWEST_TIMED and found.fast.count >= MOST_FAST * found.fast.of,
            f"{found.fast.count} of {found.fast.of} answers took under a third of the median time",
        ),
        (
            found.unseen.of >= FEWEST_TRACED
            and found.unseen.count >= MOST_UNSEEN * found.unseen.of,
            f"{found.unseen.count} of {found.unseen.of} answers with pictures hardly in view",
        ),
    ]
    return [reason for applies, reason in rules if applies]


def flagged_workers(study: Study) -> dict[str, list[str]]:
    """Workers whom a rule flags, by key, with their reasons; by the answers as they stand now.

    Whom a reviewer has excluded already is flagged as well only if a rule does so.
    """
    reasons = {
        worker: flag_reasons(each) for worker, each in worker_qualities(quality_rows(study)).items()
    }
    return {worker: why for worker, why in sorted(reasons.items()) if why}
