"""The rule for words: concepts that differ only in writing are one.

Case, spacing, hyphens, articles, plurals, British spelling and characters that nobody sees make no
difference. Reports merge answers by this rule, and answers to gold units are judged by it.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import simplemma

from annotator.free_text import seen

Normalise = Callable[[str], str]

ARTICLES = {"a", "an", "the"}
SEPARATORS = re.compile(r"[\s\-_/,;:!?\"“”()\[\].]+")  # the apostrophe of "a dog's head" stays

# Nouns that a lemmatizer without context takes for verbs, or leaves alone.
NOUNS = {
    "leaves": "leaf",
    "people": "person",
    "glasses": "glasses",
    "stairs": "stair",
    "saw": "saw",
    "saws": "saw",
    "wolves": "wolf",
    "hooves": "hoof",
}

# The American spelling of words that British English spells otherwise and that pictures show.
SPELLINGS = {
    "aeroplane": "airplane",
    "aluminium": "aluminum",
    "behaviour": "behavior",
    "centre": "center",
    "chequered": "checkered",
    "colour": "color",
    "coloured": "colored",
    "colourful": "colorful",
    "fibre": "fiber",
    "grey": "gray",
    "greyish": "grayish",
    "harbour": "harbor",
    "jewellery": "jewelry",
    "kerb": "curb",
    "litre": "liter",
    "metre": "meter",
    "mould": "mold",
    "moustache": "mustache",
    "neighbour": "neighbor",
    "neighbourhood": "neighborhood",
    "omelette": "omelet",
    "plough": "plow",
    "pyjamas": "pajamas",
    "sabre": "saber",
    "storey": "story",
    "sulphur": "sulfur",
    "theatre": "theater",
    "tyre": "tire",
    "vapour": "vapor",
    "yoghurt": "yogurt",
}


def normalised(concept: str) -> str:
    """Normalise a concept's words: lower case, no article or hyphen, one spelling, singular.

    Only the last word is brought to its dictionary form, because it names the thing. Answers keep
    their raw words.

    >>> normalised("The brown-grey Dogs")
    'brown gray dog'
    """
    words = _words(concept)
    if not words:
        return " ".join(seen(concept).split())  # nothing but signs is still a name
    words[-1] = _dictionary_form(words[-1])
    return " ".join(SPELLINGS.get(word, word) for word in words)


def cleaned(concept: str) -> str:
    """The words of an answer as pages show them: in lower case, with single spaces.

    The answer itself is stored as it was typed.

    >>> cleaned("  pARKS and\tTrees")
    'parks and trees'
    """
    return " ".join(unicodedata.normalize("NFKC", seen(concept)).lower().split())


def word_forms(concept: str) -> frozenset[str]:
    """The words of a concept, each in its dictionary form and in one spelling.

    >>> sorted(word_forms("the brown Dogs"))
    ['brown', 'dog']
    """
    forms = (_dictionary_form(word) for word in _words(concept))
    return frozenset(SPELLINGS.get(word, word) for word in forms)


def _words(concept: str) -> list[str]:
    """The words in lower case, without leading articles; one word is kept even if it is one."""
    words = SEPARATORS.split(unicodedata.normalize("NFKC", seen(concept)).casefold())
    words = [word for word in words if word]
    while len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    return words


@lru_cache(maxsize=10_000)
def _dictionary_form(word: str) -> str:
    return NOUNS.get(word) or simplemma.lemmatize(word, lang="en").casefold()
