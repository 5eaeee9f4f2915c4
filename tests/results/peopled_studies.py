"""A study that people answered, with all that may be known of them."""

from datetime import timedelta

from annotator.models import (
    Assignment,
    ClosingAnswer,
    Consent,
    ConsentGiven,
    Invitation,
    Trace,
    WorkerDetails,
)
from annotator.pay.ledger import owe_reward
from tests.results.studies import answered_study, get_unit, store_answer

COUNTRIES = ["Peru"] * 6 + ["Chile"] * 2 + ["Ghana", "France", "Malta", ""]


def peopled_study():
    """Twelve people came by one link, agreed, and took four minutes a set; two used an AI tool."""
    study = answered_study(kind="imported")
    link = Invitation.objects.create(study=study, label="prolific, second batch")
    consent = Consent.objects.create(study=study, version=1, text="We keep your country.")
    for number, country in enumerate(COUNTRIES):
        marked = [4] if number < 2 else []
        answer = store_answer(study, get_unit(study, number=1), f"p{number}", marked=marked)
        worker = answer.assignment.worker
        worker.invitation = link
        worker.save()
        ConsentGiven.objects.create(worker=worker, consent=consent)
        device = "phone" if number < 5 else "desktop"
        WorkerDetails.objects.create(
            worker=worker, country=country, age_band="25-34", device=device, participant="ab"
        )
        if number < 10:
            ClosingAnswer.objects.create(worker=worker, used_ai=number < 2)
        _work(answer.assignment, minutes=4)
    return study


def _work(assignment, minutes):
    Trace.objects.create(assignment=assignment, active_seconds=60 * minutes)
    submitted_at = assignment.accepted_at + timedelta(hours=1)
    Assignment.objects.filter(pk=assignment.pk).update(submitted_at=submitted_at)
    owe_reward(assignment, is_practice=False)
