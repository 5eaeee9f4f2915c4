"""The example of docs/how-to/sparse-autoencoders.md, run as it is written."""

import json
import re

from dissect.commands.command_line import main
from dissect.demo.__main__ import main as demo
from tests.docs.written_commands import written_commands
from tests.house.reading import ROOT

PAGE = "docs/how-to/sparse-autoencoders.md"


def test_the_encoder_of_the_how_to_shows_latents(tmp_path, monkeypatch, capsys):
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / PAGE).read_text(), re.M | re.S)
    (render,) = re.findall(r"-m dissect\.demo (.*)", (ROOT / PAGE).read_text())
    (exemplars,) = [w for w in written_commands() if (w.page, w.program) == (PAGE, "-m dissect")]
    monkeypatch.chdir(tmp_path)

    demo(render.split())
    exec(block, {})
    main([*exemplars.words, "--format", "json"])

    units = json.loads(capsys.readouterr().out)["layers"]["relu5"]["units"]
    assert len(units) == 5
    assert all(len(rows) == 3 and rows[0]["score"] > 0 for rows in units.values())
