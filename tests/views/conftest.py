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
