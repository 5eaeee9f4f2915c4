"""Undo and redo of marks, and the errors of an answer."""

import pytest

HISTORY = "hit/mark-history.js"
# A board of marks: each word is done, and the marks after it are given back.
BOARD = """
const history = new module.MarkHistory();
const marked = new Set();
const all = () => [0, 1, 2].filter((slot) => !marked.has(slot)).forEach(toggle);
const put = (slot, is) => { marked[is ? "add" : "delete"](slot); };
const toggle = (slot) => { put(slot, !marked.has(slot)); history.record(slot, marked.has(slot)); };
// Undoing fires the event of a change, which records it: the history must not take it for new.
const replay = (slot, is) => { put(slot, is); history.record(slot, is); };
return given.map((word) => {
  if (word === "undo") history.undo(replay);
  else if (word === "redo") history.redo(replay);
  else if (word === "all") history.together(all);
  else toggle(word);
  return [[...marked].sort(), history.canUndo, history.canRedo];
});
"""


@pytest.mark.parametrize(
    ("words", "marked", "can_undo", "can_redo"),
    [
        ([1], [1], True, False),
        ([1, "undo"], [], False, True),
        ([1, "undo", "redo"], [1], True, False),
        ([1, 2, "undo"], [1], True, True),
        ([1, 1, "undo"], [1], True, True),
        ([1, 2, "undo", 0], [0, 1], True, False),  # what was undone is gone
        ([1, "all"], [0, 1, 2], True, False),
        ([1, "all", "undo"], [1], True, True),  # all that were marked at once are one step
        ([1, "all", "undo", "undo"], [], False, True),
        ([1, "all", "undo", "redo"], [0, 1, 2], True, False),
        ([0, 1, 2, "all", "undo"], [0, 1], True, True),  # marking nothing is no step
        (["undo", "redo"], [], False, False),
    ],
)
def test_steps_are_undone_and_redone(call, words, marked, can_undo, can_redo):
    assert call.script(HISTORY, BOARD, words)[-1] == [marked, can_undo, can_redo]


SENTENCES = {
    "nameless": "Name it.",
    "wordy": "At most %(most)s words, not %(count)s.",
    "groupless": "Choose.",
}


@pytest.mark.parametrize(
    ("answer", "name_error", "group_error"),
    [
        ({"concept": "green ball", "group": 5, "says": "concept"}, "", ""),
        ({"concept": "", "group": 5, "says": "concept"}, "Name it.", ""),
        ({"concept": "  -!? ", "group": None, "says": "two things"}, "Name it.", "Choose."),
        ({"concept": "Ж", "group": 1, "says": "concept"}, "", ""),
        ({"concept": " a b  c\td ", "group": 1, "says": "concept"}, "", ""),
        ({"concept": "a b c d e", "group": 1, "says": "concept"}, "At most 4 words, not 5.", ""),
        ({"concept": "", "group": None, "says": "nothing"}, "", ""),
    ],
)
def test_errors_of_an_answer(call, answer, name_error, group_error):
    errors = call("hit/answer-errors.js", "answerErrors", answer, SENTENCES, 4)

    assert errors == {"concept": name_error, "group": group_error}
