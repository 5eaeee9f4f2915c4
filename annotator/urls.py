"""Every address of the service."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from annotator.views import annotating, drafting, pictures, previewing, studies

urlpatterns = [
    path("", annotating.home, name="home"),
    path("enter/<str:token>/", annotating.enter, name="enter"),
    path("hits/", annotating.hits, name="hits"),
    path("hits/next/", annotating.next_hit, name="next_hit"),
    path("hits/<str:key>/", annotating.hit, name="hit"),
    path("hits/<str:key>/draft/", drafting.draft, name="draft"),
    path("hits/<str:key>/hide/", drafting.hide, name="hide"),
    path("hits/<str:key>/return/", annotating.give_back, name="give_back"),
    path("studies/", studies.studies, name="studies"),
    path("studies/<str:name>/", studies.study, name="study"),
    path("studies/<str:name>/preview/", previewing.preview, name="preview"),
    path("studies/<str:name>/invite/", studies.invite, name="invite"),
    path("sign-in/", LoginView.as_view(template_name="studies/sign_in.html"), name="sign_in"),
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("results/", include("annotator.views.results_urls")),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    path("sheets/<str:name>.css", pictures.sheet_style, name="sheet_style"),
    path("sheets/<str:name>", pictures.sheet, name="sheet"),
]
