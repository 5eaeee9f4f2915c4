"""The words of a template that no translation can reach."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"

# Everything that a translator gets, and what no reader sees.
_EXTRACTED = re.compile(
    r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}"
    r"|\{% block body_class %\}.*?\{% endblock %\}"
    r"|\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|\{% trans(?:late)?\b.*?%\}",
    re.DOTALL,
)
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LITERAL = re.compile(r"""(_\()?("[^"]*"|'[^']*')""")
# Arguments of these tags and filters are addresses, keys, formats and conditions, never words.
_KEYS = re.compile(
    r"\{% (?:url|static|include|extends|load|block|if|elif|for|querystring|htmx_script)\b[^%]*%\}"
    r"|\{% defined \"[^\"]*\"|\|(?:date|of|attribute|urlencode|stringformat|join|floatformat|words)"
    r":[\"'][^\"']*[\"']"
)
_INCLUDED = re.compile(r"\{% include .*? with (.*?)%\}")
_READ_ATTRIBUTES = {"alt", "aria-label", "label", "placeholder", "title"}
# What is the same in every language: names, formats, units, and words of a keyboard.
NAMES = (
    "Unitscope Prolific CloudResearch Connect HIT HITs AI BibTeX CSV JSON Markdown PDF PNG SVG "
    "IoU UTC s px x y p k Esc"
)


class _Words(HTMLParser):
    """Collects the texts that a reader sees or hears, but no code and no scripts."""

    silent = {"code", "kbd", "pre", "script", "style"}

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent_depth = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._silent_depth += tag in self.silent
        self.texts += [text or "" for name, text in attributes if name in _READ_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self._silent_depth -= tag in self.silent

    def handle_data(self, text: str) -> None:
        if not self._silent_depth:
            self.texts.append(text)


def _literals(source: str) -> Iterator[str]:
    """The strings in tags and filters that are not written as _("...")."""
    for tag in _TAG.findall(source):
        arguments = _INCLUDED.search(tag)
        for mark, literal in _LITERAL.findall(_KEYS.sub("", arguments[1] if arguments else tag)):
            if not mark and re.search(r"[A-Z][a-z]| ", literal):
                yield literal[1:-1]


def untranslated(source: str) -> list[str]:
    """The texts of a template's source that are in no translation tag, in their order.

    >>> untranslated('<b>Hello</b> {{ name }} <i title="Hi">{% translate "you" %}</i>')
    ['Hello', 'Hi']
    """
    source = _EXTRACTED.sub("", source)
    parser = _Words()
    parser.feed(_TAG.sub("", source))
    texts = [re.sub(r"\s+", " ", text).strip() for text in parser.texts]
    words = [text for text in texts if set(re.findall(r"[^\W\d_]+", text)) - set(NAMES.split())]
    return words + list(_literals(source))
