"""Gates: whether a study hands out HITs at all. A pause and a spent budget close it.

What is in hand when a gate closes may be finished, and is paid.
"""

from django.utils.translation import gettext as _

from annotator.crowd.errors import BudgetSpent, CrowdError, StudyPaused
from annotator.models import Hit, Study, Worker
from annotator.pay.budget import committed_cents, cost_cents
from annotator.pay.rewards import current_reward


def refuse_closed(study: Study) -> None:
    """Refuse to hand out HITs of a study that is closed, as the database has it now.

    Raises:
        StudyPaused: its requester has paused it.
        BudgetSpent: the budget has no room for another answer.
    """
    if error := why_closed(study):
        raise error


def why_closed(study: Study) -> CrowdError | None:
    """Why a study hands out no HITs now, as the error that `refuse_closed` raises; None if open."""
    paused_at, budget = _gates(study)
    if paused_at is not None:
        return _paused()
    if budget is not None and committed_cents(study) + current_reward(study) > budget:
        return _spent()
    return None


def refuse_unpayable(worker: Worker, hit: Hit) -> None:
    """Refuse a HIT to a worker for whose pay the budget has no room, and any while paused.

    Call it in the transaction that accepts the HIT: with a budget, it locks the study, so that of
    many workers at the same moment only those get a HIT whom the budget can pay.

    Raises:
        StudyPaused, BudgetSpent: as `refuse_closed`.
    """
    paused_at, budget = _gates(worker.study)
    if paused_at is not None:
        raise _paused()
    if budget is None or worker.kind != Worker.Kind.PERSON:
        return
    budget = lock_budget(worker.study)
    wanted = cost_cents(worker, hit.hit_type.reward_cents)
    if budget is not None and committed_cents(worker.study) + wanted > budget:
        raise _spent()


def lock_budget(study: Study) -> int | None:
    """Lock a study that has a budget until the transaction ends; returns the budget in cents."""
    rows = Study.objects.filter(pk=study.pk, budget_cents__isnull=False)
    rows = rows.select_for_update(no_key=True).values_list("budget_cents", flat=True)
    return next(iter(rows), None)


def _gates(study: Study) -> tuple[object, int | None]:
    return Study.objects.values_list("paused_at", "budget_cents").get(pk=study.pk)


def _paused() -> StudyPaused:
    return StudyPaused(
        _("This study is paused, so there is nothing new to do. Your work so far is paid.")
    )


def _spent() -> BudgetSpent:
    return BudgetSpent(
        _("The budget of this study is used up, so there is nothing new to do. Your work so far "
          "is paid.")
    )  # fmt: skip
