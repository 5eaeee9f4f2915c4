"""What `python -m tests.house.measure` prints is measured rightly, and holds."""

import pytest

from tests.house.measure import FIGURES, circles_of
from tests.house.reading import outline_of
from tests.house.repeats import repeats


@pytest.mark.parametrize("measure", FIGURES, ids=lambda measure: measure.__name__)
def test_the_house_holds(measure):
    figure = measure()

    assert figure.holds, f"\n{figure}"


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
    names = dict(outline_of(source).names)

    assert names == {
        "found": 2, "told": 2, "those": 2, "beside": 2, "row": 3, "kept": 4, "MOST": 5, "Found": 6
    }  # fmt: skip


BLOCK = """
def wait_for(server, seconds):
    started = now().replace(microsecond=0)
    while now() - started < seconds:
        if server.answers(path="/healthz", timeout=1):
            return server.port
        sleep(0.1)
    raise TimeoutError(f"{server} is silent")
"""


def test_six_equal_lines_are_a_repeat_wherever_they_stand():
    before = "import os\n\n\nVALUE = 1\n"

    [repeat] = repeats({"a.py": BLOCK, "b.py": before + BLOCK})

    assert str(repeat) == "a.py:2-8 ~ b.py:6-12 the same"


def test_other_names_and_values_are_a_repeat_of_one_shape():
    renamed = BLOCK.replace("server", "host").replace("0.1", "5").replace("wait_for", "ask")

    [repeat] = repeats({"a.py": BLOCK, "b.py": renamed})

    assert str(repeat) == "a.py:2-8 ~ b.py:2-8 of one shape"


def test_imports_comments_docstrings_and_lists_are_no_repeat():
    imports = "".join(f"from package import name_{n}  # why\n" for n in range(9))
    text = '"""' + "One line.\n" * 9 + '"""\n' + imports
    fields = "class Row:\n" + "".join(f"    field_{n}: int = {n}\n" for n in range(9))

    assert repeats({"a.py": text + fields, "b.py": text + fields.replace("field", "other")}) == []


def test_five_lines_are_no_repeat():
    five = "".join(BLOCK.splitlines(keepends=True)[:6])

    assert repeats({"a.py": five, "b.py": five}) == []
