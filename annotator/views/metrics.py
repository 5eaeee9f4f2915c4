"""/metrics: what a Prometheus server asks for, in its text format.

Requests are counted by each process, in files that the processes of one server share. What the
database knows is read when somebody asks, so it is the same whichever process answers.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db.models import Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.values import MutexValue, ValueClass

from annotator.models import Analysis, Answer, Place, Publication, Run, Shard
from annotator.views.access import is_from_this_machine

RESPONSES = Counter("unitscope_responses", "Responses by class of status.", ["status"])
SECONDS = Histogram(
    "unitscope_request_seconds",
    "Seconds from a request to its response, by page.",
    ["page"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# Each kind of job, and since when a waiting one waits.
JOBS: dict[str, tuple[Any, str]] = {
    "run": (Run, "created_at"),
    "shard": (Shard, "run__created_at"),
    "analysis": (Analysis, "created_at"),
    "publication": (Publication, "created_at"),
}
MAX_ANSWERS = 5000  # looked at: more come in no minute


class CountRequests:
    """Middleware that counts responses and how long they took; it also answers /metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics":
            return metrics(request)
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        SECONDS.labels(match.view_name if match else "none").observe(time.perf_counter() - began)
        RESPONSES.labels(f"{response.status_code // 100}xx").inc()
        return response


def metrics(request: HttpRequest) -> HttpResponse:
    """All figures; 403 for who has no METRICS_TOKEN or, if none is set, is not on this machine."""
    if not _may_ask(request):
        return HttpResponse("Set METRICS_TOKEN and send it as a bearer token.\n", status=403)
    registry = REGISTRY
    if ValueClass is not MutexValue:  # several processes: annotator/wsgi.py
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    own = CollectorRegistry()
    own.register(DatabaseFigures())
    text = generate_latest(registry) + generate_latest(own)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _may_ask(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}")
    try:
        return is_from_this_machine(request)
    except DisallowedHost:
        return False


class DatabaseFigures(Collector):
    """What the database knows: answers, the queue and places, in a few short queries."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        newest = Answer.objects.order_by("-pk").values_list("given_at", flat=True)[:MAX_ANSWERS]
        since = now() - timedelta(minutes=1)
        recent = sum(given_at > since for given_at in newest)
        yield GaugeMetricFamily("unitscope_answers_a_minute", "In the last one.", recent)
        waiting = _family("waiting_jobs", "Jobs that wait for a worker.")
        oldest = _family("oldest_waiting_seconds", "How long the oldest job has waited; else 0.")
        failed = _family("failed_jobs", "Jobs that failed and were not resumed.")
        for kind, (model, since) in JOBS.items():
            rows = model.objects.waiting().order_by()
            first = rows.aggregate(first=Min(since))["first"]
            waiting.add_metric([kind], rows.count())
            oldest.add_metric([kind], (now() - first).total_seconds() if first else 0)
            failed.add_metric([kind], model.objects.filter(status="failed").count())
        yield from (waiting, oldest, failed)
        lapsed = Place.objects.filter(is_filled=False, leased_until__lt=Now()).count()
        yield GaugeMetricFamily(
            "unitscope_lapsed_places", "Taken by somebody whose time ran out, and free.", lapsed
        )


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"unitscope_{name}", text, labels=["kind"])
