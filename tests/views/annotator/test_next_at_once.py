"""One worker who asks for the next set many times at once, over HTTP."""

import http.client
import threading
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore

from annotator.models import Assignment, Place
from tests.crowd.studies import published_study, workers

AT_ONCE = 8


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", range(3))
def test_eight_requests_for_the_next_hit_at_once_hold_one_hit(live_server, time):
    study = published_study(layers=[("n", "l", 20)], tops=1, catches=0, worker_share=1)
    session = SessionStore()
    session["worker"] = workers(study, "ana")[0].pk
    session.save()
    start, places = threading.Barrier(AT_ONCE), []

    def take() -> None:
        start.wait()
        places.append(post(live_server.url, "/hits/next/", session.session_key))

    threads = [threading.Thread(target=take) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assignment = Assignment.objects.get()
    assert places == [f"/hits/{assignment.key}/"] * AT_ONCE
    assert Place.objects.filter(leased_until__isnull=False).count() == 1


def post(url, path, session):
    """Post an empty form in a worker's session; returns where it leads."""
    token = "t" * 32
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    cookies = f"sessionid={session}; csrftoken={token}"
    headers = {"Cookie": cookies, "X-CSRFToken": token, "Content-Length": "0"}
    connection.request("POST", path, headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["Location"]
