"""Drawn forms: any fields with any values are answered by a page with a sentence, never by a crash.

tests/views/test_hostile_forms.py has chosen values, one field at a time; here hypothesis draws the
form, which of its fields are sent, how often, and what they hold.
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.models import Answer
from tests.views.everybody import FORMS, sent
from tests.views.test_hostile_forms import HOSTILE, kept, lost

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = {  # of what the JSON of a form holds
    "content": ("concept", "group", "second_group", "marked", "says", "remark", "hidden", "at"),
    "trace": ("active_seconds", "seen_ms", "marks", "views", "blurs", "pastes", "part"),
    "request": ("assignments", "reward", "hourly", "catch", "repeats", "view", "layers", "seed"),
}
VALUES = (
    st.text(max_size=40)
    | st.characters().map(lambda sign: sign * 30)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(list(HOSTILE.values()))
)


def json_of(field):
    """JSON with the names that the reader of a field knows, among others."""
    names = st.sampled_from(NAMES[field]) | st.text(max_size=10)
    return st.dictionaries(names, JSON, max_size=6) | JSON


@st.composite
def forms(draw, everybody):
    """The name of a form, and what is sent: each field not at all, once or several times."""
    form = draw(st.sampled_from(list(FORMS)))
    fields = {}
    for field, good in everybody.fields(form).items():
        value = json_of(field).map(json.dumps) if field in NAMES else st.just(good)
        fields[field] = draw(st.lists(VALUES | value, max_size=3))
    return form, {field: values for field, values in fields.items() if values}


BODIES = st.fixed_dictionaries(
    {"revision": st.integers(-1, 2) | JSON, "content": json_of("content")},
    optional={"trace": json_of("trace")},
)


@pytest.mark.parametrize(
    "count", [150, pytest.param(10_000, marks=pytest.mark.thorough)], ids=["short", "long"]
)
def test_no_drawn_form_is_a_crash_or_loses_an_answer(everybody, count):
    addresses = dict(everybody.addresses())
    before = kept(Answer, "pk", "concept", "fitting", "remark")

    @settings(max_examples=count, suppress_health_check=list(HealthCheck), database=None)
    @given(drawn=forms(everybody))
    def check(drawn):
        form, data = drawn
        with sent(everybody.clients[FORMS[form][0]], addresses[form.split()[0]], data) as response:
            assert response.status_code < 500
            assert lost(before) == []

    check()


@pytest.mark.parametrize(
    "count", [60, pytest.param(5_000, marks=pytest.mark.thorough)], ids=["short", "long"]
)
@pytest.mark.parametrize("form", ["draft", "trace"])
def test_no_drawn_json_of_a_hit_page_is_a_crash(everybody, form, count):
    """Stored drafts are read again: the page of the HIT opens with them."""
    addresses, client = dict(everybody.addresses()), everybody.clients["annotator"]

    @settings(max_examples=count, suppress_health_check=list(HealthCheck), database=None)
    @given(body=BODIES | json_of("trace"))
    def check(body):
        with sent(client, addresses[form], json.dumps(body), "application/json") as response:
            assert response.status_code < 500
            if response.status_code == 200:
                assert client.get(addresses["hit"]).status_code == 200

    check()
