"""Takes the README's pictures, of a HIT, a report and a unit, in a headless Chromium.

The chart of object classes is the figure that the report offers.

    python -m docs.take_pictures [STUDY]      STUDY is one in DATA_DIR (demo)

It writes hit.png, report.png, unit.png and classes.png in docs/pictures. Build the study first:
`make demo SERVE=no`.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from dissect.format.ground_truth import OBJECT
from tests.end_to_end.serving import served
from tests.service_fixtures import CHROMIUM_FLAGS
from tests.services import chromium_program, free_port

if TYPE_CHECKING:
    from annotator.models import Hit

FOLDER = Path(__file__).resolve().parent / "pictures"
SIZE = {"width": 1280, "height": 900}
MAX_BYTES = 400_000
CHART_PX = 900  # width of the chart


def main(study: str = "demo") -> None:
    network, layer, unit = best_unit(_report(study))
    print(f"The HIT is that of {network}, {layer}, unit {unit}.", file=sys.stderr)
    hit = _hit(study, network, layer, unit)
    with served(_data_dir(), free_port()) as address, _chromium() as browser:
        take(browser, address, study, hit, FOLDER)


def best_unit(report: dict[str, Any]) -> tuple[str, str, int]:
    """The unit that best shows what a HIT is: (network, layer, unit number).

    It is the unit of highest precision among the object detectors, else among those with a
    consensus; in the deepest layer if there is a tie.
    """
    candidates = [
        (*_is_telling(unit, report["threshold"]), unit["precision"], depth)
        + (network["name"], layer["name"], unit)
        for network in report["networks"]
        for depth, layer in enumerate(network["layers"])
        for unit in layer["unit_results"]
    ]
    if not candidates:
        sys.exit(f"Study {report['study']} has no answers yet. Run: make demo SERVE=no")
    *_, network, layer, unit = max(candidates, key=lambda candidate: candidate[:4])
    return network, layer, unit["unit"]


def _is_telling(unit: dict[str, Any], threshold: float) -> tuple[bool, bool]:
    """Whether a unit is an object detector, and whether it has a consensus."""
    consensus = unit["has_consensus"]
    is_object = consensus and unit["group"] == OBJECT
    return is_object and unit["precision_under_consensus"] > threshold, consensus


def take(browser: Browser, address: str, study: str, hit: "Hit", folder: Path) -> None:
    """Take the pictures from a running service; the browser has a requester's access.

    Args:
        hit: whose page and whose unit are shown.
    """
    from django.urls import reverse

    folder.mkdir(exist_ok=True)
    with browser.new_context(
        viewport=SIZE, device_scale_factor=1, color_scheme="light", reduced_motion="reduce"
    ) as context:
        page = context.new_page()

        def shoot(name: str, path: str) -> None:
            page.goto(address + path, wait_until="networkidle")
            (folder / f"{name}.png").write_bytes(small(page.screenshot()))

        shoot("hit", f"/studies/{study}/preview/?hit={hit.key}")
        shoot("report", f"/results/{study}/")
        shoot("unit", reverse("unit", args=[study, hit.unit_id]))
        chart = page.request.get(f"{address}/results/{study}/figures/classes.png")
        (folder / "classes.png").write_bytes(small(narrowed(chart.body())))


def narrowed(png: bytes) -> bytes:
    """The same picture, CHART_PX wide."""
    picture, file = Image.open(io.BytesIO(png)), io.BytesIO()
    size = (CHART_PX, round(picture.height * CHART_PX / picture.width))
    picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


def small(png: bytes) -> bytes:
    """The same picture in at most MAX_BYTES, with fewer colors if necessary."""
    if len(png) <= MAX_BYTES:
        return png
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colors in (256, 128, 64, 32, 16):
        file = io.BytesIO()
        picture.quantize(colors).save(file, "PNG", optimize=True)
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise ValueError(f"A picture of {len(png)} bytes does not fit into {MAX_BYTES}.")


def _report(study: str) -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    django.setup()
    from annotator.models import Study
    from annotator.results.output.as_json import as_json
    from annotator.results.report.report import report_of

    row = Study.objects.filter(name=study).first()
    if row is None:
        sys.exit(f"There is no study {study!r} in {_data_dir()}. Run: make demo SERVE=no")
    return as_json(report_of(row))


def _hit(study: str, network: str, layer: str, unit: int) -> "Hit":
    from annotator.models import Hit

    return Hit.objects.get(
        unit__layer__network__study__name=study,
        unit__layer__network__name=network,
        unit__layer__name=layer,
        unit__number=unit,
    )


def _data_dir() -> Path:
    from django.conf import settings

    return settings.DATA_DIR


@contextmanager
def _chromium() -> Iterator[Browser]:
    flags = CHROMIUM_FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=flags)
        yield browser
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:2])
