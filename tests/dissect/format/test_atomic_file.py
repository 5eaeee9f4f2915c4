"""A file is complete or absent, however its writing ends."""

import errno
import os

import pytest

from dissect.format.atomic_file import write_atomically


def test_a_file_holds_all_chunks_in_order_and_everybody_may_read_it(tmp_path):
    write_atomically(tmp_path / "a.bin", (bytes([number]) for number in range(3)))

    assert (tmp_path / "a.bin").read_bytes() == b"\x00\x01\x02"
    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o644


def test_a_failing_source_of_chunks_leaves_the_former_file_and_nothing_else(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"before")

    def chunks():
        yield b"after"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_atomically(tmp_path / "a.bin", chunks())

    assert (tmp_path / "a.bin").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_failing_rename_leaves_the_former_file_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"before")

    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refuse)

    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "a.bin", [b"after"])

    assert (tmp_path / "a.bin").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.bin"]
