"""Pydantic's errors as one sentence that names the option or column, and the value."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from pydantic import ValidationError

# Pydantic's type of an error to what the value must be; {ge} and the like come from its context.
RULES = {
    "missing": _("is missing"),
    "extra_forbidden": _("is unknown"),
    "int_type": _("must be a whole number"),
    "int_parsing": _("must be a whole number"),
    "int_from_float": _("must be a whole number"),
    "float_parsing": _("must be a number"),
    "finite_number": _("must be a number"),
    "bool_parsing": _("must be true or false"),
    "string_type": _("must be text"),
    "greater_than_equal": _("must be at least {ge}"),
    "less_than_equal": _("must be at most {le}"),
    "literal_error": _("must be {expected}"),
    "too_short": _("needs at least {min_length}"),
    "string_too_long": _("has at most {max_length} characters"),
}
WITHOUT_VALUE = {"missing", "extra_forbidden"}
MAX_SHOWN = 40  # characters of a wrong value
MAX_SENTENCE = 600


def sentence_of(error: ValidationError, name_of: Callable[[tuple[Any, ...]], str]) -> str:
    """The first problem that a validation found, as one sentence.

    A validator of ours that raises ValueError writes its own sentence.

    Args:
        name_of: what the user calls the value at a path of keys and indices, such as `--top`.

    >>> sentence_of(error, lambda path: f"--{path[-1]}")
    '--top must be at least 1, got 0.'
    """
    problem = error.errors(include_url=False)[0]
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "value_error":
        sentence = str(context["error"])  # may repeat a value of any length
        return sentence if len(sentence) <= MAX_SENTENCE else f"{sentence[:MAX_SENTENCE]}..."
    name = name_of(problem["loc"])
    if kind in WITHOUT_VALUE:
        return f"{name} {gettext(RULES[kind])}."
    rule = RULES.get(kind)
    words = gettext(rule).format(**context) if rule else f"is wrong ({problem['msg']})"
    value = problem["input"]
    is_long = isinstance(value, str) and len(value) > MAX_SHOWN
    got = f"{value[:MAX_SHOWN]!r}..." if is_long else f"{value!r}."
    return f"{name} {words}, {gettext('got')} {got}"
