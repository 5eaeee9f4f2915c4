"""Answers and bonuses of existing databases get the entries that they would have today."""

import pytest
from django.apps import apps

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Hit, KnownAnswer, LedgerEntry, Worker
from tests.crowd.studies import published_study, workers
from tests.models.migrations import migration

pytestmark = pytest.mark.django_db


class Bonuses:
    """Stands for the model of bonuses, which is not a table any more."""

    def __init__(self, *rows):
        self.rows = rows
        self.objects = self

    def filter(self, worker__kind):
        self.rows = [row for row in self.rows if row.worker.kind == worker__kind]
        return self

    def select_related(self, *names):
        return self

    order_by = select_related

    def iterator(self, size):
        return iter(self.rows)


class Bonus:
    assignment_id, cents, reason, token = None, 50, "Ten HITs", "ten"

    def __init__(self, worker):
        self.worker, self.worker_id, self.at = worker, worker.pk, worker.created_at


class Apps:
    """The apps of a migration, with bonuses."""

    def __init__(self, *bonuses):
        self.bonuses = Bonuses(*bonuses)

    def get_model(self, app, name):
        return self.bonuses if name == "Bonus" else apps.get_model(app, name)


def entries():
    columns = ("worker__key", "kind", "cents", "key", "words", "state")
    return sorted(LedgerEntry.objects.values_list(*columns))


@pytest.fixture
def answers():
    """Answers from before the ledger: three of Ana, one of them practice; one of a robot."""
    study = published_study(layers=(("n", "l", 4),))
    ana, robot = workers(study, "ana", "robot", kind=Worker.Kind.SIMULATED)  # owed nothing
    hits = list(Hit.objects.select_related("hit_type").order_by("pk"))
    KnownAnswer.objects.create(unit=hits[0].unit, concepts=["a"], for_qualification=True)
    accepted = [leases.accept(ana, hit) for hit in hits[:3]]
    for assignment in (*accepted, leases.accept(robot, hits[0])):
        submit(assignment, AnswerForm("thing", 5, frozenset()))
    leases.accept(ana, hits[3])  # open
    Assignment.objects.filter(pk=accepted[1].pk).update(status="rejected")
    Worker.objects.filter(pk=ana.pk).update(kind=Worker.Kind.PERSON)
    ana.refresh_from_db()
    assert not LedgerEntry.objects.exists()
    return ana, robot, [assignment.key for assignment in accepted]


def test_existing_answers_and_bonuses_get_the_entries_of_today(answers):
    ana, robot, (practice, rejected, plain) = answers

    migration("ledger_of_existing_answers").add_entries(Apps(Bonus(ana), Bonus(robot)), None)

    assert entries() == sorted(
        [
            ("ana", "practice", 80, f"reward {practice}", "practice", "owed"),
            ("ana", "reward", 80, f"reward {rejected}", "a set of pictures", "owed"),
            ("ana", "correction", -80, f"correction {rejected} 1", "the answer was rejected")
            + ("owed",),
            ("ana", "reward", 80, f"reward {plain}", "a set of pictures", "owed"),
            ("ana", "bonus", 50, f"bonus {ana.pk} ten", "Ten HITs", "owed"),
        ]
    )
