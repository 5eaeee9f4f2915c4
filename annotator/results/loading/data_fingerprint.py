"""The fingerprint of the data that a report is made of: it changes whenever they do."""

import hashlib
import json
from dataclasses import asdict

from django.db.models import Count, Max, Sum

from annotator.models import (
    Answer,
    Assignment,
    Attempt,
    ClosingAnswer,
    Hit,
    KnownAnswer,
    Layer,
    LedgerEntry,
    PictureReport,
    Study,
    Trace,
    Worker,
    WorkerDetails,
)
from annotator.results.loading.machine_names import load_machine_names
from annotator.results.loading.people import DETAILS
from annotator.results.loading.preregistered_plans import load_looks
from annotator.results.loading.report_data import DESIGN


def data_fingerprint(study: Study) -> str:
    """A fingerprint of the data loaded for a report, in hex; it changes whenever they do."""
    assignments = Assignment.objects.filter(unit__layer__network__study=study)
    answers = Answer.objects.filter(assignment__unit__layer__network__study=study)
    by_status = answers.values_list("assignment__status", "is_surplus").order_by(
        "assignment__status", "is_surplus"
    )
    opened = answers.filter(assignment__decided_opened=True).order_by("pk")
    left_out = answers.exclude(assignment__status__in=Assignment.COUNTED, is_surplus=False)
    excluded = Worker.objects.filter(study=study, excluded_at__isnull=False).order_by("pk")
    layers = Layer.objects.filter(network__study=study).order_by("pk")
    hits = Hit.objects.filter(kind=Hit.Kind.NAMING, unit__layer__network__study=study)
    merges = study.merges.aggregate(Max("version"), Max("undone_version"))
    parts = (
        study.key,  # the database may reuse the primary keys of a deleted study
        list(by_status.annotate(Count("pk"), Max("pk"))),
        # Which answers, not only how many: one may be excluded and another included.
        list(left_out.order_by("pk").values_list("pk", "assignment__status", "is_surplus")),
        list(assignments.order_by("status").values_list("status").annotate(Count("pk"))),
        list(excluded.values_list("pk", "excluded_why", "excluded_opened")),
        list(opened.values_list("pk", flat=True)),
        asdict(load_looks(study)),
        list(layers.values_list("pk", "display_name", "network__display_name")),
        hits.count(),  # layers are sampled until all of their units have one
        sorted(merges.items()),
        load_machine_names(study),
        list(study.preregistrations.values_list("sha256", flat=True)),
        [getattr(study, name) for name in (*DESIGN, "threshold")],
        _people_fingerprint(study),
        study.withdrawal_count,
        list(study.workers.refusing_to_share().order_by("pk").values_list("pk", flat=True)),
        _flags_fingerprint(study),
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def _flags_fingerprint(study: Study) -> list[object]:
    """What changes whenever a rule may flag other workers, beyond the answers and their traces."""
    known = KnownAnswer.objects.filter(unit__layer__network__study=study).order_by("unit")
    uses = ("for_training", "for_qualification", "for_control")
    attempts = Attempt.objects.filter(assignment__worker__study=study)
    hidden = PictureReport.objects.filter(
        assignment__worker__study=study, assignment__answer__isnull=False
    )
    return [
        list(known.values_list("unit", "concepts", "group", *uses)),
        sorted(attempts.aggregate(Count("pk"), Max("pk")).items()),  # a changed answer is one more
        sorted(hidden.aggregate(Count("pk"), Max("pk")).items()),
    ]


def _people_fingerprint(study: Study) -> list[object]:
    """What changes whenever `load_people` would load something else, in four queries."""
    details = WorkerDetails.objects.filter(worker__study=study).order_by("pk")
    closing = ClosingAnswer.objects.filter(worker__study=study).order_by("pk")
    traces = Trace.objects.filter(
        assignment__worker__study=study, assignment__submitted_at__isnull=False
    )
    ledger = LedgerEntry.objects.filter(study=study)
    return [
        list(details.values_list(*DETAILS).annotate(Count("pk")).order_by(*DETAILS)),
        list(closing.values_list("worker", "used_ai")),
        list(traces.aggregate(Count("pk"), Max("saved_at")).values()),
        list(ledger.aggregate(Count("pk"), Sum("cents")).values()),
    ]
