"""Pages for requests that no view answers: they are refused, or something failed."""

import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error as django_server_error

from annotator.free_text import tidy
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.public_url import PublicUrl
from annotator.storage import StorageDown

RETRY_SECONDS = 10  # after which a page tries again by itself
MAX_SHOWN = 200  # characters of an address that a stranger may have made up


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Page: a form was refused: it came from another address than PUBLIC_URL, or had no cookie."""
    public, sent_from = PublicUrl.of(settings.PUBLIC_URL), _origin(request)
    context = {
        "sent_from": sent_from if sent_from != public.origin else "",
        "public_origin": public.origin,
        "same_host": urlsplit(sent_from).netloc == urlsplit(public.origin).netloc,
    }
    return render(request, "403_csrf.html", context, status=403)


def _origin(request: HttpRequest) -> str:
    """The origin of the page that sent a form, as its browser says; empty if it does not."""
    origin = request.headers.get("Origin", "")
    if not origin and (referer := request.headers.get("Referer", "")):
        parts = urlsplit(referer)
        origin = f"{parts.scheme}://{parts.netloc}"
    return tidy(origin)[:MAX_SHOWN]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Page: a request cannot be answered, for instance as it is for a host that is not served."""
    host = tidy(request.META.get("HTTP_HOST", ""))[:MAX_SHOWN]
    is_host = isinstance(exception, DisallowedHost)
    # Without the request, since pages ask it for its host.
    page = render_to_string("400.html", {"host": host if is_host else ""})
    return HttpResponseBadRequest(page)


def server_error(request: HttpRequest) -> HttpResponse:
    """Page: something failed. If database or storage are away it says so and loads itself again."""
    error = sys.exc_info()[1]
    if not isinstance(error, (*DATABASE_AWAY, StorageDown)):
        return django_server_error(request)
    if isinstance(error, StorageDown):
        sentence = _("The storage of pictures and reports does not answer at the moment.")
    else:
        sentence = _("The database does not answer at the moment.")
    wants_page = "text/html" in request.headers.get("Accept", "")
    if wants_page and not request.path_info.startswith("/api/"):
        # Without the request, since a session is in the database too.
        page = render_to_string("503.html", {"seconds": RETRY_SECONDS, "sentence": sentence})
        response = HttpResponse(page, status=503)
    else:
        detail = f"{sentence} {_('Please try again in a few seconds.')}"
        response = JsonResponse({"detail": detail}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
