"""Every address of the service."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from annotator.api.endpoints import api
from annotator.views import media
from annotator.views.annotator import accounts, drafts, earnings, enter, hits
from annotator.views.annotator.prefetch import ahead
from annotator.views.requester import consent, gold_units, invitations, people, preview, studies
from annotator.views.reviewer import answers

urlpatterns = [
    path("", enter.home, name="home"),
    path("enter/<str:token>/", enter.enter, name="enter"),
    path("enter/<str:token>/sign-up/", accounts.sign_up, name="sign_up"),
    path("consent/", enter.consent, name="consent"),
    path("work/", earnings.my_work, name="my_work"),
    path("work/<int:pk>/", earnings.switch, name="switch_study"),
    path("hits/", hits.hits, name="hits"),
    path("hits/next/", hits.next_hit, name="next_hit"),
    path("hits/<str:key>/", hits.hit, name="hit"),
    path("hits/<str:key>/draft/", drafts.draft, name="draft"),
    path("hits/<str:key>/hide/", drafts.hide, name="hide"),
    path("hits/<str:key>/feedback/", earnings.feedback, name="feedback"),
    path("hits/<str:key>/trace/", drafts.trace, name="trace"),
    path("hits/<str:key>/ahead/", ahead, name="ahead"),
    path("hits/<str:key>/return/", hits.give_back, name="give_back"),
    path("studies/", studies.studies, name="studies"),
    path("studies/<str:name>/", studies.study, name="study"),
    path("studies/<str:name>/preview/", preview.preview, name="preview"),
    path("studies/<str:name>/invite/", invitations.invite, name="invite"),
    path("studies/<str:name>/invitations/<int:pk>/", invitations.revoke, name="revoke"),
    path("studies/<str:name>/people/", people.people, name="people"),
    path("studies/<str:name>/people/<int:pk>/", people.take_role, name="take_role"),
    path("studies/<str:name>/terms/", consent.terms, name="terms"),
    path("studies/<str:name>/known/", gold_units.known, name="known"),
    path("studies/<str:name>/known/<int:pk>/", gold_units.forget, name="forget_known"),
    path("studies/<str:name>/lab/", include("annotator.views.lab.urls")),
    path("studies/<str:name>/", include("annotator.views.reviewer.urls")),
    path("review/", answers.studies_to_review, name="studies_to_review"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("password/", login_required(accounts.ChangePassword.as_view()), name="change_password"),
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("api/", api.urls),
    path("results/", include("annotator.views.reader.urls")),
    path("pictures/<str:name>", media.picture, name="picture"),
    path("sheets/<str:name>.css", media.sheet_style, name="sheet_style"),
    path("sheets/<str:name>", media.sheet, name="sheet"),
]
