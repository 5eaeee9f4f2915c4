"""Writes a table as Parquet by pyarrow; a script of `process`, run by its path.

The first request is the columns as (name, kind) pairs and the rows of a group, each other one a
list of rows. What is ready
of the file is the answer: most of the time nothing, as rows are written in large groups. A request
of None ends the file.
"""

import io
import pickle
import sys
from typing import Any

import pyarrow as arrow
from pyarrow.parquet import ParquetWriter

TYPES = {
    "text": arrow.string(),
    "whole": arrow.int64(),
    "number": arrow.float64(),
    "flag": arrow.bool_(),
    "time": arrow.timestamp("us", tz="UTC"),
}


class ParquetFile:
    """A Parquet file whose bytes are taken out piece by piece."""

    def __init__(self, columns: list[tuple[str, str]], rows_per_group: int) -> None:
        self.rows_per_group = rows_per_group
        self.schema = arrow.schema([(name, TYPES[kind]) for name, kind in columns])
        self.sink, self.rows = _Pieces(), []  # type: tuple[_Pieces, list[tuple[Any, ...]]]
        self.writer = ParquetWriter(self.sink, self.schema)

    def add(self, rows: list[tuple[Any, ...]]) -> bytes:
        self.rows += rows
        while len(self.rows) >= self.rows_per_group:
            self._write(self.rows[: self.rows_per_group])
            del self.rows[: self.rows_per_group]
        return self.sink.take()

    def end(self) -> bytes:
        if self.rows:
            self._write(self.rows)
        self.writer.close()
        return self.sink.take()

    def _write(self, rows: list[tuple[Any, ...]]) -> None:
        values = zip(*rows, strict=True)
        columns = [arrow.array(*pair) for pair in zip(values, self.schema.types, strict=True)]
        self.writer.write_table(arrow.table(columns, schema=self.schema))


class _Pieces(io.RawIOBase):
    """A file object for writing, whose bytes are taken out piece by piece."""

    def __init__(self) -> None:
        self._piece, self._position = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._piece += bytes(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        piece, self._piece = bytes(self._piece), bytearray()
        return piece


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    file = None
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        try:
            if file is None:
                file, piece = ParquetFile(*request), b""
            else:
                (rows,) = request
                piece = file.end() if rows is None else file.add(rows)
            answer = True, piece
        except Exception as error:
            answer = False, str(error)
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
