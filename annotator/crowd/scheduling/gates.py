"""Gates: whether a study hands out HITs at all. A pause and a spent budget close it.

What is in hand when a gate closes may be finished, and is paid.
"""

from django.utils.translation import gettext as _

from annotator.crowd.access.attention_checks import due_check
from annotator.crowd.access.sessions import current_session, end_session, sets_done
from annotator.crowd.errors import (
    BudgetSpent,
    CheckDue,
    CrowdError,
    NobodyNew,
    SessionEnded,
    StudyPaused,
)
from annotator.models import Hit, MarketSession, Outcome, Place, Study, Worker
from annotator.models.gold import practice
from annotator.pay.budget import committed_cents, fee_cents, lock_budget, set_cost_cents
from annotator.pay.debriefing import promised_to_newcomers
from annotator.pay.rewards import current_reward


def refuse_closed(study: Study) -> None:
    """Refuse to hand out HITs of a study that is closed, as the database has it now.

    Raises:
        StudyPaused: its requester has paused it.
        BudgetSpent: the budget has no room for another answer.
    """
    if error := why_closed(study):
        raise error


def why_closed(
    study: Study, worker: Worker | None = None, reward: int | None = None
) -> CrowdError | None:
    """Why a study hands out no HITs now, as the error that `refuse_closed` raises; None if open.

    Args:
        worker: whose next HIT the budget has to have room for; None for a HIT of anybody.
        reward: the study's current one, if it was read already.
    """
    if reward is None:
        reward = current_reward(study)
    return _why_closed(study, set_cost_cents(worker, reward) if worker else reward)


def _why_closed(study: Study, cents: int) -> CrowdError | None:
    """Why a study is closed for a HIT that costs it some cents."""
    paused_at, budget = _gates(study)
    if paused_at is not None:
        return _paused()
    if budget is not None and committed_cents(study) + cents > budget:
        return _spent()
    return None


def refuse_newcomers(study: Study, fee_percent: float = 0) -> None:
    """Refuse somebody new at a study's gate, where it has no set for them now.

    Call it before they are asked for their consent. Who has entered before may come back.

    Args:
        fee_percent: what the market that sends them takes on top of their pay.

    Raises:
        NobodyNew: the study is paused, its budget is spent, or no place is free.
    """
    cents = current_reward(study) + promised_to_newcomers(study)
    closed = _why_closed(study, cents + fee_cents(cents, fee_percent))
    if isinstance(closed, StudyPaused):
        raise NobodyNew(_("This study is paused, so nobody new can start at the moment."))
    free = Place.objects.free().filter(hit__hit_type__study=study)
    free = free.exclude(hit__status=Hit.Status.DISPOSED).exclude(practice("hit__unit__"))
    if closed or not free.exists():
        raise NobodyNew(
            _("Every set of this study is taken, so nobody new can start at the moment.")
        )


def why_nobody_new(study: Study, fee_percent: float = 0) -> str:
    """The sentence of `refuse_newcomers`, which they read instead of the consent text, or ""."""
    try:
        refuse_newcomers(study, fee_percent)
    except NobodyNew as error:
        return str(error)
    return ""


def refuse_unpayable(
    worker: Worker, reward_cents: int, gates: tuple[object, int | None] | None = None
) -> None:
    """The gate of accepting: refuse a HIT that the budget has no room to pay, and any while paused.

    Call it in the transaction that accepts the HIT: with a budget, it locks the study, so that of
    many workers at the same moment only those get a HIT whom the budget can pay.

    Args:
        reward_cents: of the HIT.
        gates: when the study was paused and its budget, if the transaction has read them.

    Raises:
        StudyPaused, BudgetSpent: as `refuse_closed`.
    """
    paused_at, budget = gates or _gates(worker.study)
    if paused_at is not None:
        raise _paused()
    if budget is None or worker.kind != Worker.Kind.PERSON:
        return
    budget = lock_budget(worker.study)
    wanted = set_cost_cents(worker, reward_cents)
    if budget is not None and committed_cents(worker.study) + wanted > budget:
        raise _spent()


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


def refuse_next(worker: Worker) -> MarketSession | None:
    """The gate of a market session: refuse another HIT if all sets are done, or a check is due.

    Returns:
        The worker's open session; None for people whom no market sent.

    Raises:
        SessionEnded: the session has ended, or ends here as all of its sets are done.
        CheckDue: the worker is to answer an attention check first.
    """
    session = current_session(worker)
    if session is None:
        return None
    if not session.outcome:
        done = sets_done(session)
        if due_check(session, done):
            raise CheckDue(_("A short question comes before the next set."))
        if done >= session.set_count:
            end_session(session, Outcome.COMPLETED)
    if session.outcome:
        raise SessionEnded(session)
    return session
