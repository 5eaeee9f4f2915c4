"""Who answers for what a page changes, and whose answers it is about."""

from django.http import HttpRequest

from annotator.crowd.audit import AT_THE_MACHINE, Actor
from annotator.models import Study, Worker


def actor_of(request: HttpRequest) -> Actor:
    """The visitor's account; without one it is whoever sits at the machine."""
    if not request.user.is_authenticated:
        return AT_THE_MACHINE
    return Actor(request.user.get_username(), request.user)


def is_simulated(study: Study) -> bool:
    """Whether simulated workers answer it: then every page about its answers says so."""
    return Worker.objects.filter(study=study, kind=Worker.Kind.SIMULATED).exists()
