"""Pydantic's errors as one sentence that names the option or column, and the value."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

# Pydantic's type of an error to what the value must be; {ge} and the like come from its context.
RULES = {
    "missing": "is missing",
    "extra_forbidden": "is unknown",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "too_short": "needs at least {min_length}",
    "string_too_long": "has at most {max_length} characters",
}
WITHOUT_VALUE = {"missing", "extra_forbidden"}
MAX_SHOWN = 40  # characters of a wrong value


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
        return str(context["error"])
    name = name_of(problem["loc"])
    if kind in WITHOUT_VALUE:
        return f"{name} {RULES[kind]}."
    rule = RULES.get(kind)
    words = rule.format(**context) if rule else f"is wrong ({problem['msg']})"
    value = problem["input"]
    if isinstance(value, str) and len(value) > MAX_SHOWN:
        return f"{name} {words}, got {value[:MAX_SHOWN]!r}..."
    return f"{name} {words}, got {value!r}."
