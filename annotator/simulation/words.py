"""How simulated workers put a label into words: as varied as the released answers are."""

from collections.abc import Iterable

from numpy.random import Generator

from annotator.concept_words import word_forms

ADJECTIVES = ["big", "small", "dark", "bright", "round", "different", "some", "part of", "colorful"]
OTHER_WORDS = {
    "bed": ["bunk"],
    "bicycle": ["bike"],
    "bicyclist": ["cyclist", "biker"],
    "building": ["house", "facade"],
    "bush": ["shrub"],
    "car": ["vehicle", "auto"],
    "couch": ["sofa"],
    "dog": ["puppy", "animal"],
    "fridge": ["refrigerator"],
    "grass": ["lawn", "greenery"],
    "gray": ["grey"],
    "horizontal lines": ["stripes", "lines"],
    "lamp": ["light"],
    "leaf": ["foliage", "plant"],
    "leaves": ["foliage"],
    "pane": ["glass", "window"],
    "pavement": ["sidewalk"],
    "pedestrian": ["person", "people"],
    "person": ["people", "human", "man"],
    "road": ["street"],
    "screen": ["monitor", "tv"],
    "sea": ["ocean", "water"],
    "sky": ["blue sky", "clouds"],
    "sofa": ["couch"],
    "street": ["road"],
    "tree": ["plants", "forest"],
    "vertical lines": ["stripes", "lines", "bars"],
    "wheel": ["tire", "circle"],
}
PLAIN = {"person", "people", "sky", "grass", "water", "sand", "wood", "metal", "glass"}


def worded(name: str, plain: float, random: Generator) -> str:
    """A label in a simulated worker's words, at most five of them.

    Args:
        plain: probability of the plain name.
    """
    if random.random() < plain:
        return name
    word = name
    if (others := OTHER_WORDS.get(name)) and random.random() < 0.4:
        word = str(random.choice(others))
    if random.random() < 0.5:
        word = plural(word)
    if random.random() < 0.25:
        word = f"{random.choice(ADJECTIVES)} {word}"
    return _cased(" ".join(word.split()[-5:]), random)


def labels_named(concept: str, names: Iterable[str]) -> list[int]:
    """The numbers of the labels that a simulated worker's words name, in any form.

    Args:
        names: of the labels, by number; a label without a name is never named.
    """
    forms = word_forms(concept)
    return [
        number
        for number, name in enumerate(names)
        if name and any(word_forms(word) <= forms for word in (name, *OTHER_WORDS.get(name, [])))
    ]


def plural(word: str) -> str:
    """The plural of a simulated worker's word by the regular rules of English.

    >>> plural("dog"), plural("bush"), plural("baby"), plural("sky")
    ('dogs', 'bushes', 'babies', 'sky')
    """
    if word.endswith("s") or word in PLAIN:
        return word
    if word.endswith(("sh", "ch", "x")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def _cased(word: str, random: Generator) -> str:
    slipped = word[:1].lower() + word[1:].upper()  # dOG
    casings = [word, word, word, word.capitalize(), word.upper(), f"{word} ", slipped]
    return str(random.choice(casings))
