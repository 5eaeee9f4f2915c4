"""Finds places that share six lines: the same, or of the same shape with other names and values.

Blank lines, comments, docstrings, imports and lines of brackets alone do not count. A shape must
say something: lists of fields or arguments, whose lines are all alike, are no repetition.
"""

import io
import keyword
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LINES = 6
MIN_SHAPES = 4  # different lines among the six of one shape
MIN_TOKENS = 45  # of six lines of one shape
SKIPPED = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER, tokenize.ENCODING,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line that counts: its number, its tokens, and their kinds where names are no matter."""

    number: int
    tokens: tuple[str, ...]
    shape: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Repeat:
    """Two places that share at least six lines; the lines are those where each begins and ends."""

    one: str
    one_lines: tuple[int, int]
    other: str
    other_lines: tuple[int, int]
    is_exact: bool

    def __str__(self) -> str:
        kind = "the same" if self.is_exact else "of one shape"
        first, second = ("-".join(map(str, at)) for at in (self.one_lines, self.other_lines))
        return f"{self.one}:{first} ~ {self.other}:{second} {kind}"


def repeats(sources: dict[str, str]) -> list[Repeat]:
    """Every pair of places that share six lines, overlapping runs joined.

    Args:
        sources: name of a file to its text.
    """
    lines = {name: list(lines_of(text)) for name, text in sources.items()}
    pairs = {
        **{pair: False for pair in _pairs(lines, "shape") if _says_something(lines, pair)},
        **dict.fromkeys(_pairs(lines, "tokens"), True),
    }
    return sorted(_joined(pairs, lines))


Place = tuple[str, int]  # file, index among its lines that count


def _pairs(lines: dict[str, list[Line]], key: str) -> Iterator[tuple[Place, Place]]:
    """Pairs of places whose next six lines are equal by a key of Line."""
    places: dict[tuple[tuple[str, ...], ...], list[Place]] = defaultdict(list)
    for name, of_file in lines.items():
        for start in range(len(of_file) - LINES + 1):
            window = tuple(getattr(line, key) for line in of_file[start : start + LINES])
            places[window].append((name, start))
    for alike in places.values():
        for index, one in enumerate(alike):
            for other in alike[index + 1 :]:
                if one[0] != other[0] or other[1] - one[1] >= LINES:  # not a run with itself
                    yield one, other


def _says_something(lines: dict[str, list[Line]], pair: tuple[Place, Place]) -> bool:
    name, start = pair[0]
    shapes = [line.shape for line in lines[name][start : start + LINES]]
    return len(set(shapes)) >= MIN_SHAPES and sum(map(len, shapes)) >= MIN_TOKENS


def _joined(
    pairs: dict[tuple[Place, Place], bool], lines: dict[str, list[Line]]
) -> Iterator[Repeat]:
    """One Repeat for windows that follow each other in both places."""
    for ((one, start), (other, other_start)), is_exact in sorted(pairs.items()):
        if ((one, start - 1), (other, other_start - 1)) in pairs:
            continue
        length = 0
        while ((one, start + length), (other, other_start + length)) in pairs:
            is_exact |= pairs[(one, start + length), (other, other_start + length)]
            length += 1
        end = length + LINES - 2
        yield Repeat(
            one,
            (lines[one][start].number, lines[one][start + end].number),
            other,
            (lines[other][other_start].number, lines[other][other_start + end].number),
            is_exact,
        )


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a Python source that count."""
    by_line: dict[int, list[tokenize.TokenInfo]] = defaultdict(list)
    for statement in _statements(text):
        if not _is_left_out(statement):
            for token in statement:
                by_line[token.start[0]].append(token)
    for number, tokens in by_line.items():
        if any(token.type != tokenize.OP for token in tokens):
            yield Line(number, tuple(token.string for token in tokens), tuple(map(_kind, tokens)))


def _statements(text: str) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each statement, or of the first line of one that has others inside."""
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            yield statement
            statement = []
        elif token.type not in SKIPPED:
            statement.append(token)


def _is_left_out(statement: list[tokenize.TokenInfo]) -> bool:
    """Whether it is an import or a docstring."""
    return statement[0].string in ("import", "from") or all(
        token.type == tokenize.STRING for token in statement
    )


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        return "name"
    return "value" if token.type in (tokenize.STRING, tokenize.NUMBER) else token.string


def read(paths: Iterable[Path], root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths}
