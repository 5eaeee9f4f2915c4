"""The pages on which words are merged, blind, and on which concepts are found across networks."""

import pytest
from django.urls import reverse

from annotator.models import AuditRow, ConceptMerge
from annotator.results.report.concept_index import concept_index, matching_entries
from annotator.results.report.report import report_of
from tests.browsing import barriers
from tests.results.studies import answered_study, get_unit, store_answer


def consensus(study):
    return report_of(study).networks[0].layers[0].units[0].named.consensus


def test_the_page_merges_and_undoes_and_says_nothing_of_where_words_come_from(db, client):
    study = answered_study()
    address = reverse("concepts", args=["rooms"])

    page = client.get(address).content.decode()
    for hint in ("scenes", "objects", "conv1", "0.75", "recision by"):
        assert hint not in page
    client.post(reverse("merge_concepts", args=["rooms"]), {"word": ["car", "wheel"], "into": "x"})
    assert consensus(study) == "x"
    client.post(reverse("undo_merge", args=["rooms", 1]))
    assert consensus(study) == "wheel"
    assert "undone in version 2" in client.get(address).content.decode()
    assert [row.action for row in AuditRow.objects.all()] == ["undo a merge", "merge words"]
    client.post(reverse("merge_concepts", args=["rooms"]), {"word": ["car"], "into": "car"})
    assert "Choose two words or more" in client.get(address).content.decode()


def test_the_page_keeps_words_apart_and_takes_that_back(db, client):
    study = answered_study()
    store_answer(study, get_unit(study), "eve", "wheeel")
    address = reverse("concepts", args=["rooms"])

    def suggested():
        return "Merge wheel, wheeel" in client.get(address).content.decode()

    assert suggested()
    client.post(reverse("keep_concepts_apart", args=["rooms"]), {"word": ["wheel", "wheeel"]})
    assert not suggested()
    assert "kept apart" in client.get(address).content.decode()
    client.post(reverse("undo_merge", args=["rooms", 1]))
    assert suggested()
    assert [row.action for row in AuditRow.objects.all()] == [
        "undo keeping apart",
        "keep words apart",
    ]


@pytest.mark.parametrize("name", ["merge_concepts", "keep_concepts_apart"])
def test_readers_and_annotators_merge_nothing(db, client, name):
    answered_study()
    client.defaults["REMOTE_ADDR"] = "192.0.2.1"

    asked = client.post(reverse(name, args=["rooms"]), {"word": ["car", "wheel"], "into": "x"})

    assert asked.status_code == 302
    assert ConceptMerge.objects.count() == 0


def two_networks():
    """A wheel in both networks, a sky in one."""
    study = answered_study()
    for worker in ("ada", "ben"):
        store_answer(study, get_unit(study, "objects", number=1), worker, "Wheels", group=5)
        store_answer(study, get_unit(study, "scenes", "conv2"), worker, "sky")
    return study


def index(study):
    report = report_of(study)
    layers = [
        (network.name, layer.id, layer.name, layer.units)
        for network in report.networks
        for layer in network.layers
    ]
    return concept_index(layers, 0.75)


def test_concepts_are_found_in_both_networks_or_in_one_alone(db):
    entries = index(two_networks())

    assert [one.concept for one in entries] == ["wheel", "sky"]
    assert [one.concept for one in matching_entries(entries, where="both")] == ["wheel"]
    assert [one.concept for one in matching_entries(entries, where="scenes")] == ["sky"]
    assert [one.concept for one in matching_entries(entries, "SK")] == ["sky"]
    assert entries[0].detector_count == 1  # a part in one network, an object in the other


def test_the_page_of_concepts_shows_both_networks(db, client):
    two_networks()

    page = client.get(reverse("named", args=["rooms"]), {"where": "both"}).content.decode()

    assert "<h2><bdi>wheel</bdi></h2>" in page
    assert "<h2><bdi>sky" not in page


@pytest.mark.browser
@pytest.mark.parametrize("name", ["concepts", "named"])
def test_the_pages_have_no_barrier(transactional_db, live_server, browser_page, name):
    study = two_networks()
    store_answer(study, get_unit(study), "eve", "wheeel")
    browser_page.goto(live_server.url + reverse(name, args=["rooms"]))
    if name == "concepts":
        browser_page.get_by_role("button", name="Keep apart wheel, wheeel").click()
        browser_page.get_by_role("button", name="Undo version 1").click()
        browser_page.get_by_role("button", name="Merge wheel, wheeel").click()
        browser_page.get_by_role("button", name="Undo version 3").wait_for()

    assert barriers(browser_page) == []
    browser_page.set_viewport_size({"width": 390, "height": 844})
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390
