"""The URLs of the reader's pages, below /results/.

A layer is at STUDY/NETWORK/LAYER/, a unit at STUDY/NETWORK/LAYER/UNIT. The first word of every
other address below a study is in display_names.RESERVED_SLUGS, so that no network has it.
"""

from django.urls import URLPattern, path, re_path

from annotator.views.access import for_readers
from annotator.views.reader import (
    addresses,
    concept_merging,
    concept_search,
    downloads,
    layer,
    report,
    snapshot,
    unit,
)

pages = [
    path("", report.results, name="results"),
    path("masks/<int:pk>.png", unit.unit_masks, name="unit_masks"),
    path("<str:study>/", report.report, name="report"),
    path("<str:study>/make-again/", snapshot.make_again, name="make_again"),
    path("<str:study>/results.json", downloads.results_json, name="results_json"),
    path("<str:study>/paper/", report.paper, name="paper"),
    path("<str:study>/definitions/", report.all_definitions, name="definitions"),
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
    # Addresses of earlier versions, by primary key.
    path("<str:study>/layers/<int:pk>/", addresses.layer_by_key, name="layer"),
    path("<str:study>/units/<int:pk>/", addresses.unit_by_key, name="unit"),
    path("<str:study>/<str:network>/", addresses.network, name="network"),
    path("<str:study>/<str:network>/<str:layer>/", layer.layer, name="layer"),
    path("<str:study>/<str:network>/<str:layer>/<int:number>", unit.unit, name="unit"),
    path("<str:study>/<str:network>/<str:layer>/<int:number>/", addresses.unit_with_slash),
]

urlpatterns = [
    URLPattern(page.pattern, for_readers(page.callback), name=page.name) for page in pages
]
