"""Includes whose HTML a process keeps: parts of a page that are the same in most requests."""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
MAX_KEPT = 512


@register.simple_tag
def include_kept(name: str, **values: Hashable) -> SafeString:
    """Template tag: render a template once for the same values, and keep its HTML.

    >>> {% include_kept "annotator/_keys.html" concept_to_verify=concept_to_verify %}
    """
    if settings.DEBUG:  # templates change
        return render_to_string(name, values)
    return _rendered(name, get_language(), get_script_prefix(), **values)


@lru_cache(MAX_KEPT)
def _rendered(name: str, language: str | None, prefix: str, **values: Hashable) -> SafeString:
    """What `include_kept` keeps: texts depend on the language, and URLs on the prefix."""
    return render_to_string(name, values)
