"""Published studies with answers, stored as the HIT page would."""

from annotator.models import Answer, Assignment, Exemplar, Mark, Place, Unit, Worker
from tests.crowd.studies import published_study

NETWORKS = (("scenes", "conv1", 2), ("scenes", "conv2", 2), ("objects", "conv1", 2))


def store_answer(
    study, unit, worker, concept="wheel", group=4, marked=(), says="concept", **changes
):
    """Store the answer of a worker, who is made if need be, about a unit; no more are planned.

    Args:
        marked: ranks of the pictures that do not fit.
        changes: `kind` of the worker, `status` of the assignment, and columns of the answer.
    """
    person, _ = Worker.objects.get_or_create(
        study=study, key=worker, defaults={"kind": changes.pop("kind", "person")}
    )
    place = unit.hit.places.exclude(assignments__isnull=False).first()
    place = place or unit.hit.places.create(number=100 + unit.hit.places.count())
    assignment = Assignment.objects.create(
        hit=unit.hit,
        unit=unit,
        worker=person,
        place=place,
        claim_number=1,
        status=changes.pop("status", "submitted"),
    )
    nothing = says == "nothing"
    shown = Exemplar.objects.filter(unit=unit, role="top")
    answer = Answer.objects.create(
        assignment=assignment,
        says=says,
        concept="" if nothing else concept,
        group=None if nothing else group,
        shown=len(shown),
        fitting=0 if nothing else len(shown) - len(marked),
        **changes,
    )
    Mark.objects.bulk_create(Mark(answer=answer, exemplar=shown.get(rank=rank)) for rank in marked)
    finish(study)
    return answer


def get_unit(study, network="scenes", layer="conv1", number=0):
    return Unit.objects.get(
        layer__network__study=study,
        layer__network__name=network,
        layer__name=layer,
        number=number,
    )


def finish(study):
    """Fill every place, so that no planned answer is to come and results are not hidden."""
    Place.objects.filter(hit__hit_type__study=study).update(is_filled=True)


def answered_study(kind="person", is_finished=True):
    """Two networks; unit 0 of the first layer has three answers that call it a wheel.

    Args:
        is_finished: no more answers are planned, so that nothing is hidden.
    """
    study = published_study("rooms", layers=NETWORKS)
    unit = get_unit(study)
    store_answer(study, unit, "ada", "Wheel", kind=kind)
    store_answer(study, unit, "ben", "wheel", marked=[4], kind=kind)
    store_answer(study, unit, "cleo", "car", group=5, marked=[3, 4], kind=kind)
    store_answer(study, get_unit(study, "objects"), "ada", says="nothing", kind=kind)
    if not is_finished:
        Place.objects.filter(assignments=None).update(is_filled=False)
    return study
