"""Contact sheets: small tiles of one size with captions, in a grid, as PNG or SVG."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 4  # px between tiles
LINE = 14  # px of a line of text
FONT_PX = 11
PAGE_PX = 1080  # a wider sheet is shown this wide on a page of the lab, in a window of 1280 px
PAPER, INK = (255, 255, 255), (40, 40, 40)


@dataclass(frozen=True)
class Caption:
    """Text whose upper left corner is at (x, y), in pixels of the sheet."""

    x: int
    y: int
    text: str
    font_px: int = FONT_PX


@dataclass(frozen=True)
class ContactSheet:
    """A picture and its captions, which are drawn when the sheet is encoded."""

    picture: Image.Image
    captions: tuple[Caption, ...]

    def png(self) -> bytes:
        return png(self.drawn())

    def drawn(self) -> Image.Image:
        """The picture with its captions."""
        picture = self.picture.copy()
        draw = ImageDraw.Draw(picture)
        for caption in self.captions:
            font = ImageFont.load_default(size=caption.font_px)
            draw.text((caption.x, caption.y), caption.text, fill=INK, font=font)
        return picture

    def svg(self) -> bytes:
        """An SVG whose pixels stay sharp at any size and whose captions can be searched."""
        width, height = self.picture.size
        pixels = base64.b64encode(png(self.picture)).decode()
        texts = "".join(
            f'<text x="{caption.x}" y="{caption.y + caption.font_px}" '
            f'font-size="{caption.font_px}">{escape(caption.text)}</text>\n'
            for caption in self.captions
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">\n'
            f'<image width="{width}" height="{height}" style="image-rendering: pixelated" '
            f"href={quoteattr('data:image/png;base64,' + pixels)}/>\n"
            f'<g font-family="sans-serif" fill="rgb{INK}">\n{texts}</g>\n'
            "</svg>\n"
        ).encode()


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


def grid(tiles: Sequence[Image.Image], words: Sequence[str], columns: int) -> ContactSheet:
    """Make a contact sheet of tiles row by row, each above its caption.

    Args:
        tiles: at least one. words: the captions, one for each tile.
        columns: the most tiles in a row.
    """
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    width, height = tiles[0].size
    # Room for the longest caption, so that no two overlap.
    step_x = max(width, caption_width(max(words, key=len, default=""))) + GAP
    step_y = height + LINE + GAP
    picture = Image.new("RGB", (columns * step_x + GAP, rows * step_y + GAP), PAPER)
    captions = []
    for place, (tile, word) in enumerate(zip(tiles, words, strict=True)):
        x, y = GAP + place % columns * step_x, GAP + place // columns * step_y
        picture.paste(tile, (x, y))
        if word:
            captions.append(Caption(x, y + height, word))
    return ContactSheet(picture, tuple(captions))


def labelled_rows(rows: Sequence[Sequence[Image.Image]], words: Sequence[str]) -> ContactSheet:
    """Make a contact sheet of rows of tiles, each row after its caption.

    The captions are as large as needed to stay readable where the sheet is PAGE_PX wide.
    """
    width, height = rows[0][0].size
    columns = max(len(row) for row in rows)
    longest = max(words, key=len, default="")
    font_px = _readable_px(columns * (width + GAP), longest)
    margin = caption_width(longest, font_px) + 2 * GAP
    line = LINE - FONT_PX + font_px
    step = max(height, line) + GAP
    size = (margin + columns * (width + GAP), GAP + len(rows) * step)
    picture = Image.new("RGB", size, PAPER)
    captions = []
    for number, (row, word) in enumerate(zip(rows, words, strict=True)):
        y = GAP + number * step
        captions.append(Caption(GAP, y + max(0, (height - line) // 2), word, font_px))
        for place, tile in enumerate(row):
            picture.paste(tile, (margin + place * (width + GAP), y))
    return ContactSheet(picture, tuple(captions))


def _readable_px(tiles_width: int, longest: str) -> int:
    """The font of captions before tiles, of FONT_PX or more where the sheet is PAGE_PX wide."""
    font_px = FONT_PX
    while font_px * PAGE_PX < FONT_PX * (tiles_width + caption_width(longest, font_px) + 2 * GAP):
        font_px += 1
    return font_px


def side_by_side(sheets: Sequence[tuple[str, ContactSheet]]) -> ContactSheet:
    """Put contact sheets next to each other, each under its title."""
    widths = [
        max(sheet.picture.width, caption_width(title) + 2 * GAP) + 4 * GAP
        for title, sheet in sheets
    ]
    height = max(sheet.picture.height for _, sheet in sheets) + LINE
    picture = Image.new("RGB", (sum(widths), height), PAPER)
    captions, left = [], 0
    for (title, sheet), width in zip(sheets, widths, strict=True):
        picture.paste(sheet.picture, (left, LINE))
        captions.append(Caption(left + GAP, 0, title))
        captions += [replace(one, x=left + one.x, y=LINE + one.y) for one in sheet.captions]
        left += width
    return ContactSheet(picture, tuple(captions))


def caption_width(text: str, font_px: int = FONT_PX) -> int:
    """The width of a caption on a contact sheet, in px."""
    return int(ImageFont.load_default(size=font_px).getlength(text)) + 1


def grey(values: NDArray[np.float32]) -> Image.Image:
    """Make a tile of a contact sheet from values (height, width): 0 is black, 1 is white."""
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))


def colour(values: NDArray[np.float32]) -> Image.Image:
    """Make a tile of a contact sheet from red, green and blue: (height, width, 3), 0 to 1."""
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))


def enlarged(tile: Image.Image, times: int) -> Image.Image:
    """Enlarge a tile of a contact sheet: every pixel becomes a square."""
    size = (tile.width * times, tile.height * times)
    return tile.resize(size, Image.Resampling.NEAREST)
