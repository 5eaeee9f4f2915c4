"""Side processes: what they answer, how they fail, and that they end."""

import io
import os
import subprocess
import sys
import time

import pyarrow.parquet
import pytest

from annotator.side_process.process import KeptProcess, SideProcess, SideProcessError

CHART = {"mark": "point", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}


@pytest.fixture
def drawing():
    kept = KeptProcess("drawing")
    yield kept
    kept.close()


def test_a_chart_is_drawn_as_often_as_asked_by_one_process(drawing):
    assert drawing.ask("vegalite_to_svg", (CHART,), {}).startswith("<svg")
    first = drawing._running
    assert drawing.ask("vegalite_to_png", (CHART,), {"scale": 1}).startswith(b"\x89PNG")
    assert drawing._running is first


def test_an_error_is_told_and_the_next_request_is_answered(drawing):
    with pytest.raises(SideProcessError, match="vegalite_to_svg"):
        drawing.ask("vegalite_to_svg", ("no chart",), {})

    assert drawing.ask("svg_to_png", ('<svg xmlns="http://www.w3.org/2000/svg"/>',), {})


def test_a_process_that_has_ended_is_started_anew(drawing):
    drawing.ask("vegalite_to_svg", (CHART,), {})
    drawing._running._process.kill()

    assert drawing.ask("vegalite_to_svg", (CHART,), {}).startswith("<svg")


def test_a_process_ends_with_its_block():
    with SideProcess("parquet") as writer:
        writer.ask([("n", "whole")], 2)
        assert writer.is_running

    assert not writer.is_running


def test_a_process_ends_when_the_one_that_asks_is_gone():
    code = (
        "from annotator.side_process.process import SideProcess as P; import os; p = P('parquet');"
        "p.ask([('n', 'whole')], 2); print(p._process.pid, flush=True); os._exit(0)"
    )
    command = [sys.executable, "-c", code]
    pid = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    deadline = time.monotonic() + 20
    while _is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_table_is_whole_however_its_rows_are_grouped(count):
    rows = [(number, f"word {number}") for number in range(count)]
    with SideProcess("parquet") as writer:
        writer.ask([("n", "whole"), ("word", "text")], 2)
        pieces = [writer.ask([row]) for row in rows]
        file = b"".join([*pieces, writer.ask(None)])

    table = pyarrow.parquet.read_table(io.BytesIO(file))
    assert [tuple(row.values()) for row in table.to_pylist()] == rows


def test_a_row_that_does_not_fit_its_column_is_an_error():
    with SideProcess("parquet") as writer:
        writer.ask([("n", "whole")], 1)
        with pytest.raises(SideProcessError, match="five"):
            writer.ask([("five",)])


def test_neither_drawing_nor_parquet_loads_its_library_here():
    code = (
        "import sys; from annotator.side_process.process import DRAWING, SideProcess;"
        f"DRAWING.ask('vegalite_to_svg', ({CHART!r},), {{}});"
        "p = SideProcess('parquet'); p.ask([('n', 'whole')], 2); p.close();"
        "print({'vl_convert', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
