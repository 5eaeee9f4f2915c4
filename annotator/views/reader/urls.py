"""The URLs of the reader's pages, below /results/."""

from django.urls import URLPattern, path, re_path

from annotator.views.access import for_readers
from annotator.views.reader import (
    concept_merging,
    concept_search,
    downloads,
    layer,
    report,
    unit,
)

pages = [
    path("", report.results, name="results"),
    path("masks/<int:pk>.png", unit.unit_masks, name="unit_masks"),
    path("<str:study>/", report.report, name="report"),
    path("<str:study>/make-again/", report.make_again, name="make_again"),
    path("<str:study>/results.json", downloads.results_json, name="results_json"),
    path("<str:study>/paper/", report.paper, name="paper"),
    path("<str:study>/paper.md", downloads.paper_markdown, name="paper_markdown"),
    path("<str:study>/data/", downloads.data, name="data"),
    path("<str:study>/datasheet.md", downloads.datasheet, name="datasheet"),
    path("<str:study>/bundle.zip", downloads.bundle, name="bundle"),
    path("<str:study>/tables/<slug:name>.<slug:kind>", downloads.table, name="table"),
    path("<str:study>/report.html", downloads.report_html, name="report_html"),
    re_path(
        r"^(?P<study>[^/]+)/figures/(?P<name>\w+)\.(?P<kind>\w+)$", downloads.figure, name="figure"
    ),
    path("<str:study>/concepts/", concept_merging.concepts, name="concepts"),
    path("<str:study>/concepts/merge/", concept_merging.merge_concepts, name="merge_concepts"),
    path(
        "<str:study>/concepts/apart/",
        concept_merging.keep_concepts_apart,
        name="keep_concepts_apart",
    ),
    path("<str:study>/concepts/undo/<int:version>/", concept_merging.undo_merge, name="undo_merge"),
    path("<str:study>/named/", concept_search.named, name="named"),
    path("<str:study>/layers/<int:pk>/", layer.layer, name="layer"),
    path("<str:study>/units/<int:pk>/", unit.unit, name="unit"),
]

urlpatterns = [
    URLPattern(page.pattern, for_readers(page.callback), name=page.name) for page in pages
]
