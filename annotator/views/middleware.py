"""A readable page for browsers that open the URL of a form."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render


def explain_405(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware that gives browsers a page instead of the empty response 405."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_browser = "text/html" in request.headers.get("Accept", "")
        if isinstance(response, HttpResponseNotAllowed) and is_browser:
            response.content = render(request, "405.html").content
        return response

    return respond
