"""Events of studies reach a receiver signed, once, and again when it was away."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils.timezone import now

from annotator.models import Notice, Run
from annotator.outgoing.webhook import NotDelivered, deliver, signature
from annotator.tasks import tell_requesters
from tests.crowd.studies import published_study

SECRET = "a secret of more than thirty-two characters"


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted, and answers with the next status of its server's list, or 204."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver(settings):
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.received, server.statuses = [], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
        settings.WEBHOOK_SECRET = SECRET
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def failed(db):
    """A study whose run has failed just now."""
    study = published_study()
    run = Run.objects.create(study=study, request={})
    run.fail("the disk is full")
    return run


def test_a_failed_run_is_sent_once_signed_and_with_the_way_there(receiver, failed):
    for _ in range(2):
        tell_requesters()

    ((headers, body),) = receiver.received
    event = json.loads(body)
    assert (event["event"], event["study"]) == ("failed", failed.study.name)
    assert event["text"] == f"Study {failed.study}: a run failed"
    assert event["address"].endswith(f"/studies/{failed.study}/")
    timestamp = headers["X-Unitscope-Timestamp"]
    assert headers["X-Unitscope-Signature"] == signature(SECRET, timestamp, body)
    assert headers["X-Unitscope-Signature"] != signature(SECRET, timestamp, body + b" ")
    assert SECRET not in str(headers)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_an_event_that_is_refused_is_sent_again_later_with_the_same_id(receiver, failed, status):
    receiver.statuses = [status]
    tell_requesters()
    tell_requesters()  # too early
    assert len(receiver.received) == 1
    assert not Notice.objects.get().is_sent

    Notice.objects.update(tried_at=now() - timedelta(hours=1))
    tell_requesters()

    assert Notice.objects.get().is_sent
    first, second = (json.loads(body) for _, body in receiver.received)
    assert first == second


def test_a_receiver_that_is_away_stops_nothing(settings, failed, caplog):
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = "http://user:pass@127.0.0.1:1/", SECRET

    tell_requesters()

    assert "is sent again later" in caplog.text
    assert "user:pass" not in caplog.text
    with pytest.raises(NotDelivered):
        deliver({"event": "done"})


def test_without_an_address_nothing_is_sent(receiver, failed, settings):
    settings.WEBHOOK_URL = ""

    tell_requesters()

    assert receiver.received == []


def test_a_run_that_is_started_again_and_fails_again_is_told_again(receiver, failed):
    tell_requesters()
    Run.objects.update(status=Run.Status.WAITING)
    tell_requesters()
    failed.fail("the disk is full again")

    tell_requesters()

    assert len(receiver.received) == 2


def test_a_webhook_needs_a_secret_and_a_whole_address(manage):
    done = manage("check", WEBHOOK_URL="https://host.example/hook")
    assert done.stderr.startswith("WEBHOOK_URL needs a WEBHOOK_SECRET")
    done = manage("check", WEBHOOK_URL="user:pass@host", WEBHOOK_SECRET=SECRET)
    assert done.stderr.startswith("WEBHOOK_URL must be a whole address")
    assert "pass" not in done.stderr
