"""One file with everything of an installation: its database, stored files and secret key.

The file is a tar archive. `files/` has the stored files, `database/` the database, and the last
member, `manifest.json`, the version and migrations, how many rows each table has, and the SHA-256
of every other member. The database is copied first: a stored file never changes under its name, so
the files have everything that the database names.

BackupRefused: a backup cannot be restored; its text says why.
"""

import hashlib
import io
import os
import re
import tarfile
import tempfile
from collections.abc import Container, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from pydantic import BaseModel, ValidationError

from annotator import storage
from annotator.operations.database_copy import (
    applied_migrations,
    copy_database,
    load_database,
    row_counts,
)
from annotator.storage import files_in

FOLDERS = ["pictures", "sheets", "snapshots", "dissections", "analyses"]
MANIFEST, SECRET, KEY_SECRET = "manifest.json", "secret_key", "api_key_secret"
FORMAT = 1
MAX_MANIFEST_BYTES = 1 << 30
TABLE = re.compile(r"[A-Za-z0-9_]+(\.sqlite3)?")  # a file of the database's copy
CHUNK = 1 << 20
OWN_ROWS = {"django_migrations", "django_content_type", "auth_permission", "django_session"}


def _stored_files() -> Iterator[str]:
    """The names of all stored files, folder by folder.

    In an embedded installation the storage is DATA_DIR, where the database and the secret key are
    too: only the storage's own folders are listed.
    """
    for folder in FOLDERS:
        yield from files_in(folder)


class BackupRefused(Exception):
    """A backup cannot be restored, or is damaged; the text is one sentence."""


class Manifest(BaseModel):
    """What a backup says about itself.

    Attributes:
        database: sqlite or postgresql.
        migrations: the last applied migration of each app.
        rows: how many rows each table has.
        sha256: of every other member of the archive.
    """

    format: int
    database: str
    migrations: dict[str, str]
    rows: dict[str, int]
    sha256: dict[str, str]


class Written(NamedTuple):
    """What a backup has: rows of the database, and stored files."""

    rows: int
    files: int


def back_up(path: Path) -> Written:
    """Write a backup, which only this account may read, because it has the secret key.

    Raises:
        FileExistsError: there is a file of that name.
    """
    sha256: dict[str, str] = {}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            _add(archive, SECRET, settings.SECRET_KEY.encode(), sha256)
            if settings.API_KEY_SECRET:
                _add(archive, KEY_SECRET, settings.API_KEY_SECRET.encode(), sha256)
            migrations = applied_migrations()
            with tempfile.TemporaryDirectory() as folder:
                rows = copy_database(Path(folder))
                for copied in sorted(Path(folder).iterdir()):
                    _add_file(archive, f"database/{copied.name}", copied, sha256)
            for name in _stored_files():
                _add(archive, f"files/{name}", storage.read(name), sha256)
            manifest = Manifest(
                format=FORMAT,
                database=connection.vendor,
                migrations=migrations,
                rows=rows,
                sha256=sha256,
            )
            _add(archive, MANIFEST, manifest.model_dump_json(indent=1).encode(), {})
    except BaseException:
        path.unlink()
        raise
    return Written(sum(rows.values()), sum(name.startswith("files/") for name in sha256))


def _add(archive: tarfile.TarFile, name: str, content: bytes, sha256: dict[str, str]) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
    sha256[name] = hashlib.sha256(content).hexdigest()


def _add_file(archive: tarfile.TarFile, name: str, path: Path, sha256: dict[str, str]) -> None:
    archive.add(path, name)
    with path.open("rb") as file:
        sha256[name] = hashlib.file_digest(file, "sha256").hexdigest()


def verified(path: Path) -> Manifest:
    """The manifest of a backup, once every member has been read and compared with its hash.

    Raises:
        BackupRefused: it is no backup, it is damaged, or a newer version wrote it.
        OSError: it cannot be read.
    """
    sha256, manifest = {}, None
    try:
        for name, content in _members(path):
            _check_name(path, name, {*sha256, MANIFEST} if manifest else sha256)
            if name == MANIFEST:
                manifest = _parsed(path, content.read(MAX_MANIFEST_BYTES))
            else:
                sha256[name] = _digest(content)
    except (tarfile.TarError, OverflowError, ValueError) as error:  # of numbers in its headers
        raise BackupRefused(f"{path} is no backup, or not a whole one: {error}.") from error
    if manifest is None:
        raise BackupRefused(f"{path} is no whole backup: it has no {MANIFEST}, its last part.")
    for name, digest in manifest.sha256.items():
        if sha256.get(name) != digest:
            raise BackupRefused(f"{path} is damaged: {name} is not what was written.")
    if others := sorted(sha256.keys() - manifest.sha256.keys()):
        raise BackupRefused(f"{path} has {others[0]!r}, which its {MANIFEST} does not list.")
    return manifest


def _check_name(path: Path, name: str, earlier: Container[str]) -> None:
    """Refuse the name of a member that no backup has: it would be written somewhere else.

    Raises:
        BackupRefused: it is in no folder of a backup, leads out of one, or is there twice.
    """
    part, _, rest = name.partition("/")
    is_known = name in (MANIFEST, SECRET) or (part == "database" and TABLE.fullmatch(rest))
    is_stored = part == "files" and rest.partition("/")[0] in FOLDERS
    steps = rest.split("/")
    if not (is_known or (is_stored and len(steps) > 1 and not {"", ".", ".."} & {*steps})):
        raise BackupRefused(f"{path} has {name!r}, which no backup has: it is not restored.")
    if name in earlier:
        raise BackupRefused(f"{path} has {name!r} twice: it is not restored.")


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            if not member.isreg() or member.issparse():
                raise BackupRefused(
                    f"{path} has {member.name!r}, which is no plain file: it is not restored."
                )
            if content := archive.extractfile(member):
                yield member.name, content


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := content.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _parsed(path: Path, text: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BackupRefused(f"{path} is damaged: {MANIFEST} cannot be read.") from error
    if manifest.format > FORMAT:
        raise BackupRefused(f"{path} was written by a newer Unitscope: update this one first.")
    return manifest


def restore(path: Path) -> Manifest:
    """Put a backup into this installation, which must be empty, and count what came in.

    The whole file is verified before anything is written.

    Raises:
        BackupRefused: see `verified`; or this installation is not empty, or has another kind of
            database.
    """
    manifest = verified(path)
    if manifest.database != connection.vendor:
        raise BackupRefused(
            f"{path} is of a {manifest.database} database, and this installation has "
            f"{connection.vendor}: set or unset DATABASE_URL accordingly."
        )
    if taken := _taken():
        raise BackupRefused(
            f"This installation is not empty ({taken}). Restore into a new DATA_DIR, or an empty "
            "database and storage."
        )
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _members(path):
            part, _, rest = name.partition("/")
            if part == "files":
                default_storage.save(rest, ContentFile(content.read()))
            elif part == "database":
                _write(Path(folder, Path(rest).name), content)
        _load(path, Path(folder), manifest)
    _compare_counts(manifest.rows)
    return manifest


def _load(path: Path, folder: Path, manifest: Manifest) -> None:
    try:
        load_database(folder, manifest.migrations)
    except (DatabaseError, CommandError, FileNotFoundError) as error:
        reason = " ".join(str(error).split())
        raise BackupRefused(
            f"The database in {path} cannot be loaded ({reason}). Nothing else can be restored "
            "from it: take another backup, and a new installation."
        ) from error


def _write(path: Path, content: IO[bytes]) -> None:
    with path.open("wb") as file:
        while block := content.read(CHUNK):
            file.write(block)


def _taken() -> str:
    """What this installation has already; empty if there is nothing."""
    for table, count in row_counts().items():
        if count and table not in OWN_ROWS:
            return f"the table {table} has {count} rows"
    return next((f"the storage has {name}" for name in _stored_files()), "")


def _compare_counts(expected: dict[str, int]) -> None:
    counts = row_counts()
    for table, count in expected.items():
        # A migration of a newer version may remove a table, or fill one.
        if table in counts and counts[table] < count and table not in OWN_ROWS:
            raise BackupRefused(f"Of {count} rows of {table} {counts[table]} came back.")


def secrets_in(path: Path) -> tuple[str, str]:
    """The SECRET_KEY in a backup, and its API_KEY_SECRET, which may be empty."""
    kept = {}
    for name, content in _members(path):
        if name in (SECRET, KEY_SECRET):
            kept[name] = content.read().decode()
    if SECRET not in kept:
        raise BackupRefused(f"{path} has no {SECRET}.")
    return kept[SECRET], kept.get(KEY_SECRET, "")
