"""The pictures of a HIT page, of which there are so many that each would cost a template's time."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.http import RFC3986_SUBDELIMS
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

# What differs between the pictures of one kind: a placeholder stands for each in its HTML.
VARYING = ("number", "slot", "column", "row", "tile", "zoom")
PLACEHOLDERS = {name: f"PLACE-OF-{name.upper()}-" for name in VARYING}


@register.simple_tag
def picture_grid(pictures: Sequence[Any], is_cut: object) -> SafeString:
    """Each picture as `annotator/_picture.html` renders it.

    The template is rendered once for each kind of picture; the rest is put in its place.
    """
    of_kind = _html_of_kind.__wrapped__ if settings.DEBUG else _html_of_kind  # templates change
    html = [
        _filled(
            of_kind(
                get_language(), bool(is_cut), len(pictures), picture.is_marked, picture.is_hidden
            ),
            picture,
        )
        for picture in pictures
    ]
    return mark_safe("".join(html))


def _filled(html: str, picture: Any) -> str:
    for name, placeholder in PLACEHOLDERS.items():
        # A name in a link is quoted as `reverse` does it.
        value = quote(str(getattr(picture, name)), safe=RFC3986_SUBDELIMS + "/~:@")
        html = html.replace(placeholder, escape(value))
    return html


@lru_cache(maxsize=64)
def _html_of_kind(
    language: str | None, is_cut: bool, count: int, is_marked: bool, is_hidden: bool
) -> str:
    picture = PLACEHOLDERS | {"is_marked": is_marked, "is_hidden": is_hidden}
    context = {"picture": picture, "is_cut": is_cut, "count": count}
    return render_to_string("annotator/_picture.html", context)
