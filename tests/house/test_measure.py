"""What `python -m tests.house.measure` prints is measured rightly, and holds."""

import ast

from tests.house.measure import circles_of, names_in


def test_a_circle_is_every_module_that_reaches_itself_through_the_others():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set()}

    assert circles_of(graph) == [{"a", "b", "c"}]


def test_modules_that_only_meet_below_are_no_circle():
    assert circles_of({"a": {"c"}, "b": {"c"}, "c": set()}) == []


def test_every_kind_of_name_is_seen_with_its_line():
    source = """
def found(told, *those, beside=1):
    for row in told:
        with row as kept:
            MOST = kept
class Found: ...
"""
    names = dict(names_in(ast.parse(source)))

    assert names == {
        "found": 2, "told": 2, "those": 2, "beside": 2, "row": 3, "kept": 4, "MOST": 5, "Found": 6
    }  # fmt: skip
