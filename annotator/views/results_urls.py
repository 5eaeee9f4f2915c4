"""The reader's addresses, below /results/."""

from django.urls import URLPattern, path, re_path

from annotator.views import results
from annotator.views.access import for_readers

pages = [
    path("", results.results, name="results"),
    path("masks/<int:pk>.png", results.unit_masks, name="unit_masks"),
    path("<str:study>/", results.report, name="report"),
    path("<str:study>/results.json", results.results_json, name="results_json"),
    path("<str:study>/<slug:name>.csv", results.table, name="table"),
    path("<str:study>/report.html", results.report_html, name="report_html"),
    re_path(
        r"^(?P<study>[^/]+)/figures/(?P<name>\w+)\.(?P<kind>\w+)$", results.figure, name="figure"
    ),
    path("<str:study>/layers/<int:pk>/", results.layer, name="layer"),
    path("<str:study>/units/<int:pk>/", results.unit, name="unit"),
]

urlpatterns = [
    URLPattern(page.pattern, for_readers(page.callback), name=page.name) for page in pages
]
