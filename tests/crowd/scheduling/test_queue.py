"""The queue of a study's workers: right by a slow definition, and no slower as studies grow."""

import random
from functools import partial

import pytest
from django.db import connection

from annotator.crowd.scheduling.queue import queue_order, study_queue
from annotator.crowd.scheduling.scheduler import next_hit
from annotator.models import Hit, Place, Unit, Worker
from tests.crowd.studies import add_verification, published_study, workers

database = pytest.mark.django_db


def first_by_definition(worker):
    """The first HIT of the worker's whole queue with a free place and a new unit."""
    had = set(worker.assignments.values_list("unit", flat=True))
    key = f"{worker.study.key}/{worker.key}"
    for pk in queue_order(study_queue(worker.study).strata, key).tolist():
        hit = Hit.objects.get(pk=pk)
        is_open = hit.status != Hit.Status.DISPOSED and hit.places.all().free().exists()
        if is_open and hit.unit_id not in had:
            return hit
    return None


@database
@pytest.mark.both_databases
@pytest.mark.parametrize("free_share", [0, 0.01, 0.3, 1])
@pytest.mark.parametrize("seed", range(3))
def test_the_next_hit_is_the_first_of_the_queue_with_room(free_share, seed, monkeypatch):
    monkeypatch.setattr("annotator.crowd.scheduling.queue.FIRST_CHUNK", 4)
    monkeypatch.setattr("annotator.crowd.scheduling.queue.MAX_UNFILLED", 20 * (seed % 2))
    layers = [("a", "l", 30), ("b", "l", 7), ("c", "l", 60)]
    study = published_study(layers=layers, tops=1, catches=0, places=2, worker_share=1)
    add_verification(study)
    draw = random.Random(seed)
    for place in Place.objects.all():
        Place.objects.filter(pk=place.pk).update(is_filled=draw.random() >= free_share)
    withdrawn = [hit.pk for hit in Hit.objects.all() if draw.random() < 0.2]
    Hit.objects.filter(pk__in=withdrawn).update(status=Hit.Status.DISPOSED)

    for worker in workers(study, *"abcde"):
        assert next_hit(worker) == first_by_definition(worker)


@database
def test_what_is_published_later_is_in_the_queue_and_leaves_the_rest_in_order():
    study = published_study(layers=[("a", "l", 20)], tops=1, catches=0, worker_share=1)
    [ana] = workers(study, "ana")
    before = queue_order(study_queue(study).strata, "ana").tolist()
    first = Unit.objects.first()
    later = Unit.objects.create(
        layer=first.layer, number=99, maximum=1, threshold=0, saturated=False
    )
    hit = Hit.objects.create(unit=later, hit_type=first.hit.hit_type, masks="")
    Place.objects.filter(hit__in=before).update(is_filled=True)
    Place.objects.create(hit=hit, number=1)

    after = queue_order(study_queue(study).strata, "ana").tolist()

    assert next_hit(ana) == hit
    assert [pk for pk in after if pk != hit.pk] == before


@database
def test_draws_do_not_depend_on_the_numbers_of_rows_in_the_database():
    def order_in(name):
        study = published_study(name, layers=[("a", "l", 20), ("b", "l", 9)], tops=1, catches=0)
        numbers = dict(Hit.objects.values_list("pk", "unit__number"))
        layers = dict(Hit.objects.values_list("pk", "unit__layer__network__name"))
        order = queue_order(study_queue(study).strata, "ana").tolist()
        return [(layers[pk], numbers[pk]) for pk in order]

    assert order_in("rooms") == order_in("streets")


def rows_read(action):
    """The number of rows of each query that an action makes."""
    counts, state = [], {"is_counting": False}

    def count(execute, sql, params, many, context):
        if sql.startswith("SELECT") and not state["is_counting"]:
            state["is_counting"] = True
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                counts.append(len(cursor.fetchall()))
            state["is_counting"] = False
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        action()
    return counts


@database
@pytest.mark.parametrize("is_filled", [False, True])
def test_taking_the_next_hit_reads_no_more_of_a_large_study_than_of_a_small_one(is_filled):
    costs = []
    for name, units in (("small", 100), ("large", 2000)):
        study = published_study(name, layers=[("a", "l", units)], tops=1, catches=0, places=1)
        Place.objects.filter(hit__hit_type__study=study).update(is_filled=is_filled)
        ana, ben = workers(study, f"ana {name}", f"ben {name}")
        next_hit(ana)  # the process reads what all queues have in common
        costs.append(rows_read(partial(next_hit, Worker.objects.get(pk=ben.pk))))

    small, large = costs
    assert len(small) == len(large) <= 7
    assert sum(large) <= sum(small) <= 70
