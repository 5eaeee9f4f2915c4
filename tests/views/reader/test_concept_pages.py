"""Merging words is blind, versioned and reversible; concepts are found across networks."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from annotator.models import AuditRow, ConceptMerge
from annotator.results.concepts.merges import (
    MergeError,
    concept_map,
    keep_apart,
    load_concepts,
    load_merges,
    merge,
    pairs_kept_apart,
    undo,
)
from annotator.results.concepts.suggestions import suggestions
from annotator.results.report.concept_index import concept_index, matching_entries
from annotator.results.report.report import report_of
from tests.results.studies import answered_study, say, the_unit


def test_near_duplicates_are_suggested_with_a_reason():
    counts = {"street light": 5, "streetlight": 1, "stripe pattern": 2, "pattern of stripe": 1}
    counts |= {"window": 4, "windwo": 1, "cat": 3, "car": 3, "bicycle wheel": 2}

    found = {(one.words, one.why) for one in suggestions(counts)}

    assert found == {
        (("street light", "streetlight"), "the same letters"),
        (("stripe pattern", "pattern of stripe"), "the same words"),
        (("window", "windwo"), "one letter apart"),
    }


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("wheel", "whel", True),
        ("wheel", "wheal", True),
        ("wheel", "wehel", True),
        ("wheel", "wheels", True),
        ("wheel", "whale", False),
        ("horse", "house", True),
        ("sky", "ski", False),  # too short to be a slip
    ],
)
def test_one_letter_apart_is_one_edit(one, two, near):
    assert bool(suggestions({one: 1, two: 1})) is near


def test_words_kept_apart_are_suggested_no_more_but_with_another_they_are():
    counts = {"horse": 2, "house": 3, "houses of stone": 1, "stone house": 1, "stone horse": 1}
    apart = {frozenset({"horse", "house"})}

    assert ("house", "horse") in {one.words for one in suggestions(counts)}
    assert ("house", "horse") not in {one.words for one in suggestions(counts, apart)}
    assert suggestions({"a b": 1, "ab": 1, "b a": 1}, {frozenset({"a b", "ab"})})[0].words == (
        "a b",
        "b a",
    )


def consensus(study):
    return report_of(study).networks[0].layers[0].units[0].named.consensus


def test_merged_words_are_used_by_every_consensus_and_undone_again(db):
    study = answered_study()
    unit = the_unit(study, number=1)
    for worker, word in (("ada", "car"), ("ben", "truck"), ("cleo", "sky")):
        say(study, unit, worker, word)

    def named():
        return report_of(study).networks[0].layers[0].units[1].named.consensus

    assert named() is None
    merge(study, ["car", "truck"], "Vehicles", by="rita")
    assert named() == "vehicle"
    assert report_of(study).merge_version == 1
    undo(study, 1)
    assert named() is None
    assert report_of(study).merge_version == 2
    assert concept_map(load_merges(study), 1).concept("trucks") == "vehicle"
    assert {raw for one in load_concepts(study) for raw, _ in one.raw} >= {"car", "truck"}


def test_keeping_apart_is_a_version_that_merges_nothing_and_is_undone_again(db):
    study = answered_study()
    before = report_of(study)

    keep_apart(study, ["wheel", "car"], by="rita")

    kept = load_merges(study)
    assert pairs_kept_apart(kept) == {frozenset({"car", "wheel"})}
    assert report_of(study).networks == before.networks
    assert report_of(study).merge_version == 1
    undo(study, 1)
    assert pairs_kept_apart(load_merges(study)) == set()
    assert report_of(study).merge_version == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["wheel", "wheel"], "Choose two words or more"),
        (["wheel", "sofa"], "No answer uses 'sofa'"),
    ],
)
def test_what_cannot_be_kept_apart_is_refused_with_a_sentence(db, words, sentence):
    with pytest.raises(MergeError, match=sentence):
        keep_apart(answered_study(), words, by="rita")


@pytest.mark.parametrize(
    ("words", "into", "sentence"),
    [
        (["wheel"], "wheel", "Choose two words or more"),
        (["wheel", "sofa"], "wheel", "No answer uses 'sofa' now"),
        (["wheel", "car"], " ", "A concept has 1 to 100 characters"),
    ],
)
def test_what_is_no_merge_is_refused_with_a_sentence(db, words, into, sentence):
    with pytest.raises(MergeError, match=sentence):
        merge(answered_study(), words, into, by="rita")


def test_the_page_merges_and_undoes_and_says_nothing_of_where_words_come_from(db, client):
    study = answered_study()
    address = reverse("concepts", args=["rooms"])

    page = client.get(address).content.decode()
    for told in ("scenes", "objects", "conv1", "0.75", "recision by"):
        assert told not in page
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
    say(study, the_unit(study), "eve", "wheeel")
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
        say(study, the_unit(study, "objects", number=1), worker, "Wheels", group=5)
        say(study, the_unit(study, "scenes", "conv2"), worker, "sky")
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

    assert "<h2>wheel</h2>" in page
    assert "<h2>sky</h2>" not in page


@pytest.mark.browser
@pytest.mark.parametrize("name", ["concepts", "named"])
def test_the_pages_have_no_barrier(transactional_db, live_server, browser_page, name):
    study = two_networks()
    say(study, the_unit(study), "eve", "wheeel")
    browser_page.goto(live_server.url + reverse(name, args=["rooms"]))
    if name == "concepts":
        browser_page.get_by_role("button", name="Keep apart wheel, wheeel").click()
        browser_page.get_by_role("button", name="Undo version 1").click()
        browser_page.get_by_role("button", name="Merge wheel, wheeel").click()
        browser_page.get_by_role("button", name="Undo version 3").wait_for()

    found = Axe().run(browser_page).response["violations"]
    browser_page.set_viewport_size({"width": 390, "height": 844})

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390
