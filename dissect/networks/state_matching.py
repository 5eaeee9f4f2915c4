"""Finds the weights of a model in a checkpoint that holds more, or holds them under other names.

Training programs save a state_dict as `{"model": ...}`, `{"state_dict": ...}` or
`{"teacher": ..., "student": ...}` beside an optimizer, and with names such as `module.x`,
`_orig_mod.x` or `model.x`. A set of weights is called by its keys and its prefix, joined by dots.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dissect.errors import UnreadableWeights, listed
from dissect.networks.checkpoints import StateDict, state_dicts, without_tensors

OPTIONAL = "num_batches_tracked"  # files from before torch 0.4.1 lack it
WRAPPERS = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
Shapes = Mapping[str, torch.Size]


@dataclass(frozen=True)
class Match:
    """The tensors of a state_dict below a prefix, beside those that a model has.

    Attributes:
        address: the keys and the prefix, joined by dots.
        state: the tensors by their names below the prefix.
        metadata: of the modules, by the same names.
        missing, unexpected: names of tensors that the file lacks, and that the model lacks.
        sizes: names of tensors that have another shape in the file.
        outside: how many tensors of the state_dict are not below the prefix.
    """

    address: str
    state: dict[str, Tensor]
    metadata: dict[str, Any]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    sizes: tuple[str, ...]
    outside: int

    @property
    def fits(self) -> bool:
        return not (self.missing or self.unexpected or self.sizes)


def choose_weights(content: object, expected: Shapes, path: Path, address: str | None) -> Match:
    """Match a model with each set of weights in a checkpoint, and choose the one that fits.

    Args:
        expected: the shapes of the model's tensors by name.
        address: the set that the user named; None: the only one that fits.

    Returns:
        A set that fits, or the one that comes closest.

    Raises:
        UnreadableWeights: there is none, or several fit.
    """
    matches = [match for state in state_dicts(content) for match in _matches(state, expected)]
    if not matches:
        raise UnreadableWeights(without_tensors(content, path))
    if address is not None:
        matches = _named(matches, path, address)
    fitting = [match for match in matches if match.fits]
    if not fitting:
        return min(matches, key=lambda match: len(match.missing))
    if not all(_same(match, fitting[0]) for match in fitting):
        names = ", ".join(match.address or "the top level" for match in fitting)
        raise UnreadableWeights(
            f"{path} holds several sets of weights that fit the network: {names}. Name one: "
            f"--weights {path}:{fitting[-1].address}"
        )
    if fitting[0].address:
        _say_what_was_left(content, fitting[0], path)
    return fitting[0]


def _named(matches: Sequence[Match], path: Path, address: str) -> list[Match]:
    """The sets with an address, or else those below it."""
    same = [match for match in matches if match.address == address]
    below = [match for match in matches if match.address.startswith(f"{address}.")]
    if same or below:
        return same or below
    known = ", ".join(dict.fromkeys(match.address or "the top level" for match in matches))
    raise UnreadableWeights(f"{path} has no weights {address!r}; it has {known}.")


def _same(one: Match, other: Match) -> bool:
    names = one.state.keys() | other.state.keys()
    return all(
        name in one.state
        and name in other.state
        and torch.equal(one.state[name], other.state[name])
        for name in names
    )


def _say_what_was_left(content: object, match: Match, path: Path) -> None:
    assert isinstance(content, Mapping)
    entries = [str(key) for key, value in content.items() if not isinstance(value, Tensor)]
    left = [name for name in entries if not f"{match.address}.".startswith(f"{name}.")]
    parts = [listed(left)] * bool(left) + [f"{match.outside} other tensors"] * bool(match.outside)
    print(
        f"{path.name}: took the weights at {match.address!r}"
        + (f", left {' and '.join(parts)}." if parts else "."),
        file=sys.stderr,
    )


def _unwrapped(name: str) -> str:
    """A name without what compiling, sharding and checkpointing put into it."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _undistributed(name: str) -> str:
    """A name without the `module` of data-parallel parts, too."""
    return ".".join(part for part in _unwrapped(name).split(".") if part != "module")


def _as_densenet(name: str) -> str:
    """The names of torchvision's densenets in its published files: `norm.1` is `norm1` today."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", name)


SPELLINGS: tuple[Callable[[str], str], ...] = (str, _unwrapped, _undistributed, _as_densenet)


def _matches(state: StateDict, expected: Shapes) -> list[Match]:
    """Where a state_dict has all tensors of a model; or else the likeliest place."""
    needed = sum(not name.endswith(OPTIONAL) for name in expected)
    likeliest: list[Match] = []
    for spelling in SPELLINGS:
        names = {spelling(name): name for name in state.tensors}
        if len(names) < len(state.tensors):
            continue  # two names would become one
        counts = _prefixes(names, expected)
        whole = [prefix for prefix, count in counts.items() if count >= needed]
        matches = [_match(state, spelling, prefix, expected, whole) for prefix in whole]
        if matches:
            return matches
        prefix = max(counts, key=lambda prefix: counts[prefix], default="")
        likeliest.append(_match(state, spelling, prefix, expected, whole))
    return [min(likeliest, key=lambda match: len(match.missing))]


def _prefixes(names: Iterable[str], expected: Shapes) -> Counter[str]:
    """What stands before the model's names in a state_dict, and before how many."""
    counts: Counter[str] = Counter()
    for name in names:
        parts = name.split(".")
        for start in range(len(parts)):
            own = ".".join(parts[start:])
            if own in expected and not own.endswith(OPTIONAL):
                counts[name.removesuffix(own)] += 1
    return counts


def _match(
    state: StateDict,
    spelling: Callable[[str], str],
    prefix: str,
    expected: Shapes,
    prefixes: Sequence[str],
) -> Match:
    """The tensors below a prefix, without those below longer ones, which are sets of their own."""
    longer = tuple(other for other in prefixes if other != prefix and other.startswith(prefix))
    names = {spelling(name): name for name in state.tensors}
    below = {
        name.removeprefix(prefix): state.tensors[original]
        for name, original in names.items()
        if name.startswith(prefix) and not name.startswith(longer)
    }
    modules = {spelling(f"{name}." if name else ""): v for name, v in state.metadata.items()}
    return Match(
        address=".".join(part for part in (state.keys, prefix.rstrip(".")) if part),
        state=below,
        metadata={
            name.removeprefix(prefix).rstrip("."): version
            for name, version in modules.items()
            if name.startswith(prefix)
        },
        missing=tuple(n for n in expected if n not in below and not n.endswith(OPTIONAL)),
        unexpected=tuple(name for name in below if name not in expected),
        sizes=tuple(n for n, t in below.items() if n in expected and t.shape != expected[n]),
        outside=len(names) - len(below),
    )
