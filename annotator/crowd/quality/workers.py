"""Worker quality: how carefully each worker works (METHODS.md, "Worker quality").

No rule excludes anybody. `flagged_workers` lists whom a rule flags and why; a person decides, and
a report may show its numbers with and without them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import NOTHING, Baseline, baseline_of, others_of
from annotator.crowd.quality.signals import is_fast, is_unseen
from annotator.models import Study

# The rules that flag a worker, fixed beforehand. Each needs a minimum of observations.
MIN_CATCH, MIN_CATCH_MARKED = 6, 2 / 3  # catch images shown; share marked at first submit
MIN_REPEATS, MAX_REPEATS_MARKED = 6, 1 / 3  # repeats shown; share marked
MIN_CONTROLS, MIN_CONTROLS_RIGHT = 3, 1 / 2  # control units answered; share right
MIN_TIMED, MAX_FAST = 3, 1 / 2  # timed answers; share that is too fast
MIN_TRACED, MAX_WITH_UNSEEN = 3, 1 / 2  # traced answers; share with pictures hardly in view


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class WorkerQuality:
    """The quality of one worker. It uses neither bad catch images nor random images.

    Attributes:
        catch: catch images marked at first submit.
        repeats: positive controls left unmarked.
        known: control units answered right.
        fast: answers that were too fast.
        unseen: answers with pictures that were hardly in view.
        agreement: the mean, over answers, of the share of the others' answers about the unit that
            choose the same group; None without others.
        seconds: the median time of an answer.
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
    """How carefully each worker works, by key: the quality of all workers."""
    baseline = baseline_of(rows)
    of_worker: dict[str, list[QualityRow]] = defaultdict(list)
    for row in rows:
        of_worker[row.worker].append(row)
    return {worker: worker_quality(own, baseline) for worker, own in of_worker.items()}


def worker_quality(rows: Sequence[QualityRow], baseline: Baseline) -> WorkerQuality:
    """The quality of one worker: shares, agreement and median time over all their answers.

    Args:
        rows: the worker's answers.
        baseline: of all answers of the study.
    """
    scored = [row for row in rows if row.scores]
    catch = sum(len(row.catch - baseline.bad_catch) for row in scored)
    kept = sum(len(row.catch_kept - baseline.bad_catch) for row in scored)
    repeats = sum(row.repeat_shown for row in scored)
    known = [row.is_right for row in scored if row.is_right is not None]
    seconds = [row.seconds for row in rows if row.seconds is not None]
    timed = seconds if baseline.usual_seconds is not None else []
    traced = [row for row in rows if row.trace is not None and row.trace.seen_ms]
    return WorkerQuality(
        answer_count=len(rows),
        catch=Share(catch - kept, catch),
        repeats=Share(repeats - sum(row.repeat_marked for row in scored), repeats),
        known=Share(sum(known), len(known)),
        fast=Share(sum(is_fast(row, baseline) for row in rows), len(timed)),
        unseen=Share(sum(map(is_unseen, traced)), len(traced)),
        agreement=_agreement(scored, baseline),
        seconds=median(seconds) if seconds else None,
    )


def _agreement(rows: Iterable[QualityRow], baseline: Baseline) -> float | None:
    shares = []
    for row in rows:
        others = others_of(row, baseline)
        if others:
            shares.append(others[row.group or NOTHING] / others.total())
    return fmean(shares) if shares else None


def flag_reasons(quality: WorkerQuality) -> list[str]:
    """Why a worker is flagged, by the rules for worker quality: each reason with its numbers.

    They use neither concept nor precision, nor agreement with others: excluding workers who
    disagree would raise the agreement that is reported.
    """
    catch, repeats, known = quality.catch, quality.repeats, quality.known
    fast, unseen = quality.fast, quality.unseen
    rules = [
        (
            catch.of >= MIN_CATCH and catch.count < MIN_CATCH_MARKED * catch.of,
            f"marked {catch.count} of {catch.of} catch images at first submit",
        ),
        (
            repeats.of >= MIN_REPEATS
            and repeats.of - repeats.count > MAX_REPEATS_MARKED * repeats.of,
            f"marked {repeats.of - repeats.count} of {repeats.of} repeats of the best images",
        ),
        (
            known.of >= MIN_CONTROLS and known.count < MIN_CONTROLS_RIGHT * known.of,
            f"got {known.count} of {known.of} control units right",
        ),
        (
            fast.of >= MIN_TIMED and fast.count >= MAX_FAST * fast.of,
            f"{fast.count} of {fast.of} answers took under a third of the median time",
        ),
        (
            unseen.of >= MIN_TRACED and unseen.count >= MAX_WITH_UNSEEN * unseen.of,
            f"{unseen.count} of {unseen.of} answers with pictures hardly in view",
        ),
    ]
    return [reason for applies, reason in rules if applies]


def flagged_workers(study: Study) -> dict[str, list[str]]:
    """Workers whom a quality rule flags, by key, with the reasons.

    A worker whom a reviewer has excluded is listed only if a rule flags them as well.
    """
    reasons = {
        worker: flag_reasons(each) for worker, each in worker_qualities(quality_rows(study)).items()
    }
    return {worker: why for worker, why in sorted(reasons.items()) if why}
