"""Attention checks: two short pages whose text says which choice to click.

They are explicit and readable, stand on pages of their own, and are the only thing that a session
can be failed by. Catch images, repeats, controls and agreement with others play no part.
"""

from dataclasses import dataclass

from django.db import transaction

from annotator.crowd.access.sessions import CHECK_COUNT, due_check, end_session, sets_done
from annotator.keyed_random import keyed_number
from annotator.models import AttentionCheck, MarketSession, Outcome
from annotator.models.answer import Group


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
