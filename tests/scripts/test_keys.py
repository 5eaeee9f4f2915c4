"""What each key does in the grid, in the form and while a picture is enlarged."""

import pytest

MODULE = "hit/keys.js"


def key(text):
    """The event of keys, written as "Ctrl+Shift+z" or, with a key code, "Shift+!=Digit1"."""
    text, _, code = text.partition("=")
    *held, name = text.split("+") if text not in "+" else ["+"]
    return {"key": name, "code": code} | {
        f"{each}Key": each.capitalize() in held for each in ("shift", "ctrl", "alt", "meta")
    }


@pytest.mark.parametrize(
    ("pressed", "action"),
    [
        ("Enter", ["mark", ""]),
        ("x", ["mark", ""]),
        ("X", ["mark", ""]),  # Caps Lock
        ("a", ["mark all", ""]),
        ("z", ["zoom", ""]),
        ("h", ["hide", ""]),
        ("v", ["view", ""]),
        ("n", ["name", ""]),
        ("i", ["help", ""]),
        ("+", ["size", "1"]),
        ("-", ["size", "-1"]),
        ("?", ["keys", ""]),
        ("1=Digit1", ["group", "1"]),
        ("6=Numpad6", ["group", "6"]),
        ("Shift+!=Digit1", ["second group", "1"]),
        ("Shift+&=Digit6", ["second group", "6"]),  # a German keyboard
        ("Shift+1=Digit1", ["second group", "1"]),  # a French one
        ("Shift+?=Minus", ["keys", ""]),
        ("Shift+'=Digit7", None),
        ("7=Digit7", None),
        ("0=Digit0", None),
        ("q", None),
        ("Tab", None),
        ("Escape", None),
        ("constructor", None),
        ("Ctrl+a", None),
        ("Meta+x", None),
        ("Alt+1=Digit1", None),
        ("Ctrl+Enter", None),
    ],
)
def test_keys_of_the_grid(call, pressed, action):
    assert call(MODULE, "gridAction", key(pressed), True, True) == action


@pytest.mark.parametrize(("pressed", "is_left"), [("x", False), ("1", False), ("Enter", True)])
def test_without_single_letter_shortcuts_enter_still_marks(call, pressed, is_left):
    assert bool(call(MODULE, "gridAction", key(pressed), False, True)) is is_left


def test_a_form_without_a_second_group_chooses_none(call):
    assert call(MODULE, "gridAction", key("Shift+!=Digit1"), True, False) is None


NAME, TEXT, ELSEWHERE = (True, True), (False, True), (False, False)


@pytest.mark.parametrize(
    ("pressed", "where", "action"),
    [
        ("Enter", NAME, "pictures"),
        ("Enter", TEXT, None),
        ("Enter", ELSEWHERE, None),
        ("Ctrl+Enter", NAME, "submit"),
        ("Meta+Enter", ELSEWHERE, "submit"),
        ("Ctrl+z", ELSEWHERE, "undo"),
        ("Meta+z", ELSEWHERE, "undo"),
        ("Ctrl+Z", ELSEWHERE, "undo"),
        ("Ctrl+Shift+Z", ELSEWHERE, "redo"),
        ("Ctrl+y", ELSEWHERE, "redo"),
        ("Ctrl+z", TEXT, None),  # a text field undoes its own typing
        ("Ctrl+z", NAME, None),
        ("Ctrl+y", TEXT, None),
        ("Ctrl+a", ELSEWHERE, None),
        ("z", ELSEWHERE, None),
        ("x", NAME, None),
    ],
)
def test_keys_of_the_form(call, pressed, where, action):
    assert call(MODULE, "formAction", key(pressed), *where) == action


@pytest.mark.parametrize(
    ("pressed", "has_single_keys", "action"),
    [
        ("ArrowLeft", False, ["step", -1]),
        ("ArrowRight", True, ["step", 1]),
        ("x", True, ["mark", 0]),
        ("h", True, ["hide", 0]),
        ("v", True, ["view", 0]),
        ("f", True, ["full", 0]),
        ("z", True, ["close", 0]),
        ("x", False, None),
        ("Ctrl+x", True, None),
        ("Meta+ArrowLeft", True, None),
        ("Escape", True, None),  # the dialog closes by itself
        ("q", True, None),
    ],
)
def test_keys_of_an_enlarged_picture(call, pressed, has_single_keys, action):
    assert call(MODULE, "zoomAction", key(pressed), has_single_keys) == action
