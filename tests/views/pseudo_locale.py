"""A language in which every translated text stands in brackets, so that others stand out."""

import re
from functools import cache
from html.parser import HTMLParser
from threading import local

from django.apps import apps
from django.db.models import CharField, TextField
from django.utils.translation import trans_real

from annotator.models import Snapshot
from annotator.templatetags import kept_html, picture_grid
from tests.house.template_texts import NAMES

OPEN, CLOSE = "⟦", "⟧"
READ_ATTRIBUTES = {"alt", "aria-label", "label", "placeholder", "title"}
VOID = "area base br col embed hr img input link meta source track wbr"
# What people wrote, code, and times are the same in every language.
SILENT_TAGS = {"bdi", "code", "kbd", "pre", "script", "style", "time"}
# Classes and ids of elements whose text is English in every language, and why.
SILENT = {
    "consent": "people agree to the study's own text, word for word",
    "consent-form": "the requester's own words",
    "consent-preview": "the study's own text",
    "prose": "methods and ethics are for an English paper",
    "columns": "the meanings of columns are those of the data dictionary, a file",
    "checklist": "part of an English paper",
    "drawn": "a figure, the same in the files for a paper",
    "file": "the name of a file",
    "why": "why networks are not compared is a sentence of the stored report",
    "signals": "the numbers behind a signal are a sentence of the stored index",
    "source": "a citation",
    "address": "an invite link",
    "history": "the audit log names actions and fields as its table does",
}


class BracketedEnglish(trans_real.DjangoTranslation):
    """English, each message in brackets."""

    def gettext(self, message):
        return f"{OPEN}{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}{CLOSE}"

    def ngettext(self, one, many, n):
        return self.gettext(one if n == 1 else many)


def speak_in_brackets(monkeypatch):
    """Makes BracketedEnglish the language of this test."""
    language = BracketedEnglish("en")
    monkeypatch.setattr(trans_real, "_default", language)
    monkeypatch.setattr(trans_real, "_translations", {"en": language})
    monkeypatch.setattr(trans_real, "_active", local())  # a request leaves its language active
    # They remember texts by language, and this one calls itself English.
    for module, name in ((picture_grid, "_parts_of_kind"), (kept_html, "_rendered")):
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


class _Outside(HTMLParser):
    """Collects what stands outside of brackets and of silent elements."""

    def __init__(self):
        super().__init__()
        self.texts = []
        self._open = []  # of each open element: its tag, and whether it is silent
        self._depth = 0  # of brackets

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        marks = {*(names.get("class") or "").split(), names.get("id")}
        silent = tag in SILENT_TAGS or bool(marks & set(SILENT))
        silent = silent or any(each for _, each in self._open)
        if not silent:
            read = (text or "" for name, text in attributes if name in READ_ATTRIBUTES)
            self.texts += [self._outside(text, self._depth)[0] for text in read]
        if tag not in VOID.split():
            self._open.append((tag, silent))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, text):
        outside, self._depth = self._outside(text, self._depth)
        if not any(silent for _, silent in self._open):
            self.texts.append(outside)

    def _outside(self, text, depth):
        kept = []
        for piece in re.split(f"([{OPEN}{CLOSE}])", text):
            depth += (piece == OPEN) - (piece == CLOSE)
            kept.append(" " if depth or piece == CLOSE else piece)
        return "".join(kept), depth


def texts_outside(html, data=()):
    """The texts of a page that no translation made, without the names in `data`.

    >>> texts_outside("<p>⟦Unit⟧ 3 of conv1, nothing in common</p>", ["conv1"])
    ['of nothing in common']
    """
    parser = _Outside()
    parser.feed(html)
    parser.close()
    names = _pattern_of(tuple(data))
    texts = (text for text in parser.texts if text.strip())
    words = (re.findall(r"[^\W\d_]+", names.sub(" ", text)) for text in texts)
    return [" ".join(each) for each in words if set(each) - set(NAMES.split())]


@cache
def _pattern_of(names):
    return re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in names) or "(?!)")


def names_in_the_database():
    """Everything that people called something: texts of all tables but stored reports."""
    names = set(apps.get_model("auth", "User").objects.values_list("username", flat=True))
    for model in set(apps.get_app_config("annotator").get_models()) - {Snapshot}:
        for field in model._meta.fields:
            if isinstance(field, CharField | TextField) and not field.choices:
                names |= set(model.objects.values_list(field.name, flat=True))
    return sorted({str(name) for name in names if name}, key=len, reverse=True)
