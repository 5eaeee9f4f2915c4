"""Who may see what: annotators are blind, so studies and results are for those with a role.

A requester publishes and sees everything, a reviewer reviews answers, a reader reads results; each
in one study or, as a Membership without a study says, in all of them. Installation-wide staff
(`manage.py createsuperuser` makes the first) are requesters everywhere.

In the embedded default whoever sits at the machine itself is the requester; from anywhere else,
and in production, one signs in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from annotator.crowd.audit import AT_THE_MACHINE, Actor
from annotator.models import Membership, Role, Study, Worker

LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
# What a role brings along.
BRINGS = {Role.REQUESTER: {Role.REQUESTER, Role.REVIEWER, Role.READER}}

View = Callable[..., HttpResponse]


def roles_in(request: HttpRequest, study: str | None = None) -> frozenset[str]:
    """What this visitor may do in the study of that name; without a name, in any study at all."""
    if _runs_everything(request):
        return frozenset(BRINGS[Role.REQUESTER])
    held = {role for name, role in _memberships(request) if study is None or name in (None, study)}
    return frozenset(role for one in held for role in BRINGS.get(one, {one}))


def studies_for(request: HttpRequest, role: str) -> QuerySet[Study]:
    """The studies in which this visitor has a role."""
    if _runs_everything(request):
        return Study.objects.all()
    having = {name for name, held in _memberships(request) if role in BRINGS.get(held, {held})}
    return Study.objects.all() if None in having else Study.objects.filter(name__in=having)


def is_requester(request: HttpRequest, study: str | None = None) -> bool:
    """Whether this visitor runs the study of that name; without a name, any study."""
    return Role.REQUESTER in roles_in(request, study)


def _runs_everything(request: HttpRequest) -> bool:
    if request.user.is_authenticated:
        return request.user.is_staff
    return settings.EMBEDDED and _is_at_the_machine(request)


def _is_at_the_machine(request: HttpRequest) -> bool:
    """Neither from another machine nor through a proxy that serves another name."""
    host, _ = split_domain_port(request.get_host())
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return request.META.get("REMOTE_ADDR") in LOOPBACK and host in LOOPBACK_HOSTS and not forwarded


def _memberships(request: HttpRequest) -> list[tuple[str | None, str]]:
    """(study's name or None for all, role) of the visitor's account, asked for once a request."""
    if not request.user.is_authenticated:
        return []
    if not hasattr(request, "_memberships"):
        rows = Membership.objects.filter(user=request.user.pk)
        request._memberships = list(rows.values_list("study__name", "role"))
    return request._memberships


def _only_for(role: Role) -> Callable[[View], View]:
    """Show a page to those with a role in the study that its address names, as `study` or `name`.

    An address without a study is for those with the role in any: what the page shows of studies
    must then come from `studies_for`.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if role in roles_in(request, kwargs.get("study", kwargs.get("name"))):
                return view(request, *args, **kwargs)
            return refused(request)

        return wrapped

    return decorator


for_requesters = _only_for(Role.REQUESTER)
for_reviewers = _only_for(Role.REVIEWER)
for_readers = _only_for(Role.READER)


def refused(request: HttpRequest) -> HttpResponse:
    """What those see who may not: strangers are asked to sign in."""
    if request.session.get("worker") or request.user.is_authenticated:
        return render(request, "studies/not_for_you.html", status=403)
    return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")


def worker_of(request: HttpRequest) -> Worker | None:
    """Who answers in this browser, asked for once a request; None for everybody else."""
    if not hasattr(request, "_worker"):
        pk = request.session.get("worker")
        found = pk and Worker.objects.select_related("study").filter(pk=pk).first()
        request._worker = found or None
    return request._worker


def account_of(request: HttpRequest) -> AbstractBaseUser | None:
    """The account that is signed in; None for everybody else."""
    return request.user if request.user.is_authenticated else None


def actor_of(request: HttpRequest) -> Actor:
    """The account that the audit log names for this request; without one, the machine itself."""
    account = account_of(request)
    return Actor(account.get_username(), account) if account else AT_THE_MACHINE


def is_simulated(study: Study) -> bool:
    """Whether simulated workers answer a study: every page about its answers must then say so."""
    return Worker.objects.filter(study=study, kind=Worker.Kind.SIMULATED).exists()


def contact_of(study: Study | None) -> str:
    """The person whom annotators of a study reach; "" where neither it nor the settings say."""
    return (study.contact if study else "") or settings.CONTACT


def visitor(request: HttpRequest) -> dict[str, Any]:
    """For templates: what they may offer to this visitor, and whom the visitor may write to.

    Lazy, since the annotators' pages do not ask for roles.
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
