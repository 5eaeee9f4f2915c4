"""Whether this worker was asked to stop: its job then ends at the next step, and loses nothing."""

import mmap

# One byte that the processes forked from this one share; unlike an event it has no lock that a
# killed process could keep.
_asked = mmap.mmap(-1, 1)


class WorkerStopping(BaseException):
    """The worker stops, so its job is put back into the queue. No error, like KeyboardInterrupt."""


def ask() -> None:
    """Ask the jobs of this process, and of those forked from it, to stop."""
    _asked[0] = 1


def is_asked() -> bool:
    return bool(_asked[0])


def withdraw() -> None:
    """Let jobs go on: nobody asks this process to stop any more."""
    _asked[0] = 0


def stop_if_asked() -> None:
    """End a job here if its worker was asked to stop.

    Raises:
        WorkerStopping: it was.
    """
    if is_asked():
        raise WorkerStopping
