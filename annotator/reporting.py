"""Makes reports: their numbers are the results', whom a rule flags is the crowd's."""

from annotator.crowd.quality.workers import flagged
from annotator.models import Snapshot, Study
from annotator.results.loading.answers import Crowd
from annotator.results.output import snapshots


def take(study: Study, crowd: Crowd | None = None, variant: str = "") -> Snapshot:
    """The snapshot of a study's answers as they stand now; made unless it is there.

    Args:
        crowd: whose answers; None is people's as soon as there are any.
        variant: which answers count, a key of variants.VARIANTS.
    """
    return snapshots.take(study, crowd, variant, lambda: flagged(study))


def take_all(study: Study) -> list[Snapshot]:
    """Every kind of snapshot of a study that somebody asked for before, and the usual one."""
    return [take(study, *kind) for kind in snapshots.kinds(study)]
