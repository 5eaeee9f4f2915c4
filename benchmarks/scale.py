"""Measures how a dissection's cost grows with images, layers and units, for docs/scale.md.

    python -m benchmarks.scale

It measures processor seconds, which depend little on other work of the machine, writes them to
benchmarks/scale.json and draws docs/pictures/scale.svg.
"""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from benchmarks.world import DEVICE, LAYERS, ROOT, alexnet, photographs
from dissect.dissection.writer import Settings, write_dissection
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.results import PassResult

NUMBERS = Path(__file__).with_name("scale.json")
PICTURE = ROOT / "docs" / "pictures" / "scale.svg"
IMAGES = (64, 128, 256, 512)
FEW = 128  # images while layers or units grow
SETTINGS = Settings(top=20)
AXES = {  # what grows: what is timed
    "images": "the pass over five layers",
    "layers": "the pass over the first of five layers",
    "units": "segmenting, drawing and storing",
}


def measure() -> list[dict[str, Any]]:
    _pass(FEW, LAYERS)  # warms up kernels and files
    rows = [_row("images", count, lambda n=count: _pass(n, LAYERS)) for count in IMAGES]
    for count in range(1, len(LAYERS) + 1):
        rows.append(_row("layers", count, lambda n=count: _pass(FEW, LAYERS[:n])))
    for layer in ("features.2", "features.5", "features.9", "features.7"):
        collected = _pass(FEW, (layer,))
        units = collected.layers[0].info.unit_count
        rows.append(_row("units", units, lambda c=collected: _write(c)))
    return rows


def _pass(images: int, layers: tuple[str, ...]) -> PassResult:
    top, shown = SETTINGS.collected, SETTINGS.top
    return collect(alexnet(), layers, photographs(images), top, shown, DEVICE)


def _write(collected: PassResult) -> None:
    with TemporaryDirectory() as folder:
        store = Folder(Path(folder))
        write_dissection(
            alexnet(), collected, photographs(FEW), store, SETTINGS, DEVICE, lambda *_: None
        )


def _row(grows: str, count: int, work: Callable[[], object]) -> dict[str, Any]:
    start = process_time()
    work()
    return {"grows": grows, "count": count, "seconds": round(process_time() - start, 3)}


def drawn(rows: list[dict[str, Any]]) -> str:
    """Three small figures in a row, as SVG."""
    import altair as alt
    import vl_convert

    figures = [
        alt.Chart(alt.Data(values=[row for row in rows if row["grows"] == grows]))
        .mark_line(point=True, color="#4c78a8")
        .encode(
            alt.X("count:Q", title=grows, scale=alt.Scale(zero=True)),
            alt.Y("seconds:Q", title="processor seconds", scale=alt.Scale(zero=True)),
        )
        .properties(width=220, height=180, title=alt.Title(timed, fontSize=11, limit=260))
        for grows, timed in AXES.items()
    ]
    return str(vl_convert.vegalite_to_svg(alt.hconcat(*figures).to_dict()))


def main() -> None:
    rows = measure()
    NUMBERS.write_text(json.dumps(rows, indent=1) + "\n")
    PICTURE.write_text(drawn(rows))


if __name__ == "__main__":
    main()
