"""Studies: their progress in few queries, their crowd and contact, and what a dissection binds.

The text of a StudyMismatch says what to do where a dissection does not fit its study.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings as service_settings
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
from dissect.format.manifest import ImageFacts

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
    """The networks of a study, each layer with `left_out_count`, and its runs, in three queries."""
    left_out = Count("units", filter=Q(units__dead=True) | Q(units__dense=True))
    layers = Prefetch("layers", Layer.objects.annotate(left_out_count=left_out))
    networks = study.networks.select_related("control_of").prefetch_related(layers)
    return StudyDissection(study, list(networks), list(study.runs.order_by("-pk")[:20]))


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
    """The progress of studies by their pk, in as many queries however many studies there are."""
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


def is_simulated(study: Study) -> bool:
    """Whether a study has simulated workers: every page about its answers must then say so."""
    return Worker.objects.filter(study=study, kind=Worker.Kind.SIMULATED).exists()


def contact_of(study: Study | None) -> str:
    """The contact of a study, else of the installation; "" if there is none."""
    return (study.contact if study else "") or service_settings.CONTACT


class StudyMismatch(Exception):
    """A dissection does not fit the study."""


def bind_study(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Bind a study to the images and settings of its first dissection; check later ones.

    Thread-safe: of two first dissections, one binds the study and the other is checked.

    Args:
        images: facts of the image list, as a manifest has them.
        settings: options that are the same for every network of a study, such as `top`.
        compared: the settings that must agree; None is all of them.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    unbound = Study.objects.filter(pk=study.pk, image_list_sha256="")
    unbound.update(
        image_source=_absolute(images.source),
        image_count=images.count,
        image_list_sha256=images.sha256,
        dissect_settings=settings,
        top_count=settings["top"],
    )
    study.refresh_from_db()
    check_binding(study, images, settings, compared)


def _absolute(source: str) -> str:
    """A path of this machine as every process finds it; an address, or a path elsewhere, as is."""
    return os.path.abspath(source) if os.path.exists(source) else source


def check_binding(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Check a dissection against the images and settings that its study is bound to, if any.

    A study that is not bound takes any.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    if not study.image_list_sha256:
        return
    if study.image_list_sha256 != images.sha256:
        raise StudyMismatch(
            f"Study {study.name!r} is over {study.image_count} images from {study.image_source}; "
            f"{images.source} has {images.count} and is another list. Networks are compared "
            "on the same images only: name the study's images (--images), or take another study."
        )
    bound, new = (
        {name: value for name, value in values.items() if compared is None or name in compared}
        for values in (study.dissect_settings, settings)
    )
    if bound != new:
        raise StudyMismatch(
            f"Study {study.name!r} has the settings {_as_options(bound)}, not {_as_options(new)}: "
            "take the same settings, or another study."
        )


def _as_options(values: Mapping[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in values.items())
