"""The addresses under /studies/<name>/ of those who review answers."""

from django.urls import path

from annotator.views.requester import redundancy
from annotator.views.reviewer import answers, workers

urlpatterns = [
    path("review/", answers.answers, name="review"),
    path("review/hits/<str:key>/", answers.change_hit, name="review_hit"),
    path("review/<str:key>/", answers.answer, name="review_answer"),
    path("workers/", workers.workers, name="workers"),
    path("workers/<path:key>/", workers.worker, name="worker"),
    path("redundancy/", redundancy.redundancy, name="redundancy"),
]
