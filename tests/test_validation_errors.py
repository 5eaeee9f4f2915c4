"""One sentence for what a validation found: the name, the rule and the value."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, FiniteFloat, ValidationError, field_validator

from annotator.validation_errors import sentence_of


class Example(BaseModel, extra="forbid"):
    count: Annotated[int, Field(ge=1, le=9)] = 1
    score: FiniteFloat = 0.0
    word: Annotated[str, Field(max_length=50)] = ""
    kind: Literal["a", "b"] = "a"
    tags: Annotated[list[str], Field(min_length=1)] = ["x"]
    is_on: bool = False

    @field_validator("word")
    @classmethod
    def _is_lower(cls, word):
        if word != word.lower():
            raise ValueError(f"Write {word!r} in lower case.")
        return word


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"count": 0}, "<count> must be at least 1, got 0."),
        ({"count": 10}, "<count> must be at most 9, got 10."),
        ({"count": "x"}, "<count> must be a whole number, got 'x'."),
        ({"count": 1.5}, "<count> must be a whole number, got 1.5."),
        ({"score": "nan"}, "<score> must be a number, got 'nan'."),
        ({"word": 3}, "<word> must be text, got 3."),
        ({"word": "o" * 51}, f"<word> has at most 50 characters, got '{'o' * 40}'..."),
        ({"word": "Dog"}, "Write 'Dog' in lower case."),
        ({"kind": "c"}, "<kind> must be 'a' or 'b', got 'c'."),
        ({"tags": []}, "<tags> needs at least 1, got []."),
        ({"is_on": "perhaps"}, "<is_on> must be true or false, got 'perhaps'."),
        ({"colour": "red"}, "<colour> is unknown."),
        ({"tags": 3}, "<tags> is wrong (Input should be a valid list), got 3."),
    ],
)
def test_the_first_problem_is_one_sentence(values, sentence):
    with pytest.raises(ValidationError) as error:
        Example(**values)

    assert sentence_of(error.value, lambda path: f"<{path[0]}>") == sentence
