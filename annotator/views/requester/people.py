"""Who has which role in a study."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.access.roles import give_role
from annotator.crowd.access.roles import take_role as take
from annotator.crowd.errors import EntryRefused
from annotator.models import Membership, Role, Study
from annotator.views.access import actor_of, for_requesters

# Annotators agree to the consent text first, so they come by an invitation.
GIVEN = [role for role in Role if role != Role.ANNOTATOR]


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def people(request: HttpRequest, name: str) -> HttpResponse:
    """The accounts of a study; a form gives one more a role."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _give(request, study)
        return redirect("people", name)
    held = Membership.objects.filter(Q(study=study) | Q(study__isnull=True))
    context = {
        "study": study,
        "memberships": held.select_related("user").order_by("user__username", "role"),
        "staff": User.objects.filter(is_staff=True, is_active=True).order_by("username"),
        "roles_given": [(role.value, role.label) for role in GIVEN],
    }
    return render(request, "studies/people.html", context)


def _give(request: HttpRequest, study: Study) -> None:
    named, role = request.POST.get("account", "").strip(), request.POST.get("role")
    account = User.objects.filter(Q(username=named) | Q(email__iexact=named)).first()
    if not named or account is None:
        messages.warning(
            request,
            _("There is no account %(name)s. An invitation link with a role lets people make one.")
            % {"name": named or "?"},
        )
    elif role not in GIVEN:
        messages.warning(request, _("Please choose a role."))
    else:
        try:
            give_role(study, account, role, actor_of(request))
        except EntryRefused as error:
            messages.warning(request, str(error))


@require_POST
@for_requesters
def take_role(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Take a role in this study back; one in the whole installation is not this page's to take."""
    take(get_object_or_404(Membership, pk=pk, study__name=name), actor_of(request))
    return redirect("people", name)
