"""Keeps an assignment's place while its page is looked at and worked on."""

from django.db.models.functions import Now

from annotator.crowd.scheduling.leases import extend
from annotator.models import Assignment, Place


def renew_lease(assignment: Assignment) -> bool:
    """As `leases.extend`; one UPDATE as long as the lease lasts, which is nearly always.

    A place that is still held changes neither the assignment's status nor the HIT's, so there is
    nothing to lock: given back or filled, it is no longer found here.
    """
    held = Place.objects.filter(
        pk=assignment.place_id,
        claim_number=assignment.claim_number,
        is_filled=False,
        leased_until__gte=Now(),
    )
    is_accepted = assignment.status == Assignment.Status.ACCEPTED
    if is_accepted and held.update(leased_until=Now() + assignment.hit.hit_type.lease):
        return True
    return extend(assignment)
