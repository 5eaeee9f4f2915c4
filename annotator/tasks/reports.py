"""Snapshots of reports, made by tasks and, of small studies, by pages."""

import logging
from collections.abc import Callable

from celery import shared_task

from annotator.crowd.quality.workers import flagged_workers
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.models import Snapshot, Study
from annotator.results.loading.answers import Crowd
from annotator.results.output.snapshots import lifecycle
from annotator.storage import StorageDown
from annotator.tasks.jobs import REPEATED

log = logging.getLogger(__name__)


def current_snapshot(
    study: Study,
    crowd: Crowd | None = None,
    variant: str = "",
    reader: Callable[[Snapshot], object] | None = None,
) -> Snapshot:
    """The snapshot that report tasks, pages and commands read: of current answers, made if needed.

    Its numbers come from `results`, which knows no crowd; the workers that a quality rule flags
    come from `crowd`. This is where both meet.

    Args:
        crowd: whose answers count; None is people's as soon as there are any.
        variant: which answers count, a key of variants.VARIANTS.
        reader: called with the snapshot, and reads the database as at the same moment.

    Raises:
        StorageDown: the snapshot cannot be stored.
    """
    return lifecycle.take(study, crowd, variant, lambda: flagged_workers(study), reader)


@shared_task(
    name="annotator.tasks.take_snapshot", acks_late=True, reject_on_worker_lost=True, **REPEATED
)
def take_snapshot(study_id: int) -> None:
    """Celery task: make each kind of snapshot requested of a study, and the default one.

    Idempotent: a snapshot is named by the data that it is made of. A kind that cannot be made
    keeps no other one waiting.
    """
    from annotator.results.output.figures.page_figures import figures_in

    study = Study.objects.get(pk=study_id)
    for crowd, variant in lifecycle.kinds(study):
        if not lifecycle.begin(study, crowd, variant):
            continue
        try:
            figures_in(current_snapshot(study, crowd, variant))
        except DATABASE_AWAY:
            raise
        except StorageDown as error:
            log.warning("A report of study %s cannot be stored: %s", study, error)
            lifecycle.note_failure(study, crowd, variant, str(error))
        except Exception as error:
            log.exception("A report of study %s cannot be made.", study)
            lifecycle.note_failure(study, crowd, variant, f"{type(error).__name__}: {error}")
