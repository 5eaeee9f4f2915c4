"""manage.py doctor"""

from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.operations.doctor import CHECKS, findings


class Command(BaseCommand):
    help = (
        "Check this installation and say in words what is wrong: database, clock, broker and "
        "workers, storage, missing pictures, static files, disk, mail, address and proxy, GPU. "
        "Ends with status 1 if something has to be done."
    )

    def handle(self, **options: Any) -> None:
        problems = 0
        for finding in findings({**CHECKS, "gpu": check_gpu}):
            mark = "ok     " if finding.is_ok else "PROBLEM"
            self.stdout.write(f"{mark}  {finding.name:<12}  {finding.sentence}")
            self.stdout.flush()
            problems += not finding.is_ok
        if problems:
            one = problems == 1
            raise CommandError(f"{problems} problem{'' if one else 's'} to mend, named above.")


def check_gpu() -> str:
    """Which GPUs a dissection could use here; web machines have no torch."""
    if find_spec("torch") is None:
        return "torch is not installed: this machine serves pages and does not dissect."
    from annotator.dissection_jobs.devices import describe_devices

    return describe_devices()
