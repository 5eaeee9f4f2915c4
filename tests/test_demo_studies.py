"""The demo's studies: complete once every unit has a HIT and every place an answer."""

import pytest

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling.leases import accept
from annotator.demo_studies import STUDIES, fill_lab, is_complete, kind_options
from annotator.management.results_options import kind_of_network
from annotator.models import Hit, Study
from annotator.results.report.training_runs import MIN_RUNS
from dissect.demo import networks
from tests.crowd.studies import published_study, workers
from tests.planted_study import network, pictures, planted

pytestmark = pytest.mark.django_db
__all__ = ["network", "pictures", "planted"]


def answer_all(study):
    (ana,) = workers(study, "ana")
    for hit in Hit.objects.select_related("hit_type"):
        submit(accept(ana, hit), AnswerForm("grass", 3, frozenset()))


def test_a_study_is_complete_when_every_place_is_answered():
    study = published_study(layers=[("net", "conv", 2)], places=1)
    assert not is_complete(study)

    answer_all(study)

    assert is_complete(study)


def test_a_study_with_an_unpublished_unit_is_incomplete():
    study = published_study(layers=[("net", "conv", 2)], places=1)
    Hit.objects.order_by("pk").first().delete()
    answer_all(study)

    assert not is_complete(study)


def test_a_study_without_units_is_incomplete():
    assert not is_complete(Study.objects.create(name="empty"))


def test_the_lab_of_the_demo_is_filled_once_and_by_the_worker(network):
    fill_lab(network.study)
    fill_lab(network.study)

    analyses = network.analyses.values_list("kind", "status")
    assert len(analyses) == len(set(analyses)) >= 8
    assert {status for _, status in analyses} == {"waiting"}


def test_every_network_of_the_demo_exists():
    for study_networks in STUDIES.values():
        assert all(callable(getattr(networks, name)) for name in study_networks)


def test_the_demo_compares_three_training_runs_of_each_kind():
    kinds = dict(kind_of_network(option.removeprefix("--kind=")) for option in kind_options())

    assert set(kinds) == {"scene", "object"}
    for kind, runs in kinds.items():
        assert len(set(runs)) == MIN_RUNS == 3
        for run in runs:
            study, _, spec = run.partition("/")
            module, _, network = spec.partition(":")
            assert (module, network[: len(kind)]) == (networks.__name__, kind)
            assert network in STUDIES[study]
