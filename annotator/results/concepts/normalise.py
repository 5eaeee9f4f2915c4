"""Words that differ in writing alone become one: case, spacing, hyphens, plural, spelling."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import simplemma

Normalise = Callable[[str], str]

ARTICLES = {"a", "an", "the"}
APART = re.compile(r"[\s\-_/,;:!?\"“”()\[\].]+")  # an apostrophe stays: a dog's head

# Dictionary forms that a lemmatiser without context takes for verbs, or leaves alone.
NOUNS = {
    "leaves": "leaf",
    "people": "person",
    "glasses": "glasses",
    "stairs": "stair",
    "saws": "saw",
    "wolves": "wolf",
    "hooves": "hoof",
}

# One spelling for words that two Englishes write differently, and that pictures show.
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
    """A concept in lower case, without article or hyphen, in one spelling, singular.

    Only the last word is brought to its dictionary form, for it names the thing: "The brown
    Dogs" are a "brown dog". Raw words stay on the answers.
    """
    words = [
        word for word in APART.split(unicodedata.normalize("NFKC", concept).casefold()) if word
    ]
    while len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    if not words:
        return " ".join(concept.split())  # nothing but signs is still a name
    words[-1] = _dictionary_form(words[-1])
    return " ".join(SPELLINGS.get(word, word) for word in words)


@lru_cache(maxsize=10_000)
def _dictionary_form(word: str) -> str:
    return NOUNS.get(word) or simplemma.lemmatize(word, lang="en").casefold()
