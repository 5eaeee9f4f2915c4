"""How often one visitor may do what costs much or could be guessed at.

Counts are kept in the broker's Redis if there is one, so that all processes share them, otherwise
in this process. While Redis is away nothing is limited: a limit is no reason to stand still.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

log = logging.getLogger(__name__)
REFUSALS = {401, 403, 404}
KNOWN = "is_of_known_link"  # of a response
API = "api"
WAIT_SECONDS = 1.0  # for a Redis that hangs
SWEEP_SECONDS = 60.0


def of_address(request: HttpRequest) -> str:
    """The network address that a request came from, as the proxy says if there is one."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXY_SSL_HEADER:
        # The proxy adds what it sees to what came; only that can be trusted.
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    return address


def of_account(request: HttpRequest) -> str:
    """The account that somebody tries to sign in to, from one network address."""
    return f"{of_address(request)} {request.POST.get('username', '')[:150]}"


def of_visitor(request: HttpRequest) -> str:
    """The annotator of this browser, or the network address of one that has none."""
    return str(request.session.get("worker") or of_address(request))


def of_key(request: HttpRequest) -> str:
    """Whose rate is limited: the access key that a program presents, from one network address.

    It is hashed, since the header has the secret, which no count may keep.
    """
    presented = request.headers.get("Authorization", "").encode()
    return f"{of_address(request)} {sha256(presented).hexdigest()}"


def is_refusal(request: HttpRequest, response: HttpResponse) -> bool:
    return response.status_code in REFUSALS and not getattr(response, KNOWN, False)


def mark_known(response: HttpResponse, is_known: bool) -> None:
    """Say whether a refused visitor has a link that there is: then it is no guess, and not counted.

    A class behind one address may try a paused study as often as it likes.
    """
    setattr(response, KNOWN, is_known)


def is_failed_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    return response.status_code == 200  # the form again; success redirects


@dataclass(frozen=True)
class Limit:
    """A limit of requests by POST, or of all with any_method, to pages of some names.

    Attributes:
        pages: names in the URL conf; API stands for every endpoint of the API.
        rate: such as "10 per 5 minutes".
        who: names the visitor that the limit is for.
        counts: which responses count; None is all requests.
    """

    pages: frozenset[str]
    rate: RateLimitItem
    who: Callable[[HttpRequest], str]
    counts: Callable[[HttpRequest, HttpResponse], bool] | None = None
    any_method: bool = False


SIGN_IN, ENTER = frozenset({"sign_in"}), frozenset({"enter", "sign_up", "choose_password"})
WORK, SAVES = frozenset({"next_hit", "hit", "give_back"}), frozenset({"draft", "trace", "hide"})
LIMITS = [
    Limit(SIGN_IN, parse("10 per 5 minutes"), of_account, is_failed_sign_in),
    Limit(SIGN_IN, parse("60 per 5 minutes"), of_address, is_failed_sign_in),
    Limit(ENTER, parse("60 per 5 minutes"), of_address, is_refusal, any_method=True),
    Limit(WORK, parse("120 per minute"), of_visitor),
    Limit(SAVES, parse("600 per minute"), of_visitor),
    Limit(frozenset({API}), parse("60 per 5 minutes"), of_address, is_refusal, any_method=True),
    Limit(frozenset({API}), parse("1200 per minute"), of_key, any_method=True),
]


class RateLimits:
    """Middleware that answers 429, with a sentence and one line in the log, beyond a limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        limiter()  # here, since the first requests of threads may not import Redis at once

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for limit in getattr(request, "rate_limits", []):
            if limit.counts is not None and limit.counts(request, response):
                _ask(limiter().hit, limit, request)
        return response

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        limits = [limit for limit in LIMITS if _applies(limit, request)]
        request.rate_limits = limits  # type: ignore[attr-defined]
        for limit in limits:
            ask = limiter().test if limit.counts else limiter().hit
            if not _ask(ask, limit, request):
                del request.rate_limits  # type: ignore[attr-defined]
                return _refusal(request, limit)
        return None


class NoTimer:
    """What MemoryStorage starts in vain: `ProcessStorage` removes old counts by itself."""

    def is_alive(self) -> bool:
        return True

    def start(self) -> None:
        """Start nothing."""


class ProcessStorage(MemoryStorage):
    """Counts in this process. A request removes old ones, and visitors without any, now and then.

    MemoryStorage starts a thread for nearly every request, which reads all counts and keeps every
    visitor's name: that took a sixth of an answer's CPU time. Old counts never change an answer.
    """

    STORAGE_SCHEME = ["process"]
    _swept_at = -math.inf

    @property
    def timer(self) -> NoTimer:
        return NoTimer()

    @timer.setter
    def timer(self, timer: object) -> None:
        """Take no other."""

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        if time.monotonic() > self._swept_at + SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self._sweep(time.time())
        return super().acquire_entry(key, limit, expiry, amount)

    def _sweep(self, now: float) -> None:
        for key in list(self.events):
            with self.locks[key]:
                if events := [each for each in self.events.get(key, []) if each.expiry > now]:
                    self.events[key] = events
                else:
                    self.events.pop(key, None)
                    self.locks.pop(key, None)


@cache
def limiter() -> MovingWindowRateLimiter:
    url = settings.BROKER_URL
    shared = url if url.startswith(("redis://", "rediss://")) else "process://"
    options = {"socket_connect_timeout": WAIT_SECONDS, "socket_timeout": WAIT_SECONDS}
    return MovingWindowRateLimiter(storage_from_string(shared, wrap_exceptions=True, **options))


def _applies(limit: Limit, request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    name = API if API in match.namespaces else match.url_name
    return name in limit.pages and (limit.any_method or request.method == "POST")


def _ask(question: Callable[..., bool], limit: Limit, request: HttpRequest) -> bool:
    """The answer of the limiter; yes while its storage is away."""
    try:
        return question(limit.rate, "/".join(sorted(limit.pages)), limit.who(request))
    except StorageError as error:
        log.warning("Nothing is limited, as counts cannot be kept: %s", error.storage_error)
        return True


def _refusal(request: HttpRequest, limit: Limit) -> HttpResponse:
    seconds = limit.rate.get_expiry()
    match = request.resolver_match  # its route, since an address may have the token of a link
    log.warning("Refused %s /%s: more than %s", request.method, match and match.route, limit.rate)
    if "text/html" in request.headers.get("Accept", ""):
        minutes = max(1, seconds // 60)
        response = render(request, "429.html", {"minutes": minutes}, status=429)
    else:
        sentence = _("Too many requests: at most %(rate)s. Try again later.")
        response = JsonResponse({"detail": sentence % {"rate": limit.rate}}, status=429)
    response["Retry-After"] = str(seconds)
    return response
