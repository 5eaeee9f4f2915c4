"""What reading the debriefing pays, as the consent texts promise it: a minute, once a worker.

The consent text states the amount, so a change here is a change of every new text.
"""

from math import ceil

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from annotator.models import Assignment, Consent, ConsentGiven, LedgerEntry, Study, Worker
from annotator.pay.ledger import Kind, owe

DEBRIEFING_MINUTES = 1


def debriefing_cents(study: Study) -> int:
    """What reading the debriefing pays: a minute at the study's hourly rate, rounded up.

    >>> debriefing_cents(Study(hourly_cents=1200))
    20
    """
    return ceil(study.hourly_cents * DEBRIEFING_MINUTES / 60)


def still_promised(workers: QuerySet[Worker]) -> QuerySet[Worker]:
    """The workers among some who are yet to be paid for the debriefing, with `promised_cents`.

    It is paid once a worker who submitted a set, as the newest text that they agreed to says.
    """
    texts = ConsentGiven.objects.filter(worker=OuterRef("pk")).order_by("-consent__version")
    promised = Subquery(texts.values("consent__debriefing_cents")[:1])
    is_paid = Exists(LedgerEntry.objects.filter(worker=OuterRef("pk"), kind=Kind.DEBRIEFING))
    rows = workers.filter(~is_paid, kind=Worker.Kind.PERSON)
    return rows.annotate(promised_cents=Coalesce(promised, 0)).filter(promised_cents__gt=0)


def promised_to_newcomers(study: Study) -> int:
    """What reading the debriefing pays newcomers, in cents, as the newest consent text promises."""
    texts = Consent.objects.filter(study=study).order_by("-version")
    return texts.values_list("debriefing_cents", flat=True).first() or 0


def owe_debriefing(worker: Worker) -> None:
    """Owe a worker who submitted a set the reading of the debriefing. Idempotent: once a worker."""
    promised = still_promised(Worker.objects.filter(pk=worker.pk)).first()
    if promised and worker.assignments.filter(status__in=Assignment.DONE).exists():
        words = _("Reading what the study was about")
        owe(worker, Kind.DEBRIEFING, promised.promised_cents, f"debriefing {worker.key}", words)
