"""What every request passes: text is cleaned, its study noted, browsers get pages for errors."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import resolve
from django.views.defaults import page_not_found

from annotator.free_text import storable
from annotator.operations.log_lines import study_of_request
from annotator.storage import deadline

NUL = "\0"  # no database looks it up, so no address has it
AS_TYPED = "password"  # in the name of a field: kept as it is


def explain_405(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware that gives browsers a page instead of the empty response 405."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_browser = "text/html" in request.headers.get("Accept", "")
        if isinstance(response, HttpResponseNotAllowed) and is_browser:
            response.content = render(request, "405.html").content
        return response

    return respond


def without_public_path(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Middleware that takes the path of PUBLIC_URL off a request, if no proxy has done it."""
    prefix = settings.FORCE_SCRIPT_NAME

    def respond(request: HttpRequest) -> HttpResponse:
        if prefix and f"{request.path_info}/".startswith(f"{prefix}/"):
            request.path_info = request.path_info.removeprefix(prefix) or "/"
            request.path = f"{prefix}{request.path_info}"
        return get_response(request)

    return respond


def limit_storage(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Middleware that limits how long a page waits for the storage."""

    def respond(request: HttpRequest) -> HttpResponse:
        with deadline.page():
            return get_response(request)

    return respond


class PlainNotFound:
    """Middleware by which nobody sees Django's own page of an address that is not found.

    With DEBUG, as `make demo` and `up` set it, Django would list the addresses of the service.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEBUG:
            try:
                resolve(request.path_info)
            except Http404 as error:
                return page_not_found(request, error)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if settings.DEBUG and isinstance(error, Http404):
            return page_not_found(request, error)
        return None


class NoteStudy:
    """Middleware that notes the study in the address of a request, for the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        study_of_request.set("")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        study_of_request.set(str(kwargs.get("study") or kwargs.get("name") or ""))


class CleanText:
    """Middleware by which no view sees text that cannot be stored.

    An address with NUL is not found. From forms and queries `storable` takes what a database
    refuses and what nobody sees.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = [part for key, values in request.GET.lists() for part in (key, *values)]
        if any(NUL in part for part in (request.path_info, *query)):
            if request.path_info.startswith("/api/"):
                return JsonResponse({"detail": "Not Found"}, status=404)
            request.path_info = "/"  # or it would be redirected to the same with a slash
            raise Http404
        request.GET = _cleaned(request.GET)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Clean the form, once the middleware for CSRF has read it."""
        if request.method == "POST":
            request.POST = _cleaned(request.POST)


def _cleaned(data: QueryDict) -> QueryDict:
    copy = QueryDict(mutable=True)
    for key, values in data.lists():
        is_typed = AS_TYPED in key
        copy.setlist(storable(key), values if is_typed else [storable(value) for value in values])
    copy._mutable = False
    return copy
