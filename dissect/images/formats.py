"""The image formats that are read, and the filename endings that a source takes for images.

Both lists are fixed, whatever is installed: an image list must be the same on every machine. What
needs a package that is missing is listed, and then skipped with the package's name.
"""

from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from PIL import Image

# Pillow's formats but for those that it only recognizes (FITS tables, HDF5, GRIB, MPEG), and those
# that run another program or need Windows (EPS, WMF). The most frequent first.
FORMATS = (
    "JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF", "JPEG2000", "MPO", "PPM", "PSD",
    "TGA", "DIB", "ICO", "ICNS", "CUR", "DDS", "PCX", "DCX", "SGI", "SUN", "QOI", "XBM", "XPM",
    "MSP", "IM", "IMT", "FLI", "FTEX", "GBR", "BLP", "PCD", "PIXAR", "FITS", "MCIDAS", "SPIDER",
    "IPTC", "XVTHUMB",
)  # fmt: skip
IMAGE_ENDINGS = frozenset(f".{name}" for name in (
    "apng", "avif", "avifs", "blp", "bmp", "bw", "cur", "dcx", "dds", "dib", "fit", "fits", "flc",
    "fli", "ftc", "ftu", "gbr", "gif", "heic", "heics", "heif", "heifs", "hif", "icb", "icns",
    "ico", "iim", "im", "j2c", "j2k", "jfif", "jp2", "jpc", "jpe", "jpeg", "jpf", "jpg", "jpx",
    "msp", "pbm", "pcd", "pcx", "pfm", "pgm", "png", "pnm", "ppm", "psd", "pxr", "qoi", "ras",
    "rgb", "rgba", "sgi", "tga", "tif", "tiff", "vda", "vst", "webp", "xbm", "xpm",
))  # fmt: skip
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
AVIF_BRANDS = (b"avif", b"avis")


@cache
def readable_formats() -> tuple[str, ...]:
    """Those of FORMATS that the installed packages decode."""
    Image.init()
    with suppress(ImportError):
        import_module("pillow_heif").register_heif_opener()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def missing_package(file: Path | BinaryIO) -> str:
    """A sentence that names the package for an image file's format; empty where none is known."""
    start = beginning(file, 12)
    brand = start[8:12] if start[4:8] == b"ftyp" else b""
    if brand in AVIF_BRANDS:
        return "AVIF needs Pillow 11.3 or newer: pip install -U pillow"
    if brand in HEIF_BRANDS and "HEIF" not in readable_formats():
        return "HEIC needs a package that is not installed: pip install pillow-heif"
    return ""


def beginning(file: Path | BinaryIO, count: int) -> bytes:
    """Read the first bytes of an image file. A file object is left at its beginning."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return opened.read(count)
    file.seek(0)
    start = file.read(count)
    file.seek(0)
    return start
