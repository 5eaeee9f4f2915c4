"""How far a run is: a bar in the terminal, and rows, whose writing renews the lease."""

import time
from typing import Any

from django.db.models.functions import Now
from tqdm import tqdm

from annotator.models import Run

WRITE_EVERY_SECONDS = 1.0


class LostClaim(Exception):
    """Another worker has taken this over; whatever this one would write is void."""


class Progress:
    """Stages of a claimed run: `progress(stage, done, total)`."""

    def __init__(self, run: Run) -> None:
        self.run, self.stage, self.written_at = run, "", 0.0
        self.bar: tqdm | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        fields: dict[str, Any] = {}
        if stage != self.stage:
            self.close()
            self.stage, self.written_at = stage, 0.0
            self.bar = tqdm(total=total, desc=stage, disable=None)
            fields = {"began_at": Now(), "began_with": done}
        if self.bar is not None:
            self.bar.update(done - self.bar.n)
        if is_time(self.written_at) or done == total:
            self.written_at = time.monotonic()
            if not self.run.write(stage=stage, done_count=done, total_count=total, **fields):
                raise LostClaim

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def is_time(written_at: float) -> bool:
    return time.monotonic() - written_at >= WRITE_EVERY_SECONDS
