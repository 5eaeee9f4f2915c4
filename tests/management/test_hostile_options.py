"""Whatever is given for an option, it ends in a sentence, never in a traceback."""

from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db.models.functions import Now

from annotator.management.option_types import share, whole_number
from annotator.models import Assignment
from annotator.pay.money import InvalidAmount, parse_cents
from tests.results.studies import answered_study

pytestmark = pytest.mark.django_db

NUMBERS = ["Infinity", "-inf", "nan", "sNaN", "1e9999999", "1e-9999999", "-1", "9" * 30,
           "9" * 5000, "1.5", "0x10", "٣", "", " "]  # fmt: skip
TEXTS = ["\u202edog\u200b", "x" * 5000, "", " ", "a\nb", "..", "'; --", "\udcff"]
ENDLESS = {"work", "up", "demo"}  # they serve or build for minutes
STARTED = {  # what a command needs besides the option that is tried
    "bonus": ["rooms", "ada", "--amount=1", "--reason=fine", "--yes"],
    "consent": ["rooms"],
    "dissect": ["new", "--network=n", "--layers=a", "--images=/nowhere"],
    "import_answers": ["/nowhere", "--study=new"],
    "import_demographics": ["/nowhere", "--study=rooms"],
    "import_dissection": ["/nowhere", "--study=new"],
    "import_names": ["/nowhere", "--study=rooms"],
    "known": ["rooms", "/nowhere"],
    "pay": ["rooms"],
    "preregister": ["rooms", "--dry-run"],
    "publish": ["rooms", "--dry-run"],
    "reconcile": ["rooms", "/nowhere"],
    "rename": ["rooms", "name", "--network=scenes"],
    "results": ["rooms"],
    "review": ["rooms"],
    "simulate_crowd": ["new"],
    "create_access_key": ["--revoke=x"],
}


def options():
    """Every option of every command that takes a value: (command, option, whether a number)."""
    for command, app in sorted(get_commands().items()):
        if app != "annotator" or command in ENDLESS:
            continue
        parser = load_command_class(app, command).create_parser("manage.py", command)
        for action in parser._actions:
            named = [option for option in action.option_strings if option.startswith("--")]
            is_django = action.dest in {"settings", "pythonpath", "verbosity", "help", "version"}
            if named and action.nargs != 0 and not is_django and action.choices is None:
                is_number = action.type not in (None, str) and "Path" not in str(action.type)
                yield command, named[0], is_number


OPTIONS = list(options())


def test_every_command_with_options_is_tried():
    commands = {command for command, *_ in OPTIONS}
    assert commands <= STARTED.keys()
    assert len(OPTIONS) > 25


@pytest.mark.parametrize(("command", "option", "is_number"), OPTIONS)
def test_no_value_of_an_option_is_a_traceback(command, option, is_number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where an --out may write
    answered_study()
    Assignment.objects.update(submitted_at=Now())
    for value in NUMBERS if is_number else TEXTS:
        expected = CommandError
        if value == "\udcff":  # manage.py makes a sentence of it
            expected = (CommandError, UnicodeEncodeError)
        with suppress(expected):
            call_command(command, *STARTED[command], f"{option}={value}")


def test_text_that_is_not_utf_8_is_refused_in_a_sentence(manage):
    done = manage("results", "caf\udce9")

    assert done.returncode != 0
    assert "is not UTF-8 text: caf?" in done.stderr
    assert "Traceback" not in done.stderr


AMOUNTS = [  # (dollars, cents or None if refused)
    ("0.80", 80), (" 12 ", 1200), ("0", 0), ("1000000", 100_000_000), ("1e2", 10_000),
    ("0.8000", 80), ("1000000.01", None), ("0.001", None), ("Infinity", None), ("-0.01", None),
    ("nan", None), ("sNaN", None), ("1e9999999", None), ("1e-9999999", None), ("", None),
    ("9" * 5000, None), ("0.80000000000000000000000000000000001", None), ("$1", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cents"), AMOUNTS, ids=range(len(AMOUNTS)))
def test_an_amount_is_whole_cents_or_refused(text, cents):
    if cents is None:
        with pytest.raises(InvalidAmount, match="An amount is a number of dollars"):
            parse_cents(text)
    else:
        assert parse_cents(text) == cents


@pytest.mark.parametrize("text", [*NUMBERS, "0", "11"])
def test_a_whole_number_out_of_range_is_refused_with_the_range(text):
    with pytest.raises(Exception, match="must be a whole number from 1 to 10, got"):
        whole_number(1, 10)(text)


def test_a_share_is_from_0_to_1():
    assert (share("0"), share("0.5"), share("1")) == (0, 0.5, 1)
    for text in (*NUMBERS[:4], "1.01", "-0.1", "much"):
        with pytest.raises(Exception, match="must be a share, a number from 0 to 1"):
            share(text)
