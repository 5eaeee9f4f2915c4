"""No mixed crowds: a study has answers of people or of simulated workers, never of both."""

from django.utils.translation import gettext as _

from annotator.crowd.errors import MixedCrowd
from annotator.models import Assignment, Study, Worker


def refuse_mixing(study_id: int, kind: str) -> None:
    """Refuse a mixed crowd: people in a study that simulated workers answer.

    Args:
        kind: of the worker who wants to enter.

    Raises:
        MixedCrowd: simulated workers answer this study, and `kind` is another.
    """
    simulated = Worker.objects.filter(study_id=study_id, kind=Worker.Kind.SIMULATED)
    if kind != Worker.Kind.SIMULATED:
        refuse_mixed(kind, simulated.exists())


def refuse_mixed(kind: str, has_simulated: bool) -> None:
    """As `refuse_mixing`, of a study of which it is known whether simulated workers answer it."""
    if kind != Worker.Kind.SIMULATED and has_simulated:
        raise MixedCrowd(
            _(
                "Simulated workers answer this study, and their answers never mix with people's; "
                "please make another study for people."
            )
        )


def refuse_simulation(study: Study) -> None:
    """Refuse a mixed crowd: simulated workers in a study that people answer.

    Call it in the transaction that creates the workers: it locks the study until the end.

    Raises:
        MixedCrowd: somebody has taken a HIT of this study.
    """
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    people = Assignment.objects.filter(worker__study=study).exclude(
        worker__kind=Worker.Kind.SIMULATED
    )
    if people.exists():
        raise MixedCrowd(
            _(
                "People answer study %(study)s, and simulated answers never mix with theirs; "
                "please make another study for simulated workers."
            )
            % {"study": study}
        )


def is_simulated(study: Study) -> bool:
    """Whether a study's crowd is simulated: every page about its answers must then say so."""
    return Worker.objects.filter(study=study, kind=Worker.Kind.SIMULATED).exists()
