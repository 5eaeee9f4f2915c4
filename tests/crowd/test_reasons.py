"""Reasons that people enter: which are accepted, and what is stored of them."""

import pytest

from annotator.crowd.errors import ReasonMissing, ReasonTooLong
from annotator.crowd.reasons import MAX_REASON_CHARACTERS, tidy_reason

NEEDED = "A rejection needs a reason."


@pytest.mark.parametrize("text", ["", "  ", "?!", "\x00", "\u200b", "\u3164"])
def test_a_reason_is_missing_only_where_one_is_required(text):
    with pytest.raises(ReasonMissing, match=NEEDED):
        tidy_reason(text, NEEDED)

    assert not any(map(str.isalnum, tidy_reason(text)))


def test_a_reason_is_never_cut():
    assert tidy_reason("x" * MAX_REASON_CHARACTERS, NEEDED)
    with pytest.raises(ReasonTooLong, match="501"):
        tidy_reason("x" * (MAX_REASON_CHARACTERS + 1))
