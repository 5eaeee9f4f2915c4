"""Text that people enter: what is stored of it, and which reasons are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.crowd.errors import ReasonMissing, ReasonTooLong
from annotator.crowd.free_text import MAX_REASON_CHARACTERS, has_words, tidy, tidy_reason

NEEDED = "A rejection needs a reason."


@given(st.text())
def test_tidy_text_has_single_spaces_and_no_control_characters(text):
    tidied = tidy(text)

    assert tidied == " ".join(tidied.split())
    assert "\0" not in tidied
    assert tidy(tidied) == tidied
    tidied.encode()  # no lone surrogates


def test_words_have_a_letter_or_a_digit():
    assert has_words("7")
    assert has_words("é!")
    assert not has_words(" ?! ")


@pytest.mark.parametrize("text", ["", "  ", "?!", "\x00"])
def test_a_reason_is_missing_only_where_one_is_required(text):
    with pytest.raises(ReasonMissing, match=NEEDED):
        tidy_reason(text, NEEDED)

    assert tidy_reason(text) == tidy(text)


def test_a_reason_is_never_cut():
    assert tidy_reason("x" * MAX_REASON_CHARACTERS, NEEDED)
    with pytest.raises(ReasonTooLong, match="501"):
        tidy_reason("x" * (MAX_REASON_CHARACTERS + 1))
