"""The names of everything in Django's default storage that belongs to the installation."""

from collections.abc import Iterator

from django.core.files.storage import default_storage

FOLDERS = ["pictures", "sheets", "snapshots", "dissections", "analyses"]


def stored_files() -> Iterator[str]:
    """The names of all stored files, folder by folder.

    In an embedded installation the storage is DATA_DIR, where the database and the secret key are
    too: only the storage's own folders are listed.
    """
    for folder in FOLDERS:
        yield from files_in(folder)


def files_in(folder: str) -> Iterator[str]:
    """The names of all stored files in a folder and those below; none if it does not exist."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(filter(None, files)):
        yield f"{folder}/{name}"
    for name in sorted(filter(None, folders)):
        yield from files_in(f"{folder}/{name}")
