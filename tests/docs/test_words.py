"""One term stands for one thing: docs/reference/words.md says which words are not used for it."""

import re

import pytest

from tests.docs.british_words import british_words, written_in_code
from tests.docs.product_words import Text, product_texts
from tests.house.measure import module_files
from tests.house.reading import ROOT

TABLE = "docs/reference/words.md"
HISTORY = "docs/decisions/"  # says what was called otherwise before


def rows(text):
    """(term, words not used for it) of each row of the tables, the headers left out."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()
             if line.startswith("|") and not line.startswith("|---")]  # fmt: skip
    return [(row[0], [word for word in row[-1].split(", ") if word]) for row in cells
            if row[-1] != "not"]  # fmt: skip


def offenders(texts, replaced):
    """(place, word, term) of each word in the texts that stands for a term of another name."""
    for text in texts:
        for word, term in replaced.items():
            if re.search(rf"(?i)(?<![\w.`-]){re.escape(word)}s?(?![\w`])", text.words):
                yield text.place, word, term


def docstrings():
    """What the code says of itself: a term may be one of developers alone."""
    return [path.read_text() for path in module_files()]


@pytest.fixture(scope="module")
def table():
    return rows((ROOT / TABLE).read_text())


@pytest.fixture(scope="module")
def texts():
    return [text for text in product_texts()
            if text.place != TABLE and not text.place.startswith(HISTORY)]  # fmt: skip


def test_no_text_uses_a_word_that_stands_for_a_term(table, texts):
    replaced = {word: term for term, words in table for word in words}

    assert len(replaced) > 30
    assert len(texts) > 2000
    assert sum(len(text.words) for text in texts if text.place.startswith("docs/")) > 100_000
    assert list(offenders(texts, replaced)) == []


def test_texts_and_docstrings_are_spelled_as_in_america():
    texts = [text for text in product_texts() if text.place != TABLE]

    assert british_words(texts) == []
    assert british_words(written_in_code(module_files())) == []


@pytest.mark.parametrize(
    ("words", "british"),
    [
        ("Analyse the colours of its neighbours, normalised.", 4),
        ("The analyses say otherwise: precise noise rises.", 0),
        ("`--normalise` and --normalise, AS_ANALYSED and as_analysed", 0),
        ("reinitialised, unlabelled, Greyscale", 3),
        ("in the center, towards the centre", 2),
    ],
)
def test_a_british_word_is_found_in_a_text_but_not_in_a_name_of_code(words, british):
    assert len(british_words([Text("a page", words)])) == british


def test_every_term_is_one_term_and_is_used_somewhere(texts):
    table = rows((ROOT / TABLE).read_text().split("## Spelling")[0])
    terms = [term for term, _ in table]
    every = " ".join([text.words for text in texts] + docstrings()).casefold()

    assert len(set(terms)) == len(terms)
    names = [name for term in terms for name in re.sub(r" \(.*?\)", "", term).split(", ")]
    assert [name for name in names if name.casefold() not in every] == []


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("Choose a category.", True),
        ("Both Categories", False),  # another word: give it a row
        ("two categorys", True),
        ("the column category_code", False),
        ("`--category`", False),
        ("uncategoryed", False),
    ],
)
def test_a_word_is_found_in_a_text_but_not_in_a_name_of_code(words, is_found):
    assert bool(list(offenders([Text("a page", words)], {"category": "group"}))) is is_found
