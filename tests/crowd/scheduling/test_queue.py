"""The queue of a study's workers: right by a slow definition, and no slower as studies grow."""

import random
from collections import Counter
from functools import partial

import pytest
from django.db import connection

from annotator.crowd.scheduling import queue
from annotator.crowd.scheduling.leases import accept
from annotator.crowd.scheduling.queue import queue_order, queue_version, study_queue
from annotator.crowd.scheduling.scheduler import next_hit
from annotator.models import Assignment, Hit, Place, Unit, Worker
from tests.crowd.studies import add_verification, published_study, workers

database = pytest.mark.django_db


def queue_of(study):
    return study_queue(study, queue_version(study).get()[0])


def first_by_definition(worker):
    """The first HIT of the worker's whole queue with a free place and a new unit.

    A network of which the worker has had fewer than four units comes before those of which the
    worker has had more.
    """
    had = list(worker.assignments.exclude(status__in=Assignment.GIVEN_UP).values_list(
        "unit__layer__network", flat=True))  # fmt: skip
    seen = set(worker.assignments.values_list("unit", flat=True))
    key = f"{worker.study.key}/{worker.key}"
    hits = Hit.objects.select_related("unit__layer").in_bulk()
    queue = [hits[pk] for pk in queue_order(queue_of(worker.study).strata, key).tolist()]

    def count(hit):
        return min(4, had.count(hit.unit.layer.network_id)) if hit.kind == Hit.Kind.NAMING else 4

    for hit in sorted(queue, key=count):
        is_open = hit.status != Hit.Status.DISPOSED and hit.places.all().free().exists()
        if is_open and hit.unit_id not in seen:
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

    for worker in workers(study, *"abc"):
        for _ in range(6):
            hit = next_hit(worker)
            assert hit == first_by_definition(worker)
            if hit is None:
                break
            accept(worker, hit)


def networks_of(worker, count):
    """The networks of the first units that a worker is given."""
    names = []
    while len(names) < count and (hit := next_hit(worker)):
        accept(worker, hit)
        names.append(hit.unit.layer.network.name)
    return Counter(names)


@database
def test_a_worker_gets_four_units_of_each_network_first_however_few_a_network_has():
    layers = [("trained", "l1", 40), ("trained", "l2", 40), ("control", "l", 5), ("tiny", "l", 2)]
    study = published_study(layers=layers, tops=1, catches=0, worker_share=1)
    ana, ben = workers(study, "ana", "ben")

    assert networks_of(ana, 10) == {"trained": 4, "control": 4, "tiny": 2}
    assert set(networks_of(ben, 3)) == {"trained", "control", "tiny"}  # one of each


@database
def test_a_unit_that_was_given_up_is_none_of_the_four():
    study = published_study(
        layers=[("a", "l", 30), ("b", "l", 30)], tops=1, catches=0, worker_share=1
    )
    [ana] = workers(study, "ana")
    first = accept(ana, next_hit(ana))
    network = first.unit.layer.network
    Assignment.objects.filter(pk=first.pk).update(status=Assignment.Status.RETURNED)

    names = networks_of(ana, 8)

    assert names == {"a": 4, "b": 4}
    assert network.name in names


@database
def test_a_network_without_room_keeps_nobody_from_the_others():
    study = published_study(
        layers=[("a", "l", 30), ("b", "l", 30)], tops=1, catches=0, worker_share=1
    )
    Place.objects.filter(hit__unit__layer__network__name="b").update(is_filled=True)
    [ana] = workers(study, "ana")

    assert networks_of(ana, 6) == {"a": 6}


@database
def test_what_is_published_later_is_in_the_queue_and_leaves_the_rest_in_order():
    study = published_study(layers=[("a", "l", 20)], tops=1, catches=0, worker_share=1)
    [ana] = workers(study, "ana")
    before = queue_order(queue_of(study).strata, "ana").tolist()
    first = Unit.objects.first()
    later = Unit.objects.create(
        layer=first.layer, number=99, maximum=1, threshold=0, saturated=False
    )
    hit = Hit.objects.create(unit=later, hit_type=first.hit.hit_type, masks="")
    Place.objects.filter(hit__in=before).update(is_filled=True)
    Place.objects.create(hit=hit, number=1)

    after = queue_order(queue_of(study).strata, "ana").tolist()

    assert next_hit(ana) == hit
    assert [pk for pk in after if pk != hit.pk] == before


@database
def test_a_process_remembers_the_orders_of_the_last_workers(monkeypatch):
    study = published_study(layers=[("a", "l", 20), ("b", "l", 9)], tops=1, catches=0)
    monkeypatch.setattr(queue, "MAX_REMEMBERED", 3 * (29 + queue.ORDER_OVERHEAD))
    remembered = queue_of(study)
    keys = ["ana", "ben", "ana", "cleo", "dan", "ana"]
    orders = [remembered.order_of(key) for key in keys]

    for key, order in zip(keys, orders, strict=True):
        assert order.tolist() == queue_order(remembered.strata, key).tolist()
    assert orders[0] is orders[2]
    assert set(remembered.orders) == {"dan", "ana"}


@database
def test_draws_do_not_depend_on_the_numbers_of_rows_in_the_database():
    def order_in(name):
        study = published_study(name, layers=[("a", "l", 20), ("b", "l", 9)], tops=1, catches=0)
        numbers = dict(Hit.objects.values_list("pk", "unit__number"))
        layers = dict(Hit.objects.values_list("pk", "unit__layer__network__name"))
        order = queue_order(queue_of(study).strata, "ana").tolist()
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
