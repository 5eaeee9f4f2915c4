"""Debriefing: what a person is told at the end about the sets that were not what they seemed."""

from dataclasses import dataclass

from django.db.models import Count, Q

from annotator.models import Assignment, Hit, Network, Worker

Condition = Network.Condition
# Units of these conditions respond to nothing in particular: their pictures share nothing.
MEANINGLESS = (Condition.RANDOM_DIRECTIONS, Condition.RANDOM_IMAGES, Condition.UNTRAINED)


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
    """How many of a worker's sets had nothing in common, were controls, and so on; one query."""
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
