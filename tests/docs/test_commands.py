"""Commands in README.md and docs/ are real: each can be typed as it is shown."""

import pytest

from tests.docs.written_commands import arguments, parser_of, written_commands

COMMANDS = [written for written in written_commands() if not written.words[0].startswith("-")]


def test_there_are_commands_in_fenced_and_in_indented_blocks():
    pages = {written.page for written in COMMANDS}

    assert {"README.md", "docs/tutorial.md", "docs/results.md"} <= pages
    assert len(COMMANDS) > 40


@pytest.mark.parametrize("written", COMMANDS, ids=str)
def test_a_command_shown_can_be_typed(written, capsys):
    parser, words = parser_of(written), arguments(written)
    if "..." in written.words:  # further arguments are left out
        options = {word for word in words if word.startswith("--")}
        assert options <= set(parser._option_string_actions)
    else:
        try:
            parser.parse_args(words)
        except (SystemExit, Exception) as error:
            pytest.fail(f"{written}\n{capsys.readouterr().err}{error}")
