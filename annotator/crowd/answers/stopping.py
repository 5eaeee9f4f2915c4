"""Stopping: a worker ends a session, is paid for what was begun, and is debriefed.

The debriefing tells which sets were not what they seemed.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from annotator.crowd.access.sessions import current_session, end_session, sets_done
from annotator.crowd.scheduling.leases import give_back
from annotator.models import Assignment, Hit, LedgerEntry, Network, Outcome, Worker
from annotator.pay.begun_sets import earns_part, part_cents
from annotator.pay.debriefing import owe_debriefing
from annotator.pay.ledger import owe

Kind = LedgerEntry.Kind
Condition = Network.Condition
# Units of these conditions respond to nothing in particular: their pictures share nothing.
MEANINGLESS = (Condition.RANDOM_DIRECTIONS, Condition.RANDOM_IMAGES, Condition.UNTRAINED)


def stop(worker: Worker) -> None:
    """Stop for a worker: the session ends, the set in hand goes back, what stopping pays is owed.

    Idempotent. A part of one begun set is owed once a person, as `earns_part` says; the debriefing
    once a worker who submitted a set under a text that promises it. So neither stopping again and
    again, nor entering again and again, nor opening sets without work pays anything.
    """
    with transaction.atomic():
        worker = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        for assignment in worker.assignments.filter(status__in=Assignment.OPEN).order_by("pk"):
            if earns_part(assignment):
                words = _("Part of a set that you began")
                key = f"part {worker.key}"
                owe(worker, Kind.PART, part_cents(assignment), key, words, assignment)
            give_back(assignment, "stopped")
        session = current_session(worker)
        if session is None:
            owe_debriefing(worker)
        elif not session.outcome:
            has_all = sets_done(session) >= session.set_count
            end_session(session, Outcome.COMPLETED if has_all else Outcome.STOPPED)


@dataclass(frozen=True)
class Debriefing:
    """Counts of the sets that a worker submitted. A set may be in several of them.

    Attributes:
        of: all sets submitted, those taken back too.
        nothing_in_common: put together by chance, or from an untrained network.
        known: of units whose name was known before; they compare answers, and decide about nobody.
        practice: of training and qualification.
        machine_names: with a name made by a machine, which may be wrong.
        catch_images: sets with pictures that were chosen not to fit.
    """

    of: int
    nothing_in_common: int
    known: int
    practice: int
    machine_names: int
    catch_images: int

    @property
    def is_plain(self) -> bool:
        """Whether every set was what it seemed to be."""
        others = (self.nothing_in_common, self.known, self.practice)
        return not any((*others, self.machine_names, self.catch_images))


def summary(worker: Worker) -> Debriefing:
    """Sum up, for somebody who is stopping, which of their sets were not what they seemed."""
    verifies = Q(hit__kind=Hit.Kind.VERIFICATION)
    is_practice = Q(unit__known__for_training=True) | Q(unit__known__for_qualification=True)
    done = Assignment.objects.filter(worker=worker, status__in=Assignment.DONE)
    meaningless = Q(unit__layer__network__condition__in=MEANINGLESS)
    counts = done.aggregate(
        of=Count("pk"),
        nothing_in_common=Count("pk", filter=meaningless),
        known=Count("pk", filter=Q(unit__known__for_control=True) & ~is_practice),
        practice=Count("pk", filter=is_practice),
        machine_names=Count("pk", filter=verifies & ~Q(hit__concept_by="consensus")),
        catch_images=Count("pk", filter=Q(answer__catch_shown__gt=0)),
    )
    return Debriefing(**counts)
