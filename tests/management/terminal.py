"""A terminal at which somebody answers the questions of a command."""

import io
import sys


class Terminal(io.StringIO):
    def isatty(self):
        return True


def answers_at_a_terminal(monkeypatch, *answers):
    """Answer the next questions like this; returns the questions, as they are asked."""
    questions, left = [], list(answers)

    def say(question):
        questions.append(question)
        return left.pop(0)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", say)
    return questions
