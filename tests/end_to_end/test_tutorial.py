"""The commands of docs/tutorial.md, run as they are written, on real photographs."""

import pytest

from annotator.models import Unit
from tests.docs.written_commands import written_commands
from tests.end_to_end.test_real_study import linked
from tests.results.studies import store_answer

COMMANDS = [written for written in written_commands() if written.page == "docs/tutorial.md"]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_tutorial_leads_from_photographs_to_a_report(
    command, shared_data, tmp_path, monkeypatch
):
    photographs = linked(shared_data / "imagenet1k-sample/images", tmp_path / "photographs")
    monkeypatch.chdir(tmp_path)
    for written in COMMANDS:
        if written.words[0] == "up":  # tests/management/test_up.py runs it; the reader labels a HIT
            unit = Unit.objects.get(layer__network__study__name="tutorial", number=0)
            store_answer(unit.layer.network.study, unit, "reader", "dog")
        elif written.program == "manage.py":
            words = [str(photographs) if word == "PHOTOGRAPHS" else word for word in written.words]
            done = command(*words)
            assert done.returncode == 0, f"{written}\n{done.stderr}"

    report = (tmp_path / "report.html").read_text()
    assert "tutorial" in report
    assert "_blocks.10" in report
    assert "<svg" in report
