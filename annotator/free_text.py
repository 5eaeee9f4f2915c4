"""Text that people and programs send: what is stored of it. Whatever takes text calls this.

No database stores NUL or a lone surrogate. Zero-width characters, variation selectors and marks
that turn the direction of writing are drawn as nothing, but make words differ that look the same,
and a line read otherwise than it is written.
"""

import re

JOINERS = "\u200c\u200d"  # Persian, Indic languages and emoji of several signs need them
# Unicode's Default_Ignorable_Code_Point without the joiners: characters that are drawn as nothing.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Control characters, surrogates and what Unicode keeps for itself; XML takes none of them either.
UNSTORABLE = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
OTHER_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
DROPPED = re.compile(f"[{UNSTORABLE}{IGNORABLE}]")
NEEDLESS_JOINERS = re.compile(f"(?<![^\x00-\x7f])[{JOINERS}]+|[{JOINERS}]+(?![^\x00-\x7f])")
MAX_DIGITS = 9  # of a whole number that somebody enters
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
UNSEEN = re.compile(f"[{IGNORABLE}{JOINERS}]")


def storable(text: str) -> str:
    """A text as it is stored: without what cannot be stored and what is drawn as nothing.

    Line ends and tabs stay, and joiners between two characters beyond ASCII, which are spelling.

    >>> storable("d\\u200bo\\0g")
    'dog'
    """
    if text.isascii() and text.isprintable():
        return text
    return NEEDLESS_JOINERS.sub("", DROPPED.sub("", OTHER_SPACES.sub(" ", text)))


def tidy(text: str) -> str:
    """A text as it is stored, with one space between words and none around them.

    >>> tidy("  blue   sky ")
    'blue sky'
    """
    return " ".join(storable(text).split())


def seen(text: str) -> str:
    """What a reader sees of a text: it without everything that is drawn as nothing."""
    return UNSEEN.sub("", text)


def has_words(text: str) -> bool:
    """Whether a text has a letter or a digit that is seen."""
    return any(character.isalnum() for character in seen(text))


def whole_number_text(text: str) -> str:
    """A text that somebody sent as a whole number: its digits alone; empty if it is none.

    Programs that know only one kind of number write 12 as 12.0.
    """
    digits, _, zeros = text.partition(".")
    is_whole = digits.isascii() and digits.isdigit() and not zeros.strip("0")
    return digits if is_whole and len(digits) <= MAX_DIGITS else ""


def without_formula(text: str) -> str:
    """Free text as a table may hold it: no spreadsheet runs it as a formula.

    >>> without_formula("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def parse_number(text: str) -> int:
    """The text of a number that somebody sent, up to five digits, as a number; -1 for any other."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
