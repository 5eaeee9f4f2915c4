"""Runs jobs at the same moment, each with a database connection of its own."""

import threading
from functools import partial

from django.db import connection


def run_at_once(*jobs):
    """Run each job in a thread; all start together. Returns their results, in order of the jobs."""
    start, errors = threading.Barrier(len(jobs)), []
    results = [None] * len(jobs)

    def run(number, job):
        try:
            start.wait()
            results[number] = job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return results


def for_each_at_once(job, arguments):
    """Run a job at the same moment for each of several arguments."""
    return run_at_once(*(partial(job, argument) for argument in arguments))
