"""Addresses that only take what a form sends: who opens one in a browser reads a sentence."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render


def explained(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: a page instead of the blank answer 405, for browsers alone."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_browser = "text/html" in request.headers.get("Accept", "")
        if isinstance(response, HttpResponseNotAllowed) and is_browser:
            response.content = render(request, "405.html").content
        return response

    return respond
