"""The progress of claimed jobs: a bar in the terminal, and a row whose writing renews the lease."""

import math
import time
from collections.abc import Callable
from typing import Any

from django.db.models.functions import Now
from tqdm import tqdm

from annotator.dissection_jobs.claims import write_claimed
from annotator.interruptions import stopping
from annotator.models import Run
from annotator.models.claims import Claimable

WRITE_EVERY_SECONDS = 1.0
StageProgress = Callable[[str, int, int], None]  # stage, done, total


class RowProgress:
    """Writes the progress of a claimed row, at most once a second, which renews its lease."""

    def __init__(self, row: Claimable) -> None:
        self.row, self.written_at = row, -math.inf

    def write(self, is_due: bool = False, **fields: Any) -> bool:
        """Write fields if a second has passed, or if it is due anyway. True if it wrote.

        Raises:
            LostClaim: as `write_claimed`.
            WorkerStopping: the worker was asked to stop, so this step is the job's last here.
        """
        stopping.stop_if_asked()
        self.row.stepped_at = at = time.monotonic()
        if not is_due and at - self.written_at < WRITE_EVERY_SECONDS:
            return False
        self.written_at = at
        write_claimed(self.row, **fields)
        return True


class StageBar:
    """A bar on stderr for each stage, only where that is a terminal: `bar(stage, done, total)`."""

    def __init__(self) -> None:
        self.stage = ""
        self.bar: tqdm | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.close()
            self.stage = stage
            self.bar = tqdm(total=total, desc=stage, disable=None)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self) -> "StageBar":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class RunProgress(StageBar):
    """The stages of a claimed run, on its row as well; raises LostClaim as RowProgress does."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.row = RowProgress(run)

    def __call__(self, stage: str, done: int, total: int) -> None:
        begins = stage != self.stage
        super().__call__(stage, done, total)
        fields = {"began_at": Now(), "began_with": done} if begins else {}
        is_due = begins or done == total
        self.row.write(is_due, stage=stage, done_count=done, total_count=total, **fields)
