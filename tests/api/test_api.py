"""The API says what the pages say, to those alone who may read it, as its description promises."""

import json
import os
from pathlib import Path
from typing import get_args

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.access_keys import create_key, verified_key
from annotator.api import schemas
from annotator.crowd.audit import Actor
from annotator.crowd.review.looks import look_early
from annotator.models import AccessKey, Role
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.exports.registry import PRIVATE
from annotator.views import rate_limits
from annotator.wsgi import application
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent


def key_for(study=None, name="rita", role=Role.READER):
    user = get_user_model().objects.create_user(name, email=f"{name}@example.org")
    if study:
        user.memberships.create(study=study, role=role)
    key, key.secret = create_key(user)
    return key


def token(key):
    return f"{key.access_key_id}:{key.secret}"


def ask(client, key, path, **query):
    headers = {"Authorization": f"Bearer {token(key)}"}
    return client.get(f"/api/{path}", query, headers=headers)


@pytest.fixture
def study():
    return answered_study()


@pytest.fixture
def key(study):
    return key_for(study)


def test_studies_layers_units_answers_and_workers_are_there(client, study, key):
    assert [one["name"] for one in ask(client, key, "studies").json()["items"]] == ["rooms"]
    assert ask(client, key, "studies/rooms").json()["top_count"] == 4
    layers = ask(client, key, "studies/rooms/layers").json()["items"]
    assert (layers[0]["layer"], layers[0]["mean_precision"]) == ("conv1", 0.75)
    (unit, _) = ask(client, key, "studies/rooms/units").json()["items"]
    assert (unit["concept"], unit["precision"], unit["has_consensus"]) == ("wheel", 0.75, True)
    answers = ask(client, key, "studies/rooms/answers").json()["items"]
    assert [answer["concept"] for answer in answers] == ["Wheel", "wheel", "car", ""]
    assert ask(client, key, "studies/rooms/workers").json()["count"] == 3
    assert ask(client, key, "studies/rooms/report").json()["answer_count"] == 4


def test_lists_come_in_pages(client, study, key):
    page = ask(client, key, "studies/rooms/answers", limit=1, offset=2).json()

    assert page["count"] == 4
    assert [answer["concept"] for answer in page["items"]] == ["car"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"network": "scenes"}, [0, 1]),
        ({"concept": "GRA"}, [1]),
        ({"group": 4}, [0]),
        ({"least_precision": 0.8}, [1]),
        ({"network": "scenes", "order": "-precision"}, [1, 0]),
    ],
)
def test_units_are_filtered_and_ordered(client, study, key, query, numbers):
    store_answer(study, get_unit(study, number=1), "eve", "Grass", group=3)

    units = ask(client, key, "studies/rooms/units", **query).json()["items"]

    assert [unit["unit"] for unit in units] == numbers


def test_answers_are_filtered(client, study, key):
    page = ask(client, key, "studies/rooms/answers", network="objects").json()

    assert (page["count"], page["items"][0]["says"]) == (1, "nothing")


def test_a_whole_table_is_streamed(client, study, key):
    response = ask(client, key, "studies/rooms/tables/marks.csv")

    assert response.streaming
    assert len(b"".join(response).splitlines()) == 1 + 24


def test_who_has_no_role_sees_no_study_and_learns_of_none(client, study):
    stranger = key_for(name="sam")

    assert ask(client, stranger, "studies").json() == {"items": [], "count": 0}
    assert ask(client, stranger, "studies/rooms/units").status_code == 404
    assert ask(client, stranger, "studies/nope/units").status_code == 404


@pytest.mark.parametrize("name", PRIVATE)
def test_a_reader_gets_no_private_table_a_requester_does(client, study, key, name):
    runs_it = key_for(study, "otto", Role.REQUESTER)

    assert ask(client, key, f"studies/rooms/tables/{name}.csv").status_code == 404
    assert ask(client, runs_it, f"studies/rooms/tables/{name}.csv").status_code == 200


def test_without_a_right_key_there_is_no_answer_not_even_at_the_machine(client, study, key):
    wrong = f"Bearer {key.access_key_id}:{'x' * 43}"

    assert client.get("/api/studies").status_code == 401
    assert client.get("/api/studies", headers={"Authorization": wrong}).status_code == 401
    assert client.get("/api/studies", headers={"Authorization": "Bearer \0:"}).status_code == 401


def test_of_a_secret_only_a_hash_is_kept_and_a_revoked_key_is_dead(key):
    row = AccessKey.objects.values().get()

    assert verified_key(key.access_key_id, key.secret) == key
    assert key.secret not in json.dumps(row, default=str)
    assert verified_key(key.access_key_id, row["secret_hash"]) is None
    call_command("create_access_key", revoke=key.access_key_id)
    assert verified_key(key.access_key_id, key.secret) is None
    with pytest.raises(CommandError, match="no key"):
        call_command("create_access_key", revoke=key.access_key_id)


def test_keys_have_a_secret_of_their_own_and_outlast_another_secret_key(key):
    with override_settings(API_KEY_SECRET="k" * 40):
        own, secret = create_key(key.user)
        with override_settings(SECRET_KEY="s" * 40):
            assert verified_key(own.access_key_id, secret) == own
        assert verified_key(key.access_key_id, key.secret) is None
    with override_settings(API_KEY_SECRET="l" * 40):
        assert verified_key(own.access_key_id, secret) is None


def test_a_rotated_key_has_another_secret_and_the_old_one_ends(key, capsys):
    call_command("create_access_key", rotate=key.access_key_id)

    rotated = json.loads(capsys.readouterr().out)
    assert rotated["access_key_id"] == key.access_key_id
    assert verified_key(key.access_key_id, key.secret) is None
    assert verified_key(key.access_key_id, rotated["secret_access_key"]) == key
    with pytest.raises(CommandError, match="no key 'UNITX'"):
        call_command("create_access_key", rotate="UNITX")
    with pytest.raises(CommandError, match="Say whose key"):
        call_command("create_access_key", "rita", rotate=key.access_key_id)


def test_the_command_prints_a_key_that_works(client, study, capsys):
    call_command("create_access_key", "otto@example.org")

    key = json.loads(capsys.readouterr().out)
    headers = {"Authorization": f"Bearer {key['access_key_id']}:{key['secret_access_key']}"}
    assert client.get("/api/studies", headers=headers).json()["count"] == 1
    assert set(key) == {"access_key_id", "secret_access_key"}


def test_the_command_wants_an_address():
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("create_access_key", "otto")


def test_every_variant_of_a_report_can_be_asked_for():
    assert get_args(schemas.Variant) == tuple(VARIANTS)


@pytest.fixture
def _one_connection():
    """Requests without Django's test client leave the test's connection open, as it would."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
def test_answers_keep_what_the_description_promises_whatever_is_asked(study, key, monkeypatch):
    monkeypatch.setattr(rate_limits, "LIMITS", [])  # far more is asked than a program may
    """Schemathesis makes requests from /api/openapi.json and checks every answer against it."""
    schemathesis = pytest.importorskip("schemathesis")
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    headers = {"Authorization": f"Bearer {token(key)}"}
    known = {"study": "rooms", "name": "answers", "kind": "json"}
    fuzzed = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), of_this_study=st.booleans())
        def check(case, of_this_study):
            if of_this_study:
                case.path_parameters.update({k: known[k] for k in case.path_parameters})
            case.call_and_validate(headers=headers)

        check()
        fuzzed.append(operation.path)

    assert len(fuzzed) == 8


@pytest.mark.django_db(transaction=True)
def test_the_notebook_loads_results_in_three_lines(live_server, monkeypatch):
    pytest.importorskip("pandas")
    study = answered_study()
    monkeypatch.setenv("UNITSCOPE_URL", live_server.url)
    monkeypatch.setenv("UNITSCOPE_STUDY", study.name)
    monkeypatch.setenv("UNITSCOPE_KEY", token(key_for(study)))
    notebook = json.loads((ROOT / "docs" / "results.ipynb").read_text())
    cells = ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]
    names: dict = {}

    for cell in cells:
        exec(cell, names)

    assert len([line for line in cells[1].splitlines() if line]) == 3
    assert list(names["units"]["precision"]) == [0.75, 0.0]
    assert names["by_layer"].loc[("scenes", "conv1"), "mean"] == 0.75
    assert os.environ["UNITSCOPE_STUDY"] == "rooms"


@pytest.mark.parametrize(
    "path", ["report", "layers", "units", "answers", "workers", "tables/answers.csv"]
)
def test_results_are_refused_until_the_planned_answers_are_in_or_the_account_has_looked(
    client, path
):
    study = answered_study(is_finished=False)
    key = key_for(study, role=Role.REQUESTER)
    refused = ask(client, key, f"studies/rooms/{path}")
    assert refused.status_code == 403
    assert "hidden until the planned answers are in: 4 of 18 so far" in refused.json()["detail"]
    assert ask(client, key, "studies/rooms").status_code == 200

    look_early(study, Actor("rita"), "report")

    assert ask(client, key, f"studies/rooms/{path}").status_code == 200
    assert ask(client, key_for(study, "mia"), f"studies/rooms/{path}").status_code == 403
