"""The lab's addresses, below /studies/<name>/lab/."""

from django.urls import path

from annotator.views.lab import classes, pages

urlpatterns = [
    path("", pages.lab, name="lab"),
    path("<int:pk>/classes/", classes.classes, name="classes"),
    path("<int:pk>/<slug:kind>/", pages.question, name="question"),
    path("answers/<int:pk>/", pages.analysis, name="analysis"),
    path("answers/<int:pk>.json", pages.analysis_json, name="analysis_json"),
    path("answers/<int:pk>/grid-<int:number>.csv", pages.analysis_grid, name="analysis_grid"),
    path("answers/<int:pk>/pictures/<path:file>", pages.analysis_picture, name="analysis_picture"),
]
