"""What every store promises, wherever its bytes lie."""

from dissect.storage.store import Store


def check_put_get_remove(store: Store) -> None:
    """A name has the bytes that were put last, until it is removed; removing is idempotent."""
    store.put("a/b.bin", b"first")
    store.put("a/b.bin", b"second")

    assert store.get("a/b.bin") == b"second"
    assert store.has("a/b.bin")
    store.remove("a/b.bin")
    store.remove("a/b.bin")
    assert not store.has("a/b.bin")
