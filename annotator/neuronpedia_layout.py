"""Neuronpedia's batch layout: units as its features, in folders of gzipped JSON lines.

    config/explanation_type.jsonl, config/explanation_model_type.jsonl
    MODEL/SOURCE/release.jsonl, model.jsonl, sourceset.jsonl, source.jsonl
    MODEL/SOURCE/features/batch-0.jsonl.gz, batch-1.jsonl.gz, ...
    MODEL/SOURCE/activations/batch-0.jsonl.gz, ...
    MODEL/SOURCE/explanations/batch-0.jsonl.gz, ...

As in hijohnnylin/neuronpedia, utils/neuronpedia-utils/neuronpedia_utils/export-data.py (what it
writes) and apps/webapp/lib/db/import.ts (what Neuronpedia reads: of each line, the columns that
its table has). docs/how-to/neuronpedia.md says how a vision study fills it.
"""

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BATCH_SIZE = 1024  # features of a batch
MAX_MODEL_LETTERS = 128
# The account to which Neuronpedia's tools give everything that they convert.
CREATOR_ID = "clkht01d40000jv08hvalcvly"
PEOPLE, SIMULATED, MACHINE = "unitscope-people", "unitscope-simulated", "unitscope-machine"
FEATURES, ACTIVATIONS, EXPLANATIONS = "features", "activations", "explanations"
BATCHES = "batch-*.jsonl.gz"

Line = dict[str, Any]


class NotBatch(ValueError):
    """Bytes are no batch. The text says why, without a subject."""


def model_ids(study: str, networks: Iterable[str]) -> dict[str, str]:
    """Neuronpedia's layout: what the folder of each network is called, in lower case, `-` and `_`.

    >>> model_ids("rooms", ["AlexNet.v2", "alexnet-v2"])
    {'AlexNet.v2': 'rooms-alexnet-v2', 'alexnet-v2': 'rooms-alexnet-v2-2'}
    """
    ids: dict[str, str] = {}
    for network in networks:
        base = re.sub(r"[^a-z0-9_-]+", "-", f"{study}-{network}".lower())[:MAX_MODEL_LETTERS]
        number, free = 1, base
        while free in ids.values():
            number += 1
            ending = f"-{number}"
            free = base[: MAX_MODEL_LETTERS - len(ending)] + ending
        ids[network] = free
    return ids


def source_id(depth: int, study: str) -> str:
    """Neuronpedia's layout: what the folder of a layer is called, its number and the study.

    >>> source_id(2, "rooms")
    '2-rooms'
    """
    return f"{depth}-{study}"


def batch_name(number: int) -> str:
    return f"batch-{number}.jsonl.gz"


def encode_lines(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """Lines of JSON as Neuronpedia's batch layout has them; the same lines give the same bytes."""
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def encode_batch(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """Encode a batch file of Neuronpedia's layout; the same lines give the same bytes."""
    return gzip.compress(encode_lines(lines), compresslevel=5, mtime=0)


def read_batch(file: Path) -> list[Line]:
    """Read the lines of a batch's file; raises NotBatch, whose sentence names the file."""
    try:
        return decode_batch(file.read_bytes())
    except NotBatch as error:
        raise NotBatch(f"{file} {error}.") from error
    except OSError as error:
        raise NotBatch(f"{file} cannot be read: {error.strerror}.") from error


def decode_batch(content: bytes) -> list[Line]:
    """Read the lines of a batch, from the first; an empty line is an empty object.

    Raises:
        NotBatch: the bytes are not gzipped, or a line is no JSON object.
    """
    try:
        texts = gzip.decompress(content).decode().split("\n")
    except (OSError, EOFError, ValueError) as error:
        raise NotBatch(f"is not a gzipped text ({error})") from error
    lines = []
    for number, text in enumerate(texts[:-1] if texts[-1] == "" else texts, start=1):
        try:
            line = json.loads(text) if text.strip() else {}
        except ValueError as error:
            raise NotBatch(f"line {number} is no JSON ({error})") from error
        if not isinstance(line, dict):
            raise NotBatch(f"line {number} is no JSON object")
        lines.append(line)
    return lines


def is_model(folder: Path) -> bool:
    """Whether a folder is a model of Neuronpedia's layout: MODEL/SOURCE/activations."""
    return any(folder.glob(f"*/{ACTIVATIONS}/{BATCHES}"))
