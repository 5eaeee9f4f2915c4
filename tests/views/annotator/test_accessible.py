"""axe reports no violation on any annotator's page, in light and dark, on desktops and phones."""

import pytest
from django.urls import reverse

from annotator.models import Invitation
from tests.browsing import barriers, barriers_in_both_schemes
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def assert_accessible(page, **options):
    assert barriers(page, runOnly=RULES, **options) == [], page.url


def show_notice(page, name):
    """Show a notice of the HIT page, by the module that its scripts have loaded."""
    page.evaluate(
        """async (name) => {
          const { href } = document.querySelector('link[href*="hit/form"]');
          (await import(href)).showNotice(name);
        }""",
        name,
    )


# Two of the four cases: colors depend on the scheme alone, and layout on the size alone.
@pytest.mark.parametrize(("scheme", "size"), [("dark", DESKTOP), ("light", PHONE)])
def test_the_hit_page_is(browser_page, live_server, ana, assignment, scheme, size):
    page = browser_page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    sign_in(page.context, live_server.url, ana)
    page.goto(live_server.url + reverse("hit", args=[assignment.key]))
    page.locator("input[name=marked]").first.check()
    page.get_by_text("Instructions and examples").click()
    page.locator("input[name=marked]").nth(2).focus()
    page.keyboard.press("h")
    show_notice(page, "failed")
    assert_accessible(page)
    show_notice(page, None)
    page.locator('[name="then"][value="next"]').click()
    page.locator("#concept-error").wait_for()
    assert_accessible(page)
    page.goto(page.url + "?check")  # without JavaScript, an error brings back this page
    page.locator("#look-again").wait_for()
    assert_accessible(page)
    page.locator("input[name=marked]").nth(1).focus()
    for key in "z?":
        page.keyboard.press(key)
        assert_accessible(page, within="dialog[open]")
        page.keyboard.press("Escape")
    page.locator("input[value=nothing]").check()
    assert_accessible(page)


def test_the_other_pages_are(browser_page, live_server, study, ana):
    page = browser_page
    invitation = Invitation.objects.create(study=study)
    closed = Invitation.objects.create(study=study, uses_left=0)
    visits = ["/", "/hits/", f"/enter/{closed.token}/", f"/enter/{invitation.token}/"]
    for path in visits:
        page.goto(live_server.url + path)
        assert barriers_in_both_schemes(page, runOnly=RULES) == [], page.url
    sign_in(page.context, live_server.url, ana)
    for path in ("/", "/hits/"):
        page.goto(live_server.url + path)
        assert barriers_in_both_schemes(page, runOnly=RULES) == [], page.url
