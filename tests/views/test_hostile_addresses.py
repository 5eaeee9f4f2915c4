"""Whatever stands in an address, the answer is a page or "not found", never a crash."""

import re
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver, get_resolver

import annotator
from annotator.access_keys import create_key
from annotator.api.endpoints import api
from annotator.models import Answer, Invitation, Layer, Unit
from annotator.results.output.snapshots.lifecycle import take
from annotator.views.annotator import enter
from tests.crowd.studies import workers
from tests.results.studies import answered_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.slow]

# Of the hostile values: an eighth by default.
SOME_OR_ALL = pytest.mark.parametrize(
    "share", [1, pytest.param(8, marks=pytest.mark.thorough)], ids=["some", "all"]
)
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]+\)")
HOSTILE = [  # values of parameters; anybody can add one
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff",
    "\u202edog\u200b",
    "9" * 5000,
    "9" * 30,
    "-1",
    "nan",
    "1e999",
    "٣",
    "²",
    "../../etc/passwd",
    "//evil.example",
    "' OR 1=1 --",
    "%",
    "{{ 7 }}<script>",
    "x" * 3000,
]


def routes(resolver=None, before=""):
    """Every route of the service, as `studies/<str:name>/`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route.replace("\\.", ".")


def query_names():
    """Every name that a view, the API or a form that is sent by GET reads from the query."""
    modules = Path(annotator.__file__).parent.rglob("*.py")
    code = "".join(path.read_text() for path in modules)
    names = set(re.findall(r'(?:GET|query|form|data)(?:\.get|\.getlist)?[(\[]"(\w+)"', code))
    for methods in api.get_openapi_schema()["paths"].values():
        for method in methods.values():
            names |= {each["name"] for each in method["parameters"] if each["in"] == "query"}
    return sorted({*names, enter.PARTICIPANT_PARAMETER})


@pytest.fixture
def real(client):
    """What each part of a route is called in a study that has everything."""
    study = answered_study()
    ana = workers(study, "hostile")[0]
    session = client.session
    session["worker"] = ana.pk
    session.save()
    key, secret = create_key(User.objects.create_user("rita", is_staff=True))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.access_key_id}:{secret}"
    layer = Layer.objects.filter(network__study=study).select_related("network").first()
    take(study)
    return {
        "study": study.name,
        "name": study.name,
        "network": layer.network.slug,
        "layer": layer.slug,
        "number": Unit.objects.filter(layer=layer).first().number,
        "token": Invitation.objects.create(study=study).token,
        "uidb64": "MQ",
        "key": Answer.objects.first().assignment.key,
        "pk": layer.pk,
        "kind": "csv",
        "version": 1,
        "file": "a.png",
    }


def filled(route, real, **other):
    def value(match):
        name = match[1] or match[2]
        return quote(other[name] if name in other else str(real[name]))

    return f"/{PART.sub(value, route)}"


def parts(route):
    return [first or second for first, second in PART.findall(route)]


def status(client, address):
    response = client.get(address)
    for close in response._resource_closers:  # response.close() would close the database too
        close()
    return response.status_code


def test_every_route_and_query_is_tried():
    assert len(list(routes())) > 70
    assert all("(" not in PART.sub("", route) for route in routes())
    assert {"q", "page", "worker", "images", "network", "low", "PROLIFIC_PID"} <= set(query_names())


def test_an_address_with_nul_is_not_found(client, real):
    for route in routes():
        for part in parts(route):
            address = filled(route, real, **{part: "a\0b"})
            assert status(client, address) == 404, address


def test_a_query_with_nul_is_not_found_at_any_address(client, real):
    for route in routes():
        address = f"{filled(route, real)}?q=%00"
        assert status(client, address) == 404, address
    for name in (*query_names(), "%00"):
        assert status(client, f"/studies/rooms/review/?{name}=a%00b") == 404, name


def test_a_number_that_no_database_holds_is_no_crash(client, real):
    for route in routes():
        for part in {"pk", "number", "version"} & set(parts(route)):
            address = filled(route, real, **{part: "9" * 30})
            assert status(client, address) < 500, address


@SOME_OR_ALL
def test_no_part_of_an_address_is_a_crash(client, real, share):
    values = cycle(HOSTILE)  # one after the other, so that each comes to many routes
    for route in routes():
        for part in parts(route):
            for value in islice(values, share * len(HOSTILE) // 8):
                address = filled(route, real, **{part: value})
                assert status(client, address) < 500, address


@SOME_OR_ALL
def test_no_value_in_a_query_is_a_crash(client, real, share):
    names, values = query_names(), cycle(HOSTILE)
    staff = Client()
    staff.force_login(User.objects.get(username="rita"))
    pages = [
        (visitor, address)
        for address in sorted({filled(route, real) for route in routes()})
        for visitor in [each for each in (client, staff) if status(each, address) == 200][:1]
    ]
    assert len(pages) > 25

    for visitor, address in pages:
        for _ in range(2 * share):
            next(values)  # another value for each name than the last time
            query = "&".join(f"{name}={quote(next(values))}" for name in names)
            assert status(visitor, f"{address}?{query}") < 500, (address, query)
