"""Which HIT a worker is offered next."""

from collections import Counter

import numpy as np
import pytest

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.queue import Stratum, queue_order
from annotator.crowd.scheduling.scheduler import next_hit, take_next
from annotator.models import Hit, Place, Worker
from tests.crowd.concurrency import for_each_at_once
from tests.crowd.scheduling.test_leases import let_lapse
from tests.crowd.studies import published_study, workers

GRASS = AnswerForm(concept="grass", group=3, marked=frozenset())
TWO_LAYERS = (("scenes", "conv1", 3), ("objects", "conv1", 3))

database = pytest.mark.django_db
both = pytest.mark.both_databases


def work_off(worker, study=None):
    """Answer everything that the worker is offered; return the HITs in that order."""
    done = []
    while assignment := take_next(worker):
        submit(assignment, GRASS)
        done.append(assignment.hit_id)
    return done


@database
@both
def test_a_worker_gets_every_unit_of_every_layer_once():
    study = published_study(layers=TWO_LAYERS, worker_share=1)
    (ana,) = workers(study, "ana")

    done = work_off(ana)

    assert sorted(done) == sorted(Hit.objects.values_list("pk", flat=True))


@database
def test_nobody_gets_more_than_their_share_of_the_places():
    study = published_study(layers=TWO_LAYERS, places=3, worker_share=0.1)  # of 18: 1.8
    (ana,) = workers(study, "ana")

    assert len(work_off(ana)) == 2


@database
def test_everybody_may_answer_once_however_small_the_study():
    study = published_study(worker_share=0.01)
    (ana,) = workers(study, "ana")

    assert len(work_off(ana)) == 1


@database
def test_what_was_given_back_is_not_part_of_the_share():
    study = published_study(layers=TWO_LAYERS, places=3, worker_share=0.05)
    (ana,) = workers(study, "ana")
    leases.give_back(take_next(ana))

    assert len(work_off(ana)) == 1


@database
def test_simulated_workers_have_no_share():
    study = published_study(layers=TWO_LAYERS, worker_share=0.1)
    (robot,) = workers(study, "robot", kind=Worker.Kind.SIMULATED)

    assert len(work_off(robot)) == 6


@database
def test_workers_of_another_study_are_offered_nothing_of_this_one():
    published_study("rooms")
    other = published_study("streets", layers=())
    (ana,) = workers(other, "ana")

    assert next_hit(ana) is None


@database
def test_a_full_or_withdrawn_hit_is_not_offered():
    study = published_study(layers=TWO_LAYERS, places=1, worker_share=1)
    first, second, *rest = Hit.objects.order_by("pk")
    Place.objects.filter(hit=first).update(is_filled=True)
    Hit.objects.filter(pk=second.pk).update(status=Hit.Status.DISPOSED)
    (ana,) = workers(study, "ana")

    assert sorted(work_off(ana)) == sorted(hit.pk for hit in rest)


@database
def test_who_has_one_open_gets_that_one_again():
    study = published_study(layers=TWO_LAYERS, worker_share=1)
    (ana,) = workers(study, "ana")

    first = take_next(ana)

    assert take_next(ana) == first


@database
def test_a_lapsed_one_is_taken_up_again_unless_somebody_else_has_it():
    study = published_study(layers=TWO_LAYERS, places=1, worker_share=1)
    ana, ben = workers(study, "ana", "ben")
    mine = take_next(ana)
    let_lapse(mine)
    leases.expire_assignments()

    assert take_next(ana) == mine
    let_lapse(mine)
    leases.accept(ben, mine.hit)

    assert take_next(ana) != mine


@both
@pytest.mark.django_db(transaction=True)
def test_workers_who_snatch_places_from_each_other_all_get_another():
    study = published_study(layers=TWO_LAYERS, places=2, worker_share=1)
    everybody = workers(study, *(f"worker {number}" for number in range(12)))

    taken = for_each_at_once(take_next, everybody)

    assert len({(assignment.place_id, assignment.claim_number) for assignment in taken}) == 12


@database
def test_choosing_takes_few_queries(django_assert_max_num_queries):
    study = published_study(layers=TWO_LAYERS)
    (ana,) = workers(study, "ana")

    with django_assert_max_num_queries(7):
        next_hit(ana)
    with django_assert_max_num_queries(5):  # the process remembers the study's queue
        next_hit(ana)


EVEN = [(hit, hit % 4) for hit in range(40)]  # four layers, ten HITs each


def strata_of(hits):
    """The strata of (HIT, layer) pairs."""
    layers: dict[int, list[int]] = {}
    for hit, layer in hits:
        layers.setdefault(layer, []).append(hit)
    return [Stratum(f"layer {layer}", np.array(own)) for layer, own in layers.items()]


def order_of(hits, key):
    return queue_order(strata_of(hits), key).tolist()


def test_each_block_has_one_hit_of_every_layer():
    layer = dict(EVEN)
    order = order_of(EVEN, "ana")

    for start in range(0, 40, 4):
        assert {layer[hit] for hit in order[start : start + 4]} == {0, 1, 2, 3}


def test_layers_of_any_sizes_come_in_proportion_all_the_way():
    sizes = {0: 96, 1: 256, 2: 7, 3: 1}
    hits = [(100_000 * layer + number, layer) for layer in sizes for number in range(sizes[layer])]
    half = Counter(hit // 100_000 for hit in order_of(hits, "ana")[:180])

    assert half[0] == pytest.approx(48, abs=2)
    assert half[1] == pytest.approx(128, abs=2)
    assert half[2] == pytest.approx(3.5, abs=1)


def test_every_worker_has_an_order_of_their_own_that_stays():
    assert order_of(EVEN, "ana") == queue_order(reversed(strata_of(EVEN)), "ana").tolist()
    assert order_of(EVEN, "ana") != order_of(EVEN, "ben")
    assert sorted(order_of(EVEN, "ana")) == list(range(40))


def test_layers_take_turns_at_coming_first():
    first = Counter(dict(EVEN)[order_of(EVEN, f"worker {number}")[0]] for number in range(400))

    assert all(70 < count < 130 for count in first.values())  # 100 each, more than 3 sigma
