"""A published HIT with pictures and masks, and an annotator who has it open.

What needs Django is imported late: pytest may load this file before Django is configured.
"""

import pytest


@pytest.fixture
def study(db):
    """One HIT of 60 top and 3 catch images, all with pictures and masks."""
    from tests.views.hits import pictured_study

    return pictured_study()


@pytest.fixture
def ana(study):
    """An annotator of the study."""
    from tests.crowd.studies import workers

    return workers(study, "ana")[0]


@pytest.fixture
def assignment(study, ana):
    """The HIT, accepted by Ana."""
    from annotator.crowd.scheduling import leases
    from tests.crowd.studies import the_hit

    return leases.accept(ana, the_hit(study))


@pytest.fixture
def address(live_server, assignment):
    """Where a browser finds the HIT."""
    from django.urls import reverse

    return live_server.url + reverse("hit", args=[assignment.key])


@pytest.fixture
def hit_in_browser(browser_page, live_server, ana, address):
    """The HIT, open in Ana's browser, all pictures there."""
    from tests.browsing import hurry
    from tests.views.sessions import sign_in

    hurry(browser_page)
    sign_in(browser_page.context, live_server.url, ana)
    browser_page.goto(address)
    return browser_page


@pytest.fixture
def two_hits(client, db):
    """Two HITs of a study, the first accepted by Ben, whose session the test client has."""
    from annotator.crowd.scheduling import leases
    from tests.crowd.studies import workers
    from tests.views.hits import pictured_study

    study = pictured_study(tops=8, catches=3, layers=(("n", "l", 2),), worker_share=1)
    ben = workers(study, "ben")[0]
    session = client.session
    session["worker"] = ben.pk
    session.save()
    first, second = [unit.hit for unit in study.networks.get().layers.get().units.all()]
    return leases.accept(ben, first), second


@pytest.fixture
def as_ana(client, ana):
    """A test client in Ana's session."""
    session = client.session
    session["worker"] = ana.pk
    session.save()
    return client


@pytest.fixture
def sheet(assignment):
    """The HIT's sheet of masks as an image: 255 inside of the regions, else 0."""
    from django.core.files.storage import default_storage
    from PIL import Image

    with default_storage.open(f"sheets/{assignment.hit.masks}") as file:
        return Image.open(file).convert("RGBA").getchannel("A")


@pytest.fixture
def everybody(db, monkeypatch):
    """A study that has everything, with everybody who visits it and all their forms."""
    from annotator.views import rate_limits
    from tests.views.everybody import Everybody

    monkeypatch.setattr(rate_limits, "LIMITS", [])  # they are sent much faster than people do
    return Everybody()
