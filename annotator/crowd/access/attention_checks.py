"""Attention checks: two short pages whose text says which choice to click.

They are explicit and readable, stand on pages of their own, and are the only thing that a session
can be failed by. Catch images, repeats, controls and agreement with others play no part.
"""

from dataclasses import dataclass

from django.db import transaction

from annotator.crowd.access.sessions import end_session, entry_link, sets_done
from annotator.keyed_random import keyed_number
from annotator.models import AttentionCheck, MarketSession, Outcome
from annotator.models.answer import Group

CHECK_COUNT = 2


@dataclass(frozen=True)
class Question:
    """A check: its number in the session, from 1, and the choice that its text names."""

    number: int
    asked: Group


def due_question(session: MarketSession) -> Question | None:
    """The attention check that is due in a session, or None."""
    number = due_check(session, sets_done(session))
    return Question(number, named_choice(session, number)) if number else None


def named_choice(session: MarketSession, number: int) -> Group:
    """The choice that the text of a check names: drawn by the study's key, two that differ."""
    key, choices = session.participant.study.key, list(Group)
    first = keyed_number(key, "attention", session.pk) % len(choices)
    step = 1 + keyed_number(key, "attention step", session.pk) % (len(choices) - 1)
    return choices[(first + (number - 1) * step) % len(choices)]


def answer_check(session: MarketSession, question: Question, chosen: Group) -> None:
    """Store the answer to a check; failing both ends the session. Idempotent: the first stays."""
    with transaction.atomic():
        AttentionCheck.objects.get_or_create(
            session=session,
            number=question.number,
            defaults={"asked": question.asked, "chosen": chosen},
        )
        answers = list(session.checks.values_list("asked", "chosen"))
        if len(answers) == CHECK_COUNT and all(asked != picked for asked, picked in answers):
            end_session(session, Outcome.FAILED_CHECKS)


def due_check(session: MarketSession, done: int) -> int:
    """The attention check, by number, that a market session owes next; 0 if it owes none.

    They come after a third and two thirds of the sets.

    Args:
        done: how many sets were submitted in the session.
    """
    if session.outcome or not entry_link(session).has_attention_checks:
        return 0
    answered = session.checks.count()
    is_due = answered < CHECK_COUNT and done >= (answered + 1) * session.set_count // 3
    return answered + 1 if is_due else 0
