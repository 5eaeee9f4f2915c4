"""The status of studies: what is dissected, published and answered of them, in few queries."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, Sum

from annotator.models import (
    Answer,
    Assignment,
    Hit,
    Layer,
    LedgerEntry,
    Network,
    Place,
    Run,
    Study,
    Worker,
)
from annotator.models.gold import practice

UNFINISHED_RUNS = (Run.Status.WAITING, Run.Status.RUNNING, Run.Status.COLLECTING)


@dataclass(frozen=True)
class StudyDissection:
    """What is dissected of a study, and the newest runs."""

    study: Study
    networks: list[Network]
    runs: list[Run]

    @property
    def is_running(self) -> bool:
        """Whether a run is waiting or running, so that a page about it should reload soon."""
        return any(run.status in UNFINISHED_RUNS for run in self.runs)


def study_dissection(study: Study) -> StudyDissection:
    """The status of a study for its pages: networks, layers and newest runs, in three queries.

    Each layer has a `left_out_count`.
    """
    left_out = Count("units", filter=Q(units__dead=True) | Q(units__dense=True))
    layers = Prefetch("layers", Layer.objects.annotate(left_out_count=left_out))
    networks = study.networks.select_related("control_of").prefetch_related(layers)
    runs = study.runs.select_related("network").order_by("-pk")[:20]
    return StudyDissection(study, list(networks), list(runs))


@dataclass(frozen=True)
class StudyStatus:
    """Counts of one study.

    Attributes:
        places: answers wanted in all, without training and qualification units.
        filled: places that have an answer.
        is_simulated: whether simulated workers answered.
    """

    study: Study
    networks: list[Network]
    units: int
    hits: int
    places: int
    filled: int
    answers: int
    people: int
    is_simulated: bool


def study_status(study: Study) -> StudyStatus:
    """The status of a study for pages: what is published and answered of it."""
    networks = list(study.networks.prefetch_related("layers"))
    hits = Hit.objects.filter(unit__layer__network__study=study)
    wanted = Place.objects.filter(hit__unit__layer__network__study=study)
    places = wanted.exclude(practice("hit__unit__")).aggregate(
        all=Count("pk"), filled=Count("pk", filter=Q(is_filled=True))
    )
    kinds = dict(
        Worker.objects.filter(study=study, assignments__answer__isnull=False)
        .values_list("kind")
        .annotate(Count("pk", distinct=True))
    )
    return StudyStatus(
        study=study,
        networks=networks,
        units=sum(layer.unit_count for network in networks for layer in network.layers.all()),
        hits=hits.exclude(practice("unit__")).count(),
        places=places["all"],
        filled=places["filled"],
        answers=Answer.objects.filter(assignment__worker__study=study).count(),
        people=kinds.get(Worker.Kind.PERSON, 0),
        is_simulated=Worker.Kind.SIMULATED in kinds,
    )


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is, for a list of studies.

    Attributes:
        is_running: a run is waiting or running.
        networks: those that are dissected.
        places, filled: answers wanted in all, and those that are there; practice is left out.
        waiting: submitted answers by people that nobody has reviewed.
        is_simulated: whether simulated workers answered.
        is_paused: nobody gets another HIT.
        owed_cents: what the study owes its workers, and has not sent.
    """

    is_running: bool = False
    networks: int = 0
    places: int = 0
    filled: int = 0
    waiting: int = 0
    is_simulated: bool = False
    is_paused: bool = False
    owed_cents: int = 0


def progress_of(studies: Collection[Study]) -> dict[int, StudyProgress]:
    """The status of several studies, by pk, in as many queries however many there are."""
    chosen = [study.pk for study in studies]
    paused = {study.pk for study in studies if study.paused_at}
    networks = Network.objects.filter(study__in=chosen).values_list("study")
    runs = Run.objects.filter(study__in=chosen, status__in=UNFINISHED_RUNS)
    places = Place.objects.filter(hit__unit__layer__network__study__in=chosen)
    places = places.exclude(practice("hit__unit__")).values_list("hit__unit__layer__network__study")
    counts = places.annotate(count=Count("pk"), filled=Count("pk", filter=Q(is_filled=True)))
    filled = {pk: (all_places, done) for pk, all_places, done in counts}
    workers = Worker.objects.filter(study__in=chosen).values_list("study")
    submitted = Q(assignments__status=Assignment.Status.SUBMITTED)
    waiting = workers.filter(kind=Worker.Kind.PERSON).annotate(
        count=Count("assignments", filter=submitted)
    )
    simulated = workers.filter(kind=Worker.Kind.SIMULATED).distinct()
    network_counts, waiting_counts = dict(networks.annotate(count=Count("pk"))), dict(waiting)
    running = set(runs.values_list("study", flat=True))
    simulated_studies = {pk for (pk,) in simulated}
    owed = LedgerEntry.objects.filter(study__in=chosen, state__in=LedgerEntry.UNPAID)
    owed_cents = dict(owed.order_by().values_list("study").annotate(Sum("cents")))
    return {
        pk: StudyProgress(
            is_running=pk in running,
            networks=network_counts.get(pk, 0),
            places=filled.get(pk, (0, 0))[0],
            filled=filled.get(pk, (0, 0))[1],
            waiting=waiting_counts.get(pk, 0),
            is_simulated=pk in simulated_studies,
            is_paused=pk in paused,
            owed_cents=owed_cents.get(pk, 0),
        )
        for pk in chosen
    }
