"""The memory that decoding and cropping one picture takes, in bytes a pixel, for each kind of file.

Every file is decoded in a process of its own; what is printed is how far its peak rises above the
memory of a process that has decoded a small picture. `dissect.images.memory` has these numbers,
rounded up, as limits.

    python -m benchmarks.decoding            # 4,000 x 4,000 pixels; some minutes
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tifffile
from PIL import Image

from benchmarks.row import Row, at_most
from dissect.images.memory import BYTES_PER_PIXEL, OF_OTHER_FORMATS, OF_SIXTEEN_BITS

SIDE = 4_000
TWICE = {"rgb16.tif", "rgb-float.tif"}  # colors of more than 8 bits: another limit
TURNED = Image.Exif()
TURNED[0x0112] = 6
MEASURED = """
import sys
from pathlib import Path
from benchmarks.peak import peak_mb
from dissect.images.decoding import read_image
from dissect.images.preprocessing import Preprocessing
read_image(Path(sys.argv[1]))
Path("/proc/self/clear_refs").write_text("5")
before = peak_mb()
picture = read_image(Path(sys.argv[2]))
pixels = picture.width * picture.height
Preprocessing().pixels(picture)
print((peak_mb() - before) * 1e6 / pixels)
"""


def write_files(folder: Path) -> Iterator[Path]:
    """Write a picture of SIDE x SIDE pixels in each kind of file."""
    coarse = np.random.default_rng(0).integers(0, 256, (SIDE // 50,) * 2, dtype=np.uint8)
    grey = np.kron(coarse, np.ones((50, 50), np.uint8))
    colours = np.dstack([grey, grey.T, grey[::-1]])
    rgb, rgba = Image.fromarray(colours), Image.fromarray(np.dstack([colours, grey]))
    palette = rgb.quantize(256)
    for name, image, options in [
        ("1.png", Image.fromarray(grey > 127), {}),
        ("grey.png", Image.fromarray(grey), {}),
        ("rgb.png", rgb, {}),
        ("rgb-turned.png", rgb, {"exif": TURNED}),
        ("rgba.png", rgba, {}),
        ("palette-transparent.png", palette, {"transparency": 3}),
        ("palette-transparent.gif", palette, {"transparency": 3}),
        ("grey16.png", Image.fromarray(grey.astype(np.uint16) * 16), {}),
        ("progressive-turned.jpg", rgb, {"progressive": True, "subsampling": 0, "exif": TURNED}),
        ("cmyk-progressive.jpg", rgb.convert("CMYK"), {"progressive": True, "subsampling": 0}),
        ("rgb.webp", rgb, {"quality": 50, "method": 0}),
        ("rgba-turned.webp", rgba, {"lossless": True, "method": 0, "exif": TURNED}),
        ("rgba-turned.avif", rgba, {"speed": 10, "subsampling": "4:4:4", "exif": TURNED}),
        ("rgb.jp2", rgb, {"quality_layers": [40]}),
        ("rgb.bmp", rgb, {}),
        ("rgba.tga", rgba, {"compression": "tga_rle"}),
    ]:
        image.save(folder / name, **options)
        yield folder / name
    for name, values in [
        ("float.tif", grey / np.float32(255)),
        ("double.tif", grey / 255),
        ("rgb16.tif", colours.astype(np.uint16) * 16),
        ("rgb-float.tif", colours / np.float32(255)),
    ]:
        tifffile.imwrite(folder / name, values)
        yield folder / name


def measure() -> list[Row]:
    name, ratio = max(
        ((file, measured / limit) for file, measured, limit in bytes_a_pixel()),
        key=lambda each: each[1],
    )
    print(f"nearest to its limit: {name}", file=sys.stderr)
    return [at_most("memory of decoding a picture, of 20 kinds the worst / its limit", ratio, 1)]


def bytes_a_pixel() -> Iterator[tuple[str, float, float]]:
    """Each kind of file: its name, the bytes a pixel that decoding it takes, and their limit."""
    with TemporaryDirectory() as folder:
        small = Path(folder) / "small.png"
        Image.new("RGB", (8, 8)).save(small)
        for file in write_files(Path(folder)):
            command = [sys.executable, "-c", MEASURED, str(small), str(file)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            with Image.open(file) as picture:
                limit = BYTES_PER_PIXEL.get(picture.format or "", OF_OTHER_FORMATS)
            if file.name in TWICE:
                limit = OF_SIXTEEN_BITS
            print(f"{file.name:24} {float(output):5.1f} of {limit}", file=sys.stderr, flush=True)
            yield file.name, float(output), limit


if __name__ == "__main__":
    print(measure())
