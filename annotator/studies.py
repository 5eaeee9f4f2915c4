"""The progress of a study: what is dissected, published and answered, in few queries."""

from dataclasses import dataclass

from django.db.models import Count, Q

from annotator.models import Answer, Hit, Network, Place, Run, Study, Worker
from annotator.models.gold import practice


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
    runs: list[Run]
    units: int
    hits: int
    places: int
    filled: int
    answers: int
    people: int
    is_simulated: bool

    @property
    def is_running(self) -> bool:
        """Whether a run is waiting or running, so that a page about it should reload soon."""
        unfinished = (Run.Status.WAITING, Run.Status.RUNNING, Run.Status.COLLECTING)
        return any(run.status in unfinished for run in self.runs)


def study_status(study: Study) -> StudyStatus:
    networks = list(study.networks.select_related("control_of").prefetch_related("layers"))
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
        runs=list(study.runs.order_by("-pk")[:20]),
        units=sum(layer.unit_count for network in networks for layer in network.layers.all()),
        hits=hits.exclude(practice("unit__")).count(),
        places=places["all"],
        filled=places["filled"],
        answers=Answer.objects.filter(assignment__worker__study=study).count(),
        people=kinds.get(Worker.Kind.PERSON, 0),
        is_simulated=Worker.Kind.SIMULATED in kinds,
    )
