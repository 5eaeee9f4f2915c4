"""The service's URLs, and an empty view behind the same session and middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from annotator.models import Worker
from annotator.urls import urlpatterns as service_urls
from annotator.views.access import for_workers


@for_workers
def empty(request: HttpRequest, worker: Worker) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [*service_urls, path("empty/", empty)]
