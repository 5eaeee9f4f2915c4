"""Who takes part in a study: members and their roles."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.access import roles
from annotator.crowd.errors import EntryRefused
from annotator.models import Membership, Role, Study
from annotator.views.access import actor_of, for_requesters

# Annotators must agree to the consent text first, so they always join by an invite link.
ASSIGNABLE_ROLES = [role for role in Role if role != Role.ANNOTATOR]


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def members(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the members of a study, accounts with a role in it; a POST adds one."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _add_member(request, study)
        return redirect("people", name)
    memberships = Membership.objects.filter(Q(study=study) | Q(study__isnull=True))
    context = {
        "study": study,
        "memberships": memberships.select_related("user").order_by("user__username", "role"),
        "staff": User.objects.filter(is_staff=True, is_active=True).order_by("username"),
        "assignable_roles": [(role.value, role.label) for role in ASSIGNABLE_ROLES],
    }
    return render(request, "studies/members.html", context)


def _add_member(request: HttpRequest, study: Study) -> None:
    name, role = request.POST.get("account", "").strip(), request.POST.get("role")
    # By user name alone: nobody has checked that an e-mail address belongs to an account.
    account = User.objects.filter(username=name).first()
    if not name or account is None:
        sentence = _(
            "There is no account with the user name %(name)s. Ask for the user name, or send an "
            "invite link with this role."
        )
        messages.warning(request, sentence % {"name": name or "?"})
    elif role not in ASSIGNABLE_ROLES:
        messages.warning(request, _("Please choose a role."))
    else:
        try:
            roles.give_role(study, account, role, actor_of(request))
        except EntryRefused as error:
            messages.warning(request, str(error))


@require_POST
@for_requesters
def remove_member(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the POST that removes a member's role in a study, not a role in all studies."""
    membership = get_object_or_404(Membership, pk=pk, study__name=name)
    roles.take_role(membership, actor_of(request))
    return redirect("people", name)
