"""The HIT page: what it shows, what it keeps, and what it never tells."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_every_picture_of_the_hit_can_be_marked_once(as_ana, assignment):
    page = as_ana.get(reverse("hit", args=[assignment.key])).content.decode()

    assert page.count('name="marked"') == 63
