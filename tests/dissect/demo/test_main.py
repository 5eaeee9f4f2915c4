"""The demo's command line: tables for people and programs, and one sentence for errors."""

import json

import pytest

from dissect.demo.__main__ import accuracy_table, main

NAMES = [f"{kind}_{seed}" for kind in ("scene", "object", "untrained") for seed in range(3)]


def test_the_accuracy_command_prints_the_table_as_data(capsys):
    assert main(["accuracy", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == accuracy_table()


def test_the_accuracy_command_prints_a_line_for_every_network(capsys):
    assert main(["accuracy"]) == 0
    output = capsys.readouterr().out

    assert all(name in output for name in NAMES)
    assert "color histogram" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "{here}", "--count", "0"],
        ["render", "{here}/mine.txt"],
        ["train", "--seeds", "0"],
    ],
)
def test_bad_input_gets_one_sentence_and_a_failure(arguments, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep")

    assert main([argument.format(here=tmp_path) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert len(printed.err.splitlines()) == 1
