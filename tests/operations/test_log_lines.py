"""Log lines name the request and study that they belong to, in text and in JSON."""

import json
import logging

import pytest

from annotator.operations import log_lines
from annotator.views import home

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """What a page logs, by format."""
    made = {"text": [], "json": []}

    class Keep(logging.Handler):
        def emit(self, record):
            log_lines.WithRequest().filter(record)
            made["text"].append(log_lines.TextLine().format(record))
            made["json"].append(json.loads(log_lines.JsonLine().format(record)))

    handler, log = Keep(), logging.getLogger("annotator.trial")
    log.addHandler(handler)
    yield made
    log.removeHandler(handler)


def log_something(*arguments, **options):
    logging.getLogger("annotator.trial").warning("picture %s is missing", "a.jpg")
    raise RuntimeError


def test_a_line_has_the_identifier_of_its_request(client, lines, monkeypatch):
    monkeypatch.setattr(home, "render", log_something)
    client.raise_request_exception = False
    request = "0123456789abcdef0123456789abcdef"

    answer = client.get("/", headers={"X-Request-ID": request})

    assert answer["X-Request-ID"] == request
    (line,) = lines["json"]
    assert {key: line[key] for key in ("level", "logger", "message", "request", "study")} == {
        "level": "WARNING",
        "logger": "annotator.trial",
        "message": "picture a.jpg is missing",
        "request": request,
        "study": "",
    }
    assert line["time"].endswith("+00:00")
    assert lines["text"][0].endswith(f" WARNING [{request}] picture a.jpg is missing")


def test_a_line_has_the_study_in_the_address(client, lines, monkeypatch):
    from annotator.views import middleware

    monkeypatch.setattr(middleware.CleanText, "process_view", log_something)
    client.raise_request_exception = False

    client.get("/results/scenes/")

    assert lines["json"][0]["study"] == "scenes"
    assert "scenes] picture" in lines["text"][0]


def test_a_command_prints_the_message_alone(lines):
    logging.getLogger("annotator.trial").warning("%s was read as Windows-1252.", "a.csv")

    assert lines["text"] == ["a.csv was read as Windows-1252."]


@pytest.mark.parametrize("path", ["/enter/{}/", "/take-back/{}/", "/password/MQ/{}/"])
def test_no_line_has_the_token_of_a_link(client, caplog, path):
    client.get(path.format("secret-token"))
    logging.getLogger("django.request").warning("Forbidden: %s?a=b", path.format("secret-token"))

    written = [record for record in caplog.records if log_lines.WithoutTokens().filter(record)]
    assert any(path.format("...") in log_lines.TextLine().format(one) for one in written)
    for record in written:
        assert "secret-token" not in log_lines.TextLine().format(record)
        assert "secret-token" not in log_lines.JsonLine().format(record)


def test_what_a_bucket_needs_is_not_explained_at_every_command():
    assert logging.getLogger("botocore").level == logging.WARNING
