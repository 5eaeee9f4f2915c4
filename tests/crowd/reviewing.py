"""What tests about decisions share: an answer to decide about, and what is on record."""

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import AuditRow
from tests.crowd.studies import the_hit

GRASS = AnswerForm("grass", 3, frozenset())


def answered(worker):
    assignment = leases.accept(worker, the_hit(worker.study))
    submit(assignment, GRASS)
    assignment.refresh_from_db()
    return assignment


def now(thing):
    thing.refresh_from_db()
    return thing


def audit():
    rows = AuditRow.objects.order_by("pk")
    return [(row.actor_name, row.action, row.detail) for row in rows]
