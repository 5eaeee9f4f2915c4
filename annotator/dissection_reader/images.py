"""The pictures of dissections: where the service keeps them, and the study's rows for them."""

from collections.abc import Callable, Iterable

from annotator import storage
from annotator.dissection_reader.dissection import DissectionError, open_dissection
from annotator.models import Image, Network, Study
from dissect.background import Background
from dissect.errors import StoreError
from dissect.format.manifest import PICTURE_FOLDER
from dissect.format.picture_list import PictureRow


class SharedPictures:
    """The one folder of pictures that all dissections of the service share, and pages show.

    A dissection writes its pictures to it as pictures/NAME. One that is there already is not
    written again: names are hashes of the content.

    Attributes:
        folder: its path seen from the manifest of the dissection.
        threads: how many writes at the same time are worthwhile.
    """

    def __init__(self, prefix: str) -> None:
        self.threads = storage.threads()
        self.folder = "../" * (prefix.count("/") + 1) + PICTURE_FOLDER

    def put(self, name: str, content: bytes) -> None:
        """
        Raises:
            StoreError: the storage is full or does not answer.
        """
        try:
            storage.keep(name, lambda: content)
        except storage.StorageDown as error:
            raise StoreError(str(error), error.may_pass) from error


def serve_pictures(prefix: str, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a dissection's own pictures of images to the shared folder. Idempotent.

    One whose pictures are in the shared folder already needs no copy.

    Args:
        progress: is called with the number of pictures done and their total.

    Raises:
        DissectionError: a picture is missing, or the storage is full or does not answer.
    """
    dissection = open_dissection(prefix)
    if dissection.picture_folder == PICTURE_FOLDER:
        return
    names = {name for row in dissection.pictures() for name in (row.tile, row.zoom)}

    def copy(name: str) -> None:
        storage.keep(f"{PICTURE_FOLDER}/{name}", lambda: dissection.read_picture(name))

    try:
        with Background(storage.threads(), name="pictures") as background:
            for done, _ in enumerate(background.map(copy, sorted(names)), start=1):
                if progress:
                    progress(done, len(names))
    except storage.StorageDown as error:
        raise DissectionError(str(error)) from error


def images_by_place(study: Study, pictures: Iterable[PictureRow]) -> dict[int, Image]:
    """Image rows of the study for a dissection's images, by place in the image list.

    Networks that see different parts of an image have different pictures of it, each with a row.
    """
    tiles = {row.place: row.tile for row in pictures}
    return {
        image.place: image for image in study.images.all() if tiles.get(image.place) == image.tile
    }


def random_images(network: Network) -> list[Image]:
    """Image rows of a random sample of the image list, in the order drawn.

    They were drawn independently of their scores, and are as the network sees them.

    Any first n of them are a random sample too. Empty where the dissection has none.
    """
    places = network.manifest.get("random_images", [])
    if not places:
        return []
    rows = images_by_place(network.study, open_dissection(network.dissection).pictures())
    return [rows[place] for place in places if place in rows and rows[place].is_random]
