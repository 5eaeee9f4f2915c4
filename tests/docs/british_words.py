"""British spellings, which no text for users and no docstring has: it is American, as the paper."""

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.docs.product_words import Text
from tests.house.reading import ROOT

# Patterns of words; a word may go on after a stem that ends with a hyphen.
STEMS = (
    *(
        "analys(?:e|ed|er|ers|ing)",
        "artefact-",
        "behaviour-",
        "cancell(?:ed|ing)",
        "catalys(?:e|ed)",
    ),
    *(
        "centr(?:e|es|ed|ing)",
        "colour-",
        "defence",
        "favour-",
        "fibre-",
        "flavour-",
        "fulfil",
        "grey-",
    ),
    *("honour-", "humour-", "judgement-", "labell-", "labour-", "learnt", "licence-", "metres?"),
    *(
        "modell(?:ed|ing)",
        "neighbour-",
        "offence",
        "programmes?",
        "practis(?:e|ed|es|ing)",
        "rigour",
    ),
    *("signall(?:ed|ing)", "spelt", "towards", "travell-", "vapour", "whilst"),
)
# What comes before -ise, -ised, -ising, -isation, where it is -ize in American.
IZED = (
    "anonym|apolog|categor|character|custom|critic|emphas|equal|final|general|initial|item|linear|"
    "lemmat|local|maxim|minim|modern|normal|optim|organ|parallel|parametr|penal|personal|priorit|"
    "quant|random|real|recogn|regular|serial|special|stabil|standard|student|summar|symmetr|"
    "synchron|token|util|vector|visual"
)
BRITISH = re.compile(
    rf"(?i)\b(?:re|un|de)?-?(?:{'|'.join(STEMS).replace('-', '[a-z]*')}"
    rf"|(?:{IZED})is(?:e|ed|es|er|ers|ing|able|ations?))\b"
)


def british_words(texts: Iterable[Text]) -> list[tuple[str, str]]:
    """(place, word) of each British spelling in some texts, but not in names of code."""
    return [
        (text.place, match[0])
        for text in texts
        for match in BRITISH.finditer(re.sub(r"`[^`]*`|\w*_\w*|--[\w-]+", " ", text.words))
    ]


def written_in_code(paths: Iterable[Path]) -> Iterator[Text]:
    """The docstrings and comments of modules, without examples and names of their code."""
    for path in paths:
        with path.open("rb") as file:
            tokens = list(tokenize.tokenize(file.readline))
        names = {token.string for token in tokens if token.type == tokenize.NAME}
        written = [token.string for token in tokens if token.type == tokenize.COMMENT]
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                written.append(ast.get_docstring(node) or "")
        for text in written:
            words = re.findall(r"[\w`-]+", re.sub(r"(?m)^\s*>>>.*", "", text))
            yield Text(
                path.relative_to(ROOT).as_posix(),
                " ".join(word for word in words if word not in names),
            )
