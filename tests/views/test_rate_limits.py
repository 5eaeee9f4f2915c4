"""Who tries too often is refused with a sentence, for a while, and others are not."""

import json
import time
from threading import active_count

import pytest
from django.contrib.auth.models import User
from limits import parse
from limits.errors import StorageError
from limits.strategies import MovingWindowRateLimiter

from annotator.crowd.audit import COMMAND
from annotator.models import Invitation
from annotator.publishing import running_studies
from annotator.views import rate_limits
from annotator.views.rate_limits import LIMITS, SWEEP_SECONDS, ProcessStorage
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db


def sign_in(client, name="ada", password="wrong", **options):
    data = {"username": name, "password": password}
    return client.post("/sign-in/", data, headers={"Accept": "text/html"}, **options).status_code


def test_passwords_cannot_be_guessed_one_after_another(client, caplog):
    User.objects.create_user("ada", password="right")

    assert [sign_in(client) for _ in range(11)] == [200] * 10 + [429]
    assert sign_in(client, password="right") == 429
    assert sign_in(client, REMOTE_ADDR="192.0.2.7", password="right") == 302  # Ada, elsewhere
    assert sign_in(client, name="ben") == 200
    assert [line for line in caplog.messages if line.startswith("Refused")] == [
        "Refused POST /sign-in/: more than 10 per 5 minute"
    ] * 2


def test_nor_those_of_many_accounts(client):
    tries = [sign_in(client, name=f"account {number}") for number in range(61)]

    assert tries == [200] * 60 + [429]


def test_signing_in_rightly_counts_for_nothing(client):
    User.objects.create_user("ada", password="right")

    assert {sign_in(client, password="right") for _ in range(70)} == {302}


def test_invite_links_cannot_be_guessed_and_good_ones_are_not_counted(client):
    study = with_consent(published_study())
    good = f"/enter/{Invitation.objects.create(study=study).token}/"

    assert {client.get(good).status_code for _ in range(70)} == {200}
    tries = [client.get(f"/enter/guess-{number}/").status_code for number in range(61)]
    assert tries == [403] * 60 + [429]
    assert client.get(good).status_code == 429


def test_a_study_that_takes_nobody_now_may_be_tried_by_a_class_behind_one_address(client):
    study = with_consent(published_study())
    good = f"/enter/{Invitation.objects.create(study=study).token}/"
    running_studies.pause(study, COMMAND)

    assert {client.get(good).status_code for _ in range(70)} == {403}
    running_studies.resume(study, COMMAND)
    assert client.get(good).status_code == 200
    assert client.get("/").status_code == 200


def test_access_keys_cannot_be_guessed_and_the_answer_is_json(client):
    tries = [
        client.get("/api/studies", headers={"Authorization": f"Bearer UNIT{number}:x"})
        for number in range(61)
    ]

    assert [answer.status_code for answer in tries] == [401] * 60 + [429]
    assert tries[-1]["Retry-After"] == "300"
    assert json.loads(tries[-1].content) == {
        "detail": "Too many requests: at most 60 per 5 minute. Try again later."
    }


def test_the_page_says_what_to_do(client):
    for _ in range(11):
        sign_in(client)
    page = client.post("/sign-in/", {"username": "ada"}, headers={"Accept": "text/html"})

    assert page.status_code == 429
    assert "Please wait 5 minutes, then reload the page." in page.content.decode()


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(client, settings):
    settings.PROXY_SSL_HEADER = "X-Forwarded-Proto"

    def tries(made_up, seen):
        forwarded = {"HTTP_X_FORWARDED_FOR": f"{made_up}, {seen}"}
        return sign_in(client, **forwarded)

    answers = [tries(f"198.51.100.{number}", "192.0.2.1") for number in range(11)]
    assert answers == [200] * 10 + [429]
    assert tries("192.0.2.1", "192.0.2.2") == 200


def test_while_counts_cannot_be_kept_nothing_is_limited(client, monkeypatch, caplog):
    def away(*arguments, **options):
        raise StorageError(OSError("connection refused"))

    monkeypatch.setattr(rate_limits.limiter().storage, "get_moving_window", away)
    monkeypatch.setattr(rate_limits.limiter().storage, "acquire_entry", away)

    assert {sign_in(client) for _ in range(15)} == {200}
    assert "Nothing is limited" in caplog.text


def test_processes_count_together_where_there_is_a_redis(settings, redis_url, rf):
    settings.BROKER_URL = redis_url.replace("/0", "/8")
    counts = []
    for _ in range(2):  # as two processes do
        rate_limits.limiter.cache_clear()
        counts += [rate_limits.limiter().hit(parse("2 per minute"), "who") for _ in range(2)]

    assert counts == [True, True, False, False]


def test_counts_in_a_process_are_swept_now_and_then_and_by_no_thread(monkeypatch):
    threads = active_count()
    storage, rate = ProcessStorage(), parse("2 per minute")
    counts = [MovingWindowRateLimiter(storage).hit(rate, str(n // 3)) for n in range(30)]

    assert counts == [True, True, False] * 10
    assert active_count() == threads
    assert len(storage.events) == 10
    later, steady = time.time() + 61, time.monotonic() + SWEEP_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "monotonic", lambda: steady)
    assert MovingWindowRateLimiter(storage).hit(rate, "0")
    assert len(storage.events) == 1


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: str(limit.rate))
def test_every_limit_is_for_pages_that_exist(limit):
    from annotator.urls import urlpatterns

    def names(patterns):
        for one in patterns:
            yield from names(one.url_patterns) if hasattr(one, "url_patterns") else [one.name]

    assert limit.pages <= {*names(urlpatterns), rate_limits.API}


def test_neither_log_nor_counts_have_a_token_or_a_secret(client, caplog, rf):
    for _ in range(61):
        client.get("/enter/the-token-of-a-link/")
    request = rf.get("/api/studies", headers={"Authorization": "Bearer UNITA:the-secret"})

    (refused,) = [line for line in caplog.messages if line.startswith("Refused")]
    assert refused == "Refused GET /enter/<str:token>/: more than 60 per 5 minute"
    assert "the-secret" not in rate_limits.of_key(request)
