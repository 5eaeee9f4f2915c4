"""What every result of the front door can do: show itself in a notebook, and become a table."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from PIL import Image

from dissect.errors import MissingPackage
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.render.contact_sheets import ContactSheet

MAX_HTML_ROWS = 20
JPEG_QUALITY = 88

Row = dict[str, Any]


class Result:
    """The base of all results: rows, a table, a picture of itself, one line of text."""

    def rows(self) -> list[Row]:
        """The result as plain rows, all with the same keys."""
        raise NotImplementedError

    def summary(self) -> str:
        """One line: what this is, and of what."""
        raise NotImplementedError

    def pictures(self) -> Mapping[str, Image.Image]:
        """The pictures that say more than the rows, by title; drawn when they are asked for."""
        return {}

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, a column for each key.

        Raises:
            MissingPackage: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingPackage(
                "to_pandas needs pandas: pip install pandas. rows() has the same without it."
            ) from error
        return pandas.DataFrame(self.rows())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {on_one_line(self.summary())}>"

    def _repr_html_(self) -> str:
        """Self-contained HTML, as notebooks show it: pictures, then the first rows."""
        parts = [f"<p><strong>{type(self).__name__}</strong>: {_text(self.summary())}</p>"]
        parts += [_figure(title, picture) for title, picture in self.pictures().items()]
        return "\n".join([*parts, _table(self.rows())])


def _text(value: Any) -> str:
    """A value as text of a page: numbers rounded, unseen characters and markup escaped."""
    if value is None:
        return "-"
    return escape(f"{value:.4g}" if isinstance(value, float) else on_one_line(str(value)))


def _figure(title: str, picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    content = base64.b64encode(file.getvalue()).decode()
    return (
        f"<figure><figcaption>{_text(title)}</figcaption>"
        f'<img alt="{_text(title)}" width="{picture.width}" '
        f'src="data:image/jpeg;base64,{content}"/></figure>'
    )


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return "<p>No rows.</p>"
    head = "".join(f"<th>{_text(name)}</th>" for name in rows[0])
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_text(value)}</td>" for value in row.values()) + "</tr>"
        for row in rows[:MAX_HTML_ROWS]
    )
    more = len(rows) - MAX_HTML_ROWS
    rest = f"<p>... and {more:,} more rows.</p>" if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>{rest}"


def drawn(sheets: Mapping[str, ContactSheet]) -> dict[str, Image.Image]:
    """Contact sheets with their captions, by title, as `Result.pictures` returns them."""
    return {title: sheet.drawn() for title, sheet in sheets.items()}


def skipped_images(images: ImageList, bad: Mapping[int, str]) -> dict[str, str]:
    """The `skipped` of a result: paths of the images that could not be read, with reasons.

    Args:
        bad: place in the list to reason.
    """
    return {images.paths[place]: why for place, why in bad.items()}


def number(value: Any) -> float | None:
    """A number in a row of a library function's result; None for NaN, as where nothing changes."""
    return None if value is None or value != value else float(value)


def counted(count: int, what: str) -> str:
    """Format a count for the summary of a library function's result, plural unless it is one.

    >>> counted(1, "unit"), counted(1200, "unit")
    ('1 unit', '1,200 units')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def counted_by_layer(counts: Mapping[str, int], what: str = "unit") -> str:
    """Format the layers of a library function's result for its summary, each with a count.

    >>> counted_by_layer({"relu1": 16, "relu2": 1})
    'relu1 (16 units), relu2 (1 unit)'
    """
    return ", ".join(f"{name} ({counted(count, what)})" for name, count in counts.items())
