"""Answers analyses: the questions of `python -m dissect`, asked on a page.

The command line is made from the row, asked in this process, and its answer is what
`--format json` prints; the pictures that it writes go into the storage, named by their content.
"""

import hashlib
import logging
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db.models.functions import Now
from tqdm import tqdm

from annotator import storage
from annotator.dissection_jobs.command_lines import Refused, arguments_of
from annotator.dissection_jobs.progress import LostClaim, is_time
from annotator.models import Analysis
from dissect.commands.runner import run_command
from dissect.errors import DissectError

log = logging.getLogger(__name__)

MAX_CLAIMS = 2
FOLDER = "analyses"  # of pictures in the storage


def analyse(analysis: Analysis) -> None:
    """Answer a claimed analysis, or end it with a sentence that says why not."""
    if analysis.claim_number > MAX_CLAIMS:
        _fail(analysis, _lost_too_often())
        return
    try:
        _answer(analysis)
    except LostClaim:
        log.warning("%s was taken over by another worker; this one stops.", analysis)
    except (DissectError, storage.StorageDown, Refused) as error:
        _fail(analysis, str(error))
    except Exception as error:
        _fail(analysis, f"{type(error).__name__}: {error}")
        raise


def _answer(analysis: Analysis) -> None:
    with tempfile.TemporaryDirectory(prefix="analysis-") as name:
        folder = Path(name)
        asked = arguments_of(analysis, folder)
        out = folder / "out"
        result = run_command(analysis.kind, asked, _watched(analysis))
        result = plain(result, {f"{out}/": "", f"{analysis.network.study.image_source}/": ""})
        pictures = dict(_kept(out))
    if not analysis.write(
        status=Analysis.Status.DONE,
        result=result,
        pictures=pictures,
        error="",
        finished_at=Now(),
    ):
        raise LostClaim


def _watched(analysis: Analysis) -> Callable[..., Callable[[int, int], None]]:
    """Bars that also tell the row how far its answer is, which renews the lease."""

    def bar(what: str, unit: str = "image") -> Callable[[int, int], None]:
        shown = tqdm(desc=what, unit=unit, disable=None)
        written_at = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal written_at
            shown.total = total
            shown.update(done - shown.n)
            if is_time(written_at) or done == total:
                written_at = time.monotonic()
                if not analysis.write(done_count=done, total_count=total):
                    raise LostClaim
            if done == total:
                shown.close()

        return progress

    return bar


def _kept(out: Path) -> Iterator[tuple[str, str]]:
    """Store what a command wrote: its name to the name of its content."""
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
        storage.keep(f"{FOLDER}/{name}", lambda content=content: content)
        yield path.relative_to(out).as_posix(), name


def plain(value: Any, shortened: dict[str, str]) -> Any:
    """An answer as every database takes it: no NaN, and no path of this machine.

    Args:
        shortened: what a text may begin with, and what stands for it then.
    """
    if isinstance(value, dict):
        return {key: plain(one, shortened) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one, shortened) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        for start, short in shortened.items():
            if value.startswith(start):
                return short + value.removeprefix(start)
    return value


def _fail(analysis: Analysis, error: str) -> None:
    analysis.write(status=Analysis.Status.FAILED, error=error, finished_at=Now())


def _lost_too_often() -> str:
    return (
        f"Its worker was lost {MAX_CLAIMS} times, so it probably needs more memory than a worker "
        "has: ask for fewer units or images."
    )
