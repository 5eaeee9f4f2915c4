"""A folder of whole files: Django's own writes in place, so a full disk leaves half of one."""

import os
import tempfile
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from annotator.storage.errors import StorageDown


class Folder(FileSystemStorage):
    """Files are renamed into place; one of the same name is replaced."""

    def __init__(self, location: str | Path) -> None:
        super().__init__(location=location, allow_overwrite=True)

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, content)
        except OSError as error:
            raise StorageDown(
                f"{target} cannot be written: {error.strerror}. What is stored stays; mend that, "
                "then ask again.",
                may_pass=False,
            ) from error
        return name


def _write_whole(target: Path, content: File) -> None:
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
        os.chmod(partial, 0o644)
        os.replace(partial, target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
