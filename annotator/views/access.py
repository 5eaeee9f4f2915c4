"""Access control: which visitor may see which page, and who is answerable for what it changes.

Annotators must stay blind, so studies and results are only for accounts with a role. A requester
publishes and sees everything, a reviewer reviews answers, a reader reads results. A Membership
gives a role in one study, or in all of them if it names none. Staff accounts
(`manage.py createsuperuser` makes the first) are requesters in all studies.

In an embedded installation whose PUBLIC_URL is this machine, a visitor on it is the requester.
Everybody else, and everybody in production, signs in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from annotator.crowd.access.roles import is_unblinded
from annotator.crowd.audit import AT_THE_MACHINE, Actor
from annotator.database.prepared_queries import Parameter, PreparedQuery
from annotator.models import Membership, Participant, Role, Study, Worker
from annotator.models.rows import only_row
from annotator.models.study import contact_of

LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1", "testserver"}
# Headers by which proxies, tunnels and content delivery networks say that they pass a request on.
PROXY_HEADERS = (
    ["HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP"]
    + [f"HTTP_X_FORWARDED_{part}" for part in ("FOR", "HOST", "PROTO", "PORT", "SERVER", "PREFIX")]
    + ["HTTP_X_CLIENT_IP", "HTTP_X_CLUSTER_CLIENT_IP", "HTTP_X_ORIGINAL_HOST"]
)
# The roles that a role includes.
INCLUDED_ROLES = {Role.REQUESTER: {Role.REQUESTER, Role.REVIEWER, Role.READER}}

View = Callable[..., HttpResponse]


def roles_in(request: HttpRequest, study: str | None = None) -> frozenset[str]:
    """The roles by which the visitor of a page has access to a study; without a name, to any."""
    if _runs_everything(request):
        return frozenset(INCLUDED_ROLES[Role.REQUESTER])
    held = {role for name, role in _memberships(request) if study is None or name in (None, study)}
    return frozenset(role for name in held for role in INCLUDED_ROLES.get(name, {name}))


def studies_for(request: HttpRequest, role: str) -> QuerySet[Study]:
    """The studies to which this request has access in a role."""
    if _runs_everything(request):
        return Study.objects.all()
    names = {
        name for name, held in _memberships(request) if role in INCLUDED_ROLES.get(held, {held})
    }
    return Study.objects.all() if None in names else Study.objects.filter(name__in=names)


def is_requester(request: HttpRequest, study: str | None = None) -> bool:
    """Whether this visitor has a requester's access to a study; without a name, to any."""
    return Role.REQUESTER in roles_in(request, study)


def _runs_everything(request: HttpRequest) -> bool:
    if request.user.is_authenticated:
        return request.user.is_staff
    return settings.EMBEDDED and _is_at_the_machine(request)


def _is_at_the_machine(request: HttpRequest) -> bool:
    """Whether the request comes from this machine, and not through a proxy.

    A proxy on this machine connects from it too, and may rewrite the host and add no header. So
    nobody is at the machine where PUBLIC_URL is another one, where a request came in the older
    protocol that plain proxies speak, or where a browser says that it sees another host.
    """
    if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK_NAMES:
        return False
    return is_from_this_machine(request)


def is_from_this_machine(request: HttpRequest) -> bool:
    """Whether a request came from this machine by one of its own names, and through no proxy."""
    meta = request.META
    if meta.get("REMOTE_ADDR") not in LOOPBACK or meta.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return False
    if any(header in meta for header in PROXY_HEADERS):
        return False
    seen = (urlsplit(meta.get(header, "")).hostname for header in ("HTTP_ORIGIN", "HTTP_REFERER"))
    host, _ = split_domain_port(request.get_host())
    return host.strip("[]") in LOOPBACK_NAMES and all(
        name is None or name in LOOPBACK_NAMES for name in seen
    )


def _memberships(request: HttpRequest) -> list[tuple[str | None, str]]:
    """(study name or None for all studies, role) of the account; one query per request."""
    if not request.user.is_authenticated:
        return []
    if not hasattr(request, "_memberships"):
        rows = Membership.objects.filter(user=request.user.pk)
        request._memberships = list(rows.values_list("study__name", "role"))
    return request._memberships


def _only_for(role: Role) -> Callable[[View], View]:
    """Restrict a view to visitors with a role in the study that its URL names.

    The URL argument is `study` or `name`. A URL without a study admits visitors with the role in
    any study: such a view must show only studies from `studies_for`.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if role in roles_in(request, kwargs.get("study", kwargs.get("name"))):
                return view(request, *args, **kwargs)
            return _access_denied(request)

        return wrapped

    return decorator


for_requesters = _only_for(Role.REQUESTER)
for_reviewers = _only_for(Role.REVIEWER)
for_readers = _only_for(Role.READER)


def _access_denied(request: HttpRequest) -> HttpResponse:
    """Answer a request without access: 403 for known visitors, sign-in page for strangers."""
    if request.session.get("worker") or request.user.is_authenticated:
        return render(request, "studies/no_access.html", status=403)
    return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")


WORKERS = PreparedQuery(
    Worker.objects.select_related("study")
    .annotate(is_of_market=Exists(Participant.objects.filter(worker=OuterRef("pk"))))
    .filter(pk=Parameter("worker"))
)


def worker_of(request: HttpRequest) -> Worker | None:
    """The worker as whom this visitor has access, or None; one query per request, two with account.

    Annotators stay blind: who signs in with an account whose role shows what the study is about
    is no longer its worker, from the next request on.
    """
    if not hasattr(request, "_worker"):
        pk, account = request.session.get("worker"), account_of(request)
        request._worker = only_row(WORKERS(worker=pk)) if pk else None
        request._is_unblinded = bool(
            request._worker and account and is_unblinded(account, request._worker.study)
        )
        if request._is_unblinded:
            request._worker = None
    return request._worker


def not_a_worker(request: HttpRequest) -> HttpResponse:
    """Deny access to an annotator's page to a visitor who is no Worker: 403."""
    worker_of(request)
    context = {"is_unblinded": request._is_unblinded}
    return render(request, "annotator/not_invited.html", context, status=403)


def account_of(request: HttpRequest) -> AbstractBaseUser | None:
    """The account that this visitor is signed in with, or None."""
    return request.user if request.user.is_authenticated else None


def actor_of(request: HttpRequest) -> Actor:
    """The visitor's account, which the audit log names; without one, the machine itself."""
    account = account_of(request)
    return Actor(account.get_username(), account) if account else AT_THE_MACHINE


def visitor(request: HttpRequest) -> dict[str, Any]:
    """Template context about the visitor: roles that give access, and whom to write to.

    The values are lazy, since annotators' pages use no roles.
    """

    def contact() -> str:
        worker = worker_of(request)
        return contact_of(worker.study if worker else None)

    return {
        "roles": SimpleLazyObject(lambda: roles_in(request)),
        "is_requester": SimpleLazyObject(lambda: is_requester(request)),
        "has_account": SESSION_KEY in request.session,
        "contact": SimpleLazyObject(contact),
    }


def for_workers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Restrict a view to visitors with access as a Worker, and pass it that Worker.

    Other visitors are asked for their invite link.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        worker = worker_of(request)
        if worker is None:
            return not_a_worker(request)
        return view(request, worker, *args, **kwargs)

    return wrapped
