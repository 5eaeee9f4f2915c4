"""The HIT page: what it shows, what it keeps, and what it never reveals."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from annotator.crowd.answers import pictures
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, Exemplar, Invitation
from tests.crowd.studies import the_hit, workers
from tests.views.hits import pictured_study

pytestmark = pytest.mark.django_db

COMPLETE = {"concept": "green ball", "group": "5", "says": "concept", "then": "stop"}


def address(assignment):
    return reverse("hit", args=[assignment.key])


def page_of(client, assignment, form=None):
    url = address(assignment)
    response = client.post(url, form, follow=True) if form is not None else client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def tiles_in(page):
    return re.findall(r'<li class="tile[^>]*>.*?</li>', page, re.DOTALL)


def slots_in(page):
    return [int(slot) for slot in re.findall(r'name="marked" value="(\d+)"', page)]


def catch_slots(study):
    rows = Exemplar.objects.filter(unit__layer__network__study=study, role="catch")
    return list(rows.values_list("slot", flat=True))


def test_every_picture_of_the_hit_can_be_marked_once(as_ana, assignment):
    slots = slots_in(page_of(as_ana, assignment))

    assert sorted(slots) == list(range(63))


def test_a_reload_shows_the_same_order_and_another_worker_another(client, as_ana, assignment):
    first, again = page_of(as_ana, assignment), page_of(as_ana, assignment)
    ben = workers(assignment.worker.study, "ben")[0]
    bens = leases.accept(ben, assignment.hit)
    session = client.session
    session["worker"] = ben.pk
    session.save()

    assert slots_in(first) == slots_in(again)
    assert slots_in(first) != slots_in(page_of(client, bens))


def test_a_catch_image_looks_like_every_other_picture(as_ana, assignment):
    tiles = tiles_in(page_of(as_ana, assignment))
    numbers_and_names = re.compile(r"[0-9a-f]{64}|\d+")

    assert len(tiles) == 63
    assert len({numbers_and_names.sub("#", tile) for tile in tiles}) == 1


def test_the_page_reveals_neither_network_nor_layer_nor_study_nor_unit(as_ana, assignment):
    page = page_of(as_ana, assignment).lower()
    words = re.sub(r"[0-9a-f]{64}|csrfmiddlewaretoken.*?>|hits/[\w-]+", "", page)

    for secret in ("squeezenet", "conv10", "rooms", "unit 0", "catch", "role", "rank", "score"):
        assert re.search(rf"\b{secret}\b(?!=)", words) is None, secret


def test_an_incomplete_answer_comes_back_with_everything_that_was_entered(as_ana, assignment):
    form = COMPLETE | {"group": "", "says": "two things", "marked": ["3", "61"]}
    page = page_of(as_ana, assignment, form)

    assert 'value="green ball"' in page
    assert re.findall(r'value="(\d+)" id="slot-\d+" checked', page) in (["3", "61"], ["61", "3"])
    assert re.search(r'value="two things" checked', page)
    assert page.count(">Please choose the group") == 2  # in the summary and in the form
    assert "2 of 63 marked" in page
    assert not Answer.objects.exists()


def test_a_field_that_is_wrong_says_so_to_screen_readers(as_ana, assignment):
    page = page_of(as_ana, assignment, COMPLETE | {"concept": ""})

    assert 'aria-invalid="true" aria-describedby="concept-error"' in page
    assert 'href="#concept"' in page
    assert "Please check your answer:" in page  # in the title


@pytest.mark.parametrize("odd", ["x", "-1", "99999999999999999999", "\u0663", ""])
def test_odd_numbers_are_wrong_answers_not_crashes(as_ana, assignment, odd):
    page = page_of(as_ana, assignment, COMPLETE | {"marked": ["3", odd], "group": odd})

    assert "look-again" in page
    assert not Answer.objects.exists()


def test_a_complete_answer_is_thanked_for_in_the_queue(as_ana, assignment):
    response = as_ana.post(address(assignment), COMPLETE | {"marked": ["3"]}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("closing")
    assert "Thank you" in response.content.decode()
    answer = Answer.objects.get()
    assert (answer.concept, answer.group, answer.marks.get().exemplar.slot) == ("green ball", 5, 3)


def test_submit_and_go_on_opens_the_next_hit(client, two_hits):
    first, second = two_hits

    response = client.post(address(first), COMPLETE | {"then": "next"})

    assert response.url == address(Assignment.objects.get(hit=second))
    assert "about 3 min left" in client.get(response.url).content.decode()


def test_submitting_twice_counts_once(as_ana, assignment):
    as_ana.post(address(assignment), COMPLETE)
    as_ana.post(address(assignment), COMPLETE | {"concept": "something else"})

    assert Answer.objects.get().concept == "green ball"


def test_nothing_in_common_needs_neither_name_nor_group(as_ana, assignment):
    as_ana.post(address(assignment), {"says": "nothing", "concept": "", "then": "stop"})

    assert Answer.objects.get().says == "nothing"


def test_under_block_a_refusal_names_no_picture_and_offers_a_way_out(client, db):
    study = pictured_study(catch_policy="block")
    ben = workers(study, "ben")[0]
    session = client.session
    session["worker"] = ben.pk
    session.save()
    assignment = leases.accept(ben, the_hit(study))
    one, two, three = catch_slots(study)

    pages = [
        page_of(client, assignment, COMPLETE | {"marked": marked})
        for marked in ([one, two], [three])
    ]

    refusals = [re.search(r'<div class="look-again".*?</div>', page, re.DOTALL) for page in pages]
    assert refusals[0].group() == refusals[1].group()
    assert 'name="looked_again"' in refusals[0].group()
    assert re.search(rf'value="{three}" id="slot-{three}" checked', pages[1])
    client.post(address(assignment), COMPLETE | {"marked": [one], "looked_again": "on"})
    assert Answer.objects.get().catch_marked_at_first == 2


def test_an_error_is_answered_with_a_redirect_to_a_page_that_keeps_everything(as_ana, assignment):
    response = as_ana.post(address(assignment), COMPLETE | {"group": "", "marked": ["3", "61"]})

    assert response.url == address(assignment) + "?check"
    pages = [as_ana.get(response.url).content.decode(), page_of(as_ana, assignment)]
    assert [">Please choose the group" in page for page in pages] == [True, False]
    for page in pages:
        assert 'value="green ball"' in page
        assert page.count(" checked") == page_of(as_ana, assignment).count(" checked")
        assert "2 of 63 marked" in page


def test_skipping_goes_on_to_the_next_set(client, two_hits):
    skipped, second = two_hits

    response = client.post(reverse("give_back", args=[skipped.key]))

    now = Assignment.objects.get(hit=second)
    assert response.url == address(now)
    assert "You skipped a set" in client.get(response.url).content.decode()
    assert client.post(reverse("give_back", args=[now.key])).url == reverse("hits")  # the last


def test_giving_it_back_frees_the_place_at_once(as_ana, assignment):
    url = reverse("give_back", args=[assignment.key])
    assert as_ana.get(url).status_code == 405

    as_ana.post(url, {"reason": "too dark"})

    assignment.refresh_from_db()
    assert (assignment.status, assignment.return_reason) == ("returned", "too dark")
    assert not leases.holds(assignment)
    assert as_ana.get(address(assignment)).url == reverse("hits")


def test_somebody_elses_assignment_does_not_exist(as_ana, assignment):
    ben = workers(assignment.worker.study, "ben")[0]
    bens = leases.accept(ben, assignment.hit)

    assert as_ana.get(address(bens)).status_code == 404
    assert as_ana.post(address(bens), COMPLETE).status_code == 404
    assert as_ana.post(reverse("give_back", args=[bens.key])).status_code == 404


def test_looking_at_the_page_keeps_the_place(as_ana, assignment):
    assignment.place.leased_until = assignment.accepted_at
    assignment.place.save()
    assert not leases.holds(assignment)

    page_of(as_ana, assignment)

    assert leases.holds(assignment)


def test_a_hit_without_masks_shows_whole_pictures_and_no_views(as_ana, assignment):
    assignment.hit.masks = ""
    assignment.hit.save()

    assert 'name="view"' not in page_of(as_ana, assignment)


@pytest.mark.parametrize("view", ["region", "outline", "whole"])
def test_the_study_says_which_view_comes_first(as_ana, assignment, view):
    study = assignment.worker.study
    study.first_view = view
    study.save()

    assert re.findall(r'name="view" value="(\w+)" checked', page_of(as_ana, assignment)) == [view]


def test_nothing_on_the_page_needs_a_lax_content_security_policy(as_ana, assignment):
    page = page_of(as_ana, assignment)

    assert re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=|javascript:", page) is None


def test_the_back_button_does_not_bring_back_an_answered_hit(as_ana, assignment):
    assert "no-store" in as_ana.get(address(assignment))["Cache-Control"]


def test_a_requester_who_tries_it_out_is_offered_nothing_that_unblinds(as_ana, assignment):
    invitation = Invitation.objects.create(study=assignment.worker.study)
    other = Client()  # at the machine itself, so a requester
    pages = [page_of(as_ana, assignment), as_ana.get(reverse("hits")).content.decode()]
    pages.append(other.get(reverse("enter", args=[invitation.token])).content.decode())

    for page in pages:
        assert reverse("studies") not in page
        assert reverse("results") not in page
    assert reverse("hits") in pages[0]
    assert reverse("studies") in other.get("/").content.decode()


def test_the_page_takes_few_queries(as_ana, assignment, django_assert_max_num_queries):
    pictures.hide(assignment, 7)
    page_of(as_ana, assignment)
    with django_assert_max_num_queries(12):
        page_of(as_ana, assignment)
    with django_assert_max_num_queries(12):
        as_ana.get(address(assignment) + "?check")


def test_hiding_without_javascript_brings_back_everything_that_was_entered(as_ana, assignment):
    page = page_of(as_ana, assignment, COMPLETE | {"marked": ["3", "61"], "hide": "3"})

    assert re.findall(r'name="show" value="(\d+)"', page) == ["3"]
    assert re.findall(r'value="(\d+)" id="slot-\d+" checked', page) == ["61"]
    assert 'value="green ball"' in page
    assert "1 of 62 marked" in page
    assert not Answer.objects.exists()
    page = page_of(as_ana, assignment, COMPLETE | {"show": "3"})
    assert 'name="show"' not in page


def test_a_hidden_catch_image_looks_like_every_other_hidden_picture(as_ana, assignment):
    for slot in range(63):
        pictures.hide(assignment, slot)

    tiles = tiles_in(page_of(as_ana, assignment))

    assert len({re.sub(r"[0-9a-f]{64}|\d+", "#", tile) for tile in tiles}) == 1


def test_the_page_says_when_too_many_pictures_are_hidden_and_what_came_of_it(as_ana, assignment):
    least = "an answer needs 32 pictures"
    for slot in range(31):
        pictures.hide(assignment, slot)
    assert re.search(rf'<p data-least="32" hidden>[^<]*{least}', page_of(as_ana, assignment))
    pictures.hide(assignment, 31)
    assert re.search(rf'<p data-least="32">[^<]*{least}', page_of(as_ana, assignment))

    page = page_of(as_ana, assignment, COMPLETE)

    assert "You hid 32 of the 63 pictures, too many for an answer." in page
    assert Assignment.objects.get().status == Assignment.Status.RETURNED


def test_annotators_read_of_groups_and_skipping_never_of_kinds_and_returning(as_ana, assignment):
    invitation = Invitation.objects.create(study=assignment.worker.study)
    urls = ["/hits/", "/work/", "/consent/", reverse("hit", args=[assignment.key])]
    pages = [as_ana.get(url).content.decode() for url in urls]
    pages.append(Client().get(reverse("enter", args=[invitation.token])).content.decode())

    for page in pages:
        words = set(re.findall(r"[a-z]+", re.sub(r"<[^>]*>", " ", page).lower()))
        assert words.isdisjoint({"kind", "kinds", "return", "returned", "category"})
    assert "Which group does it belong to?" in pages[3]
    assert "Skip this set" in pages[3]
