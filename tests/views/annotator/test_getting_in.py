"""The way in, in a real browser: link, account, consent, training, qualification, work, pay."""

import pytest

from annotator.crowd.access.consent import write_text
from annotator.crowd.audit import COMMAND
from annotator.models import AuditRow, ConsentGiven, Invitation, KnownAnswer, Unit, Worker
from tests.browsing import WITHOUT_COLORS
from tests.crowd.consents import with_consent
from tests.views.annotator.test_accessible import DESKTOP, PHONE, assert_accessible
from tests.views.hits import pictured_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a horse, correct"


@pytest.fixture
def dogs(db):
    """A study of six units; the first two are known to be dogs: one to train, one to qualify."""
    study = pictured_study(
        tops=4, catches=1, layers=(("n", "l", 6),), worker_share=1, pass_mark=1, places=1
    )
    uses = ("for_training", "for_qualification")
    for unit, use in zip(Unit.objects.order_by("number"), uses, strict=False):
        KnownAnswer.objects.create(unit=unit, concepts=["dog"], group=5, **{use: True})
    return study


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def answer(page, concept, group):
    page.locator("#concept").fill(concept)
    page.locator(f"#group-{group}").check()
    page.locator("input[name=marked]").first.check()
    press(page, "Submit and continue")


def look(page):
    """What axe says of colors, and of layout at both sizes."""
    for size, rules in ((PHONE, WITHOUT_COLORS), (DESKTOP, {})):
        page.set_viewport_size(size)
        assert_accessible(page, rules=rules)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than the screen"


def test_from_the_link_to_the_first_pay(browser_page, browser, live_server, dogs, settings):
    page = browser_page
    page.set_default_timeout(30_000)  # the first visit of a process imports the views
    settings.PUBLIC_URL = live_server.url
    with_consent(dogs)
    page.goto(f"{live_server.url}/studies/rooms/recruit/")  # at the machine: the requester
    page.get_by_label("Note").fill("students")
    page.get_by_label("Max uses").fill("1")
    page.get_by_label("Annotators need an account").check()
    press(page, "Create invite link")
    link = page.locator(".invitations input").first.input_value()
    look(page)

    with browser.new_context(viewport=DESKTOP) as context:
        ana = context.new_page()
        ana.goto(link)
        look(ana)
        ana.get_by_role("link", name="Create account").click()
        ana.get_by_label("User name").fill("ana")
        ana.get_by_label("Password", exact=True).fill(PASSWORD)
        ana.get_by_label("Repeat password").fill("something else")
        press(ana, "Create account")
        look(ana)  # says what was wrong
        ana.get_by_label("Password", exact=True).fill(PASSWORD)
        ana.get_by_label("Repeat password").fill(PASSWORD)
        press(ana, "Create account")
        look(ana)
        assert not Worker.objects.exists()
        ana.get_by_label("Yes, together").check()
        ana.get_by_label("I am 18 years old or older.").check()
        press(ana, "I agree")
        assert ConsentGiven.objects.get().worker.user.username == "ana"
        look(ana)
        press(ana, "Start")
        assert "paid training set" in ana.locator("main").inner_text()
        answer(ana, "cat", 5)
        ana.wait_for_url("**/feedback/")
        assert ana.locator(".differs").count() == 1
        look(ana)
        press(ana, "Continue")
        assert "decide whether you can continue" in ana.locator("main").inner_text()
        answer(ana, "brown dogs", 5)
        assert ana.locator(".practice").count() == 0
        answer(ana, "sky", 3)
        ana.get_by_role("link", name="My work").click()
        figures = ana.locator(".figures").first.inner_text().split()
        assert figures[figures.index("Earned") + 1] == "$2.40"
        look(ana)

    with browser.new_context(viewport=DESKTOP) as context:  # on another day, from another device
        ana = context.new_page()
        ana.goto(f"{live_server.url}/sign-in/")
        look(ana)
        ana.get_by_label("User name").fill("ana")
        ana.get_by_label("Password").fill(PASSWORD)
        press(ana, "Sign in")
        assert "3 submitted of up to 6" in ana.locator("main").inner_text()

    page.reload()
    assert "Used up" in page.locator(".invitations").inner_text()
    assert Worker.objects.get().qualified_at
    assert AuditRow.objects.filter(action="invitation made").count() == 1


def test_the_requesters_pages_about_people_are_accessible(browser_page, live_server, dogs):
    page = browser_page
    page.set_default_timeout(30_000)  # the first visit of a process imports the views
    Invitation.objects.create(study=dogs, role="reader", label="the other lab")
    for path in ("people", "consent", "known"):
        page.goto(f"{live_server.url}/studies/rooms/{path}/")
        look(page)


def test_the_ways_out_are_kind_and_accessible(browser_page, live_server, dogs):
    page = browser_page
    page.set_default_timeout(30_000)  # the first visit of a process imports the views
    link = Invitation.objects.create(study=dogs)
    page.goto(f"{live_server.url}/enter/{link.token}/")
    press(page, "Decline")
    look(page)
    assert not Worker.objects.exists()

    page.goto(f"{live_server.url}/enter/{link.token}/")
    press(page, "Agree and continue")
    press(page, "Start")
    answer(page, "cat", 5)
    press(page, "Continue")
    answer(page, "cat", 5)  # wrong: the qualification fails
    assert "You cannot continue in this study" in page.locator("main").inner_text()
    look(page)
    page.get_by_role("link", name="My work and earnings").click()
    assert "$1.60" in page.locator(".figures").first.inner_text()

    write_text(dogs, "We keep everything.", COMMAND)
    page.goto(f"{live_server.url}/consent/")
    look(page)
    invited = Invitation.objects.create(study=dogs, role="reader", needs_account=True)
    page.goto(f"{live_server.url}/enter/{invited.token}/")
    look(page)
