"""The lab's addresses, below /studies/<name>/lab/."""

from django.urls import path

from annotator.views import lab, lab_classes

urlpatterns = [
    path("", lab.lab, name="lab"),
    path("<int:pk>/classes/", lab_classes.classes, name="classes"),
    path("<int:pk>/<slug:kind>/", lab.question, name="question"),
    path("answers/<int:pk>/", lab.analysis, name="analysis"),
    path("answers/<int:pk>.json", lab.analysis_json, name="analysis_json"),
    path("answers/<int:pk>/grid-<int:number>.csv", lab.analysis_grid, name="analysis_grid"),
    path("answers/<int:pk>/pictures/<path:file>", lab.analysis_picture, name="analysis_picture"),
]
