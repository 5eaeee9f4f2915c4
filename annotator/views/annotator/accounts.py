"""Accounts: sign-up by invitation, sign-in, and the password."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import (
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.contrib.messages.views import SuccessMessageMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotator.crowd.access import invitations
from annotator.crowd.errors import EntryRefused, MixedCrowd
from annotator.crowd.scheduling.gates import refuse_newcomers
from annotator.models import Role, Worker
from annotator.views.access import roles_in, worker_of
from annotator.views.annotator.enter import entry_refused


class SignUpForm(BaseUserCreationForm):
    """User name, optional e-mail address, and the password twice."""

    def clean_username(self) -> str:
        """A user name that cannot be taken for the e-mail address of somebody else."""
        name: str = self.cleaned_data["username"]
        if "@" in name:
            raise ValidationError(
                _("A user name has no @: it is not an e-mail address, which nobody has checked.")
            )
        return name

    class Meta:
        model = User
        fields = ("username", "email")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Page: sign up for an account. This requires an open invitation that asks for one."""
    try:
        invitation = invitations.invitation_for(token)
        if not invitation.needs_account and invitation.role == Role.ANNOTATOR:
            raise EntryRefused(_("This invite link does not require an account."))
        if invitation.role == Role.ANNOTATOR:
            refuse_newcomers(invitation.study)
    except (EntryRefused, MixedCrowd) as error:
        return entry_refused(request, error)
    if request.user.is_authenticated:
        return redirect("enter", token)
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, form.save())
        return redirect("enter", token)
    return render(request, "accounts/sign_up.html", {"form": form, "token": token})


class SignIn(LoginView):
    """Sign in; an annotator continues in the study joined last."""

    template_name = "studies/sign_in.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        account = form.get_user()
        login(self.request, account)
        worker = Worker.objects.filter(user=account.pk).order_by("-pk").first()
        if worker:
            self.request.session["worker"] = worker.pk
        if worker_of(self.request) is None and self.request.session.pop("worker", None):
            messages.warning(
                self.request,
                _(
                    "You annotated a study in this browser that your account shows you. Answers "
                    "are to come from people who do not know what it is about, so you are no "
                    "longer its annotator here. What you submitted is kept and paid."
                ),
            )
        # `redirect` would look `next` up as the name of a page.
        return HttpResponseRedirect(self.get_success_url())

    def get_default_redirect_url(self) -> str:
        roles = roles_in(self.request)
        if Role.REQUESTER in roles:
            return reverse("studies")
        if Role.READER in roles:
            return reverse("results")
        return reverse("hits" if self.request.session.get("worker") else "home")


class ChangePassword(SuccessMessageMixin, PasswordChangeView):
    template_name = "accounts/change_password.html"
    success_message = _lazy("Your password was changed.")

    def get_success_url(self) -> str:
        return reverse("my_work" if self.request.session.get("worker") else "home")


class ChoosePassword(SuccessMessageMixin, PasswordResetConfirmView):
    """Choose the password of an account, by a link that works once."""

    template_name = "accounts/choose_password.html"
    success_url = reverse_lazy("sign_in")
    success_message = _lazy("Your password is set. Sign in with it.")
