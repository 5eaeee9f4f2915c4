"""Text that people send: what of it is stored, and what of it is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.concept_words import cleaned, normalised
from annotator.free_text import has_words, seen, storable, tidy, whole_number_text

SENT = [  # (text as it is sent, what is stored of it)
    ("dog", "dog"),
    ("d\0og", "dog"),
    ("dog\ud800", "dog"),
    ("\udfff", ""),
    ("do\u200bg", "dog"),  # zero-width space
    ("dog\ufe0f", "dog"),  # variation selector
    ("dog\U000e0101", "dog"),
    ("\u202egod", "god"),  # right-to-left override
    ("\u2066dog\u2069", "dog"),  # isolates
    ("\u200fdog\u200e", "dog"),  # marks of direction
    ("\ufeffdog", "dog"),  # byte order mark
    ("do\u00adg", "dog"),  # soft hyphen
    ("\u3164", ""),  # Hangul filler: a letter that is drawn as nothing
    ("\U000e0064\U000e006f", ""),  # tags
    ("do\u200dg", "dog"),  # a joiner that joins nothing
    ("dog\u200d\u200d", "dog"),
    ("dog\x7f\x9b31m", "dog31m"),
    ("blue\u2028sky\x1fred", "blue sky red"),
    ("\ufffe\ufdd0", ""),
    ("two\nlines\t\u200b", "two\nlines\t"),
    ("می\u200cخواهم", "می\u200cخواهم"),  # Persian is spelled with a joiner
    ("👩\u200d🌾", "👩\u200d🌾"),  # so is a farmer
    ("é", "é"),
    ("שלום", "שלום"),
]


@pytest.mark.parametrize(("text", "stored"), SENT)
def test_what_cannot_be_stored_or_is_drawn_as_nothing_is_left_out(text, stored):
    assert storable(text) == stored
    assert storable(stored) == stored


@given(st.text())
def test_tidy_text_has_single_spaces_and_can_be_stored(text):
    tidied = tidy(text)

    assert tidied == " ".join(tidied.split())
    assert "\0" not in tidied
    assert tidy(tidied) == tidied
    tidied.encode()  # no lone surrogates


SAME_TO_THE_EYE = ["dog", "dog\u200b", "do\u200bg", "dog\ufe0f", "\u202ddog\u202c", "d\u200dog",
                   "Dog\u00ad", "a\u200b dog", "\ufeffdogs"]  # fmt: skip


@pytest.mark.parametrize("text", SAME_TO_THE_EYE)
def test_concepts_that_look_the_same_are_the_same(text):
    assert normalised(text) == "dog"
    assert cleaned(text).removeprefix("a ").removesuffix("s") == "dog"


def test_joiners_make_no_other_concept():
    assert normalised("می\u200cخواهم") == normalised("میخواهم")
    assert seen("👩\u200d🌾") == "👩🌾"


def test_words_have_a_letter_or_a_digit_that_is_seen():
    assert has_words("7")
    assert has_words("é!")
    assert not has_words(" ?! ")
    assert not has_words("\u3164\u115f")


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0", "0"), ("12", "12"), ("12.0", "12"), ("12.", "12"), ("007", "007"), ("", ""), (".0", ""),
     ("-1", ""), ("1.5", ""), ("1e3", ""), ("٣", ""), ("²", ""), ("1" * 10, ""), (" 1", "")],
)  # fmt: skip
def test_a_whole_number_is_its_digits(text, digits):
    assert whole_number_text(text) == digits
