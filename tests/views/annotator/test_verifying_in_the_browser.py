"""A HIT that verifies a given concept, in a real Chromium, on a phone."""

import random

import pytest
from django.urls import reverse

from annotator.crowd.scheduling import leases
from annotator.models import Answer, Exemplar, Hit, Image, Place
from tests.crowd.studies import the_hit
from tests.views.annotator.test_accessible import PHONE, assert_accessible
from tests.views.hits import pictured_study, random_mask, sheet_of, stored
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWN = 12


@pytest.fixture
def study():
    """One unit, named already, whose concept "wooden floor" waits to be verified."""
    study = pictured_study(tops=6, catches=0)
    naming = the_hit(study)
    Place.objects.filter(hit=naming).delete()
    masks = [random_mask(random.Random(slot)) for slot in range(SHOWN)]
    verification = Hit.objects.create(
        unit=naming.unit, kind="verification", concept="wooden floor", concept_by="consensus",
        hit_type=naming.hit_type, masks=stored("sheets", sheet_of(masks), "png"),
    )  # fmt: skip
    Place.objects.create(hit=verification, number=1)
    first = Image.objects.filter(study=study).first()
    for place in range(6, 6 + SHOWN):
        image = study.images.create(
            place=place, path=f"{place}.jpg", tile=first.tile, zoom=first.zoom
        )
        Exemplar.objects.create(
            unit=naming.unit, image=image, role="held-out" if place < 15 else "random",
            rank=place + 1 if place < 15 else None, slot=place,
            score=0, peak_y=0, peak_x=0, mask=0,
        )  # fmt: skip
    return study


def test_it_asks_for_marks_alone_and_one_press_submits(browser_page, live_server, study, ana):
    page = browser_page
    page.set_viewport_size(PHONE)
    assignment = leases.accept(ana, Hit.objects.get(kind="verification"))
    sign_in(page.context, live_server.url, ana)
    page.goto(live_server.url + reverse("hit", args=[assignment.key]))

    assert page.locator(".concept-to-verify").inner_text() == "Look for wooden floor"
    assert page.locator("#concept, [name=group], [name=says]").count() == 0
    assert page.locator("#pictures > li").count() == SHOWN
    for number in (0, 5):
        page.locator("input[name=marked]").nth(number).click()
    assert_accessible(page)
    page.locator('[name="then"][value="next"]').click()
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert (answer.says, answer.concept, answer.marks.count()) == ("given", "wooden floor", 2)
