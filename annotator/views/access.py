"""Who may see what: annotators are blind, so studies and results are for requesters and readers.

In the embedded default whoever sits at the machine itself is the requester; from anywhere else,
and in production, a requester signs in (`manage.py createsuperuser` makes the first).
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse

LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def is_requester(request: HttpRequest) -> bool:
    """Whether this visitor may see networks, layers and results."""
    if request.user.is_authenticated:
        return request.user.is_staff
    return settings.EMBEDDED and _is_at_the_machine(request)


def _is_at_the_machine(request: HttpRequest) -> bool:
    """Neither from another machine nor through a proxy that serves another name."""
    host, _ = split_domain_port(request.get_host())
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return request.META.get("REMOTE_ADDR") in LOOPBACK and host in LOOPBACK_HOSTS and not forwarded


def for_requesters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page to requesters and readers alone; others are asked to sign in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_requester(request):
            return view(request, *args, **kwargs)
        if request.session.get("worker") or request.user.is_authenticated:
            return render(request, "studies/not_for_you.html", status=403)
        return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")

    return wrapped


def requester(request: HttpRequest) -> dict[str, bool]:
    """For templates: whether to offer the requester's pages."""
    return {"is_requester": is_requester(request)}
