"""Every address of the service."""

from django.urls import include, path

from annotator.views import annotating, pictures

urlpatterns = [
    path("", annotating.home, name="home"),
    path("enter/<str:token>/", annotating.enter, name="enter"),
    path("hits/", annotating.hits, name="hits"),
    path("hits/next/", annotating.next_hit, name="next_hit"),
    path("hits/<str:key>/", annotating.hit, name="hit"),
    path("hits/<str:key>/return/", annotating.give_back, name="give_back"),
    path("results/", include("annotator.views.results_urls")),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    path("sheets/<str:name>.css", pictures.sheet_style, name="sheet_style"),
    path("sheets/<str:name>", pictures.sheet, name="sheet"),
]
