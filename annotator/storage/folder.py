"""Django storage in a folder. Django's own writes in place, so a full disk leaves half a file."""

from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from annotator.storage.errors import StorageDown
from dissect.format.atomic_file import may_pass, write_atomically


class Folder(FileSystemStorage):
    """Files are renamed into place; one of the same name is replaced."""

    def __init__(self, location: str | Path) -> None:
        super().__init__(location=location, allow_overwrite=True)

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, content.chunks())
        except OSError as error:
            raise StorageDown(
                f"{target} cannot be written: {error.strerror}. What is stored stays; mend that, "
                "then ask again.",
                may_pass=may_pass(error),
                is_repeated=False,
            ) from error
        return name
