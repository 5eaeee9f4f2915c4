"""The pictures of a HIT page, of which there are so many that each would cost a template's time."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.html import escape
from django.utils.http import RFC3986_SUBDELIMS
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

# What differs between the pictures of one kind: a placeholder stands for each in its HTML.
VARYING = ("number", "slot", "column", "row", "tile", "zoom")
PLACEHOLDERS = {name: f"PLACE-OF-{name}-" for name in VARYING}
PLACE = re.compile(r"PLACE-OF-([a-z]+)-")
UNQUOTED = RFC3986_SUBDELIMS + "/~:@"


@register.simple_tag
def picture_grid(pictures: Sequence[Any], is_cut: object) -> SafeString:
    """Each picture as `annotator/_picture.html` renders it.

    The template is rendered once for each kind of picture; the rest is put in its place.
    """
    of_kind = _parts_of_kind.__wrapped__ if settings.DEBUG else _parts_of_kind  # templates change
    same = (get_language(), get_script_prefix(), bool(is_cut), len(pictures))
    html = [
        _filled(of_kind(*same, picture.is_marked, picture.is_hidden), picture)
        for picture in pictures
    ]
    return mark_safe("".join(html))


def _filled(parts: Sequence[str], picture: Any) -> str:
    values = {name: _quoted(getattr(picture, name)) for name in VARYING}
    filled = list(parts)
    filled[1::2] = [values[name] for name in parts[1::2]]
    return "".join(filled)


def _quoted(value: int | str) -> str:
    """A number, or the name of a file in a link, quoted as `reverse` does it."""
    return str(value) if isinstance(value, int) else escape(quote(value, safe=UNQUOTED))


@lru_cache(maxsize=64)
def _parts_of_kind(
    language: str | None, prefix: str, is_cut: bool, count: int, is_marked: bool, is_hidden: bool
) -> tuple[str, ...]:
    """The HTML of a picture in parts: every second one is the name of what stands there."""
    picture = PLACEHOLDERS | {"is_marked": is_marked, "is_hidden": is_hidden}
    context = {"picture": picture, "is_cut": is_cut, "count": count}
    html = render_to_string("annotator/_picture.html", context)
    return tuple(re.split(PLACE, html))
