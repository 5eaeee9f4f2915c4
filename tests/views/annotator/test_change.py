"""A second tab is told which answer was kept, and the last answer can be opened again."""

import re

import pytest
from django.urls import reverse

from annotator.models import Answer
from tests.browsing import hurry
from tests.views.reviewer.reviewed import text
from tests.views.sessions import sign_in

pytestmark = pytest.mark.django_db
SENT = {"concept": "green ball", "group": "5", "says": "concept", "marked": ["3", "7"]}
OTHER = {"concept": "lawn <b>", "group": "3", "says": "concept"}


def submit(client, assignment, form, **more):
    address = reverse("hit", args=[assignment.key])
    return client.post(address, form | more, follow=True)


def test_a_second_tab_with_other_words_is_told_which_answer_was_kept(as_ana, assignment):
    submit(as_ana, assignment, SENT)

    page = text(submit(as_ana, assignment, OTHER))

    assert "That first answer was kept: “green ball”, Objects, 2 pictures marked." in page
    assert "What you sent now was not saved." in page
    assert Answer.objects.get().concept == "green ball"


def test_a_second_tab_with_the_same_is_thanked(as_ana, assignment):
    for _ in range(2):
        page = text(submit(as_ana, assignment, SENT))

        assert "Your answer was submitted. Thank you." in page
        assert "was not saved" not in page


def test_after_nothing_in_common_the_second_tab_is_told_so(as_ana, assignment):
    submit(as_ana, assignment, {"says": "nothing"})

    assert "was kept: nothing in common." in text(submit(as_ana, assignment, OTHER))


def test_the_last_answer_opens_as_it_was_submitted(as_ana, assignment):
    page = text(submit(as_ana, assignment, SENT))
    address = reverse("change_answer", args=[assignment.key])
    assert f'href="{address}"' in page

    page = text(as_ana.get(address))

    assert 'value="green ball"' in page
    assert 'value="3" id="slot-3" checked' in page
    assert f'action="{address}"' in page
    assert "Save changed answer" in page
    assert "Skip this set" not in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_change_makes_no_draft_and_hides_no_picture(
    browser_page, live_server, ana, as_ana, assignment
):
    """Its pictures are judged as they were, and leaving the page leaves the answer as it was."""
    submit(as_ana, assignment, SENT)
    requests = []
    browser_page.on("request", lambda request: requests.append(request.url))
    hurry(browser_page)
    sign_in(browser_page.context, live_server.url, ana)
    browser_page.goto(live_server.url + reverse("change_answer", args=[assignment.key]))
    browser_page.locator("input[name=marked]:not(:checked)").first.focus()  # the order varies

    for key in "xh":
        browser_page.keyboard.press(key)
    browser_page.get_by_text(re.compile("^3 of 63 marked")).wait_for()
    browser_page.wait_for_timeout(100)  # of ten times as much: a draft waits for half a second

    assert browser_page.locator(".tile.is-hidden").count() == 0
    assert not [url for url in requests if re.search("/(draft|hide|ahead)/$", url)]


def test_a_change_is_saved_and_said(as_ana, assignment):
    submit(as_ana, assignment, SENT)
    address = reverse("change_answer", args=[assignment.key])

    page = text(as_ana.post(address, OTHER, follow=True))

    assert "Your changed answer was saved." in page
    assert Answer.objects.get().concept == "lawn <b>"


def test_a_change_that_is_incomplete_says_what_is_missing(as_ana, assignment):
    submit(as_ana, assignment, SENT)

    page = text(as_ana.post(reverse("change_answer", args=[assignment.key]), {"says": "concept"}))

    assert "Please name in a few words" in page
    assert Answer.objects.get().concept == "green ball"


def test_a_reviewed_answer_opens_no_more(as_ana, assignment):
    submit(as_ana, assignment, SENT)
    type(assignment).objects.update(status="approved")
    address = reverse("change_answer", args=[assignment.key])

    assert "This answer stays as it was." in text(as_ana.get(address, follow=True))
    assert "This answer stays as it was." in text(as_ana.post(address, OTHER, follow=True))
    assert Answer.objects.get().concept == "green ball"
    assert address not in text(as_ana.get(reverse("hits")))
