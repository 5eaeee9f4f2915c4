"""Every address of the service."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from annotator.api.reading import api
from annotator.views import (
    accounts,
    annotating,
    drafting,
    entering,
    inviting,
    known,
    my_work,
    people,
    pictures,
    previewing,
    reviewing,
    studies,
    terms,
)
from annotator.views.ahead import ahead

urlpatterns = [
    path("", entering.home, name="home"),
    path("enter/<str:token>/", entering.enter, name="enter"),
    path("enter/<str:token>/sign-up/", accounts.sign_up, name="sign_up"),
    path("consent/", entering.consent, name="consent"),
    path("work/", my_work.my_work, name="my_work"),
    path("work/<int:pk>/", my_work.switch, name="switch_study"),
    path("hits/", annotating.hits, name="hits"),
    path("hits/next/", annotating.next_hit, name="next_hit"),
    path("hits/<str:key>/", annotating.hit, name="hit"),
    path("hits/<str:key>/draft/", drafting.draft, name="draft"),
    path("hits/<str:key>/hide/", drafting.hide, name="hide"),
    path("hits/<str:key>/feedback/", my_work.feedback, name="feedback"),
    path("hits/<str:key>/trace/", drafting.trace, name="trace"),
    path("hits/<str:key>/ahead/", ahead, name="ahead"),
    path("hits/<str:key>/return/", annotating.give_back, name="give_back"),
    path("studies/", studies.studies, name="studies"),
    path("studies/<str:name>/", studies.study, name="study"),
    path("studies/<str:name>/preview/", previewing.preview, name="preview"),
    path("studies/<str:name>/invite/", inviting.invite, name="invite"),
    path("studies/<str:name>/invitations/<int:pk>/", inviting.revoke, name="revoke"),
    path("studies/<str:name>/people/", people.people, name="people"),
    path("studies/<str:name>/people/<int:pk>/", people.take_role, name="take_role"),
    path("studies/<str:name>/terms/", terms.terms, name="terms"),
    path("studies/<str:name>/known/", known.known, name="known"),
    path("studies/<str:name>/known/<int:pk>/", known.forget, name="forget_known"),
    path("studies/<str:name>/lab/", include("annotator.views.lab_urls")),
    path("studies/<str:name>/", include("annotator.views.reviewing_urls")),
    path("review/", reviewing.studies_to_review, name="studies_to_review"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("password/", login_required(accounts.ChangePassword.as_view()), name="change_password"),
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("api/", api.urls),
    path("results/", include("annotator.views.results_urls")),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    path("sheets/<str:name>.css", pictures.sheet_style, name="sheet_style"),
    path("sheets/<str:name>", pictures.sheet, name="sheet"),
]
