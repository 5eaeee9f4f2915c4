"""The addresses under /studies/<name>/ of those who review answers."""

from django.urls import path

from annotator.views import redundancy, reviewing, workers

urlpatterns = [
    path("review/", reviewing.answers, name="review"),
    path("review/hits/<str:key>/", reviewing.change_hit, name="review_hit"),
    path("review/<str:key>/", reviewing.answer, name="review_answer"),
    path("workers/", workers.workers, name="workers"),
    path("workers/<path:key>/", workers.worker, name="worker"),
    path("redundancy/", redundancy.redundancy, name="redundancy"),
]
