"""The modules of the HIT page: loaded at once, and written as the tools expect."""

import re

import pytest

from tests.house.reading import ROOT

STATIC = ROOT / "annotator/static"
IMPORT = re.compile(r' from "(\./[^"]+)";')


def imported(text):
    return {name.removeprefix("./") for name in IMPORT.findall(text)}


def test_the_page_names_every_module_that_its_scripts_import():
    """Otherwise a browser would learn of a module only from the one that imports it."""
    template = ROOT / "templates/annotator/_hit_scripts.html"
    named = re.findall(r"static 'hit/([^']+)'", template.read_text())
    reached, waiting = set(), ["main.js"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += imported((STATIC / "hit" / name).read_text()) - reached

    assert sorted(named) == sorted(reached) == sorted(p.name for p in (STATIC / "hit").glob("*.js"))


def test_every_import_is_written_as_collecting_expects():
    for path in (STATIC / "hit").glob("*.js"):
        text = path.read_text()
        statements = re.findall(r"^(?:import|export)\b.*?;$", text, re.M | re.S)
        names = [one for one in statements if re.search(r"""\bfrom\b|^import\s*["']""", one)]
        assert len(names) == len(IMPORT.findall(text)), path
        assert not re.search(r"[^{]\bimport\(", text), path


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda path: path.name)
def test_every_function_has_its_types(path):
    """A parameter that nobody has told the type of is `any` to an editor."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        function = re.match(r"\s*(?:export )?(?:async )?function (\w+)\((.*)\)", line)
        if function and function[2]:
            above = "\n".join(lines[max(0, number - 14) : number]).rpartition("/**")[2]
            assert "@param" in above, f"{path.name}: {function[1]}"
            assert above.rstrip().endswith("*/"), f"{path.name}: {function[1]}"
