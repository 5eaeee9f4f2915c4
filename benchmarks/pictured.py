"""A study of many units with stored pictures and masks, and its site: time, size and memory.

`python -m benchmarks.pictured STEP UNITS` runs one step in an installation of its own.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.peak import peak_mb
from benchmarks.row import Row, at_most, seconds

UNITS = 10_000
MAX_SECONDS, MAX_MB = 60, 200
NAME, PICTURES, TOPS, MASKS = "pictured", 1_000, 5, 60
PICTURE_PX = 224  # as dissections store them
SHEETS = 50  # different ones; every unit has a file of its own


def measure() -> list[Row]:
    """Build the study and write its site, each step in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        figures = site_figures(Path(folder), UNITS)
    return [
        at_most(
            f"site of {UNITS:,} units with five tiles each: seconds",
            figures["seconds"],
            MAX_SECONDS,
        ),
        at_most(f"site of {UNITS:,} units with five tiles each: MB", figures["mb"], MAX_MB),
    ]


def site_figures(folder: Path, unit_count: int) -> dict[str, Any]:
    """Make the study in an installation in a folder, and its site in folder/site: its figures."""
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "DEBUG": "True"}
    environment |= {"DATABASE_URL": "", "STORAGE_URL": ""}
    figures: dict[str, Any] = {}
    for step in ("build", "site"):
        command = [sys.executable, "-m", "benchmarks.pictured", step, str(unit_count), str(folder)]
        process = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        print(step, process.stdout.strip(), file=sys.stderr, flush=True)
        figures |= json.loads(process.stdout)
    return figures


def build(unit_count: int, folder: Path) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    return {"build_seconds": seconds(lambda: pictured_study(unit_count))}


def pictured_study(unit_count: int) -> None:
    """A study of ten layers; each unit has five answers, and five pictures with their masks."""
    from annotator.models import Exemplar, Image, Study
    from benchmarks.crowded import answer_units, make_units

    study = Study.objects.create(
        name=NAME, top_count=TOPS, may_publish_pictures=True, tile_view=Study.TileView.CROP
    )
    files = [f"{n}.jpg" for n in range(min(PICTURES, unit_count * TOPS))]
    images = Image.objects.bulk_create(
        Image(study=study, place=n, path=file, tile=file, zoom=file) for n, file in enumerate(files)
    )
    units = make_units(study, unit_count // 10)
    answer_units(study, units)
    Exemplar.objects.bulk_create(
        (
            Exemplar(
                unit=unit,
                image=images[(unit.number * 7 + unit.layer_id * 13 + rank * 101) % len(images)],
                role="top",
                rank=rank + 1,
                score=TOPS - rank,
                peak_y=3,
                peak_x=3,
                mask=rank,
                coverage=0.1,
                tile="cut.jpg",
                box_left=0.3,
                box_top=0.3,
                box_side=0.4,
            )
            for unit in units
            for rank in range(TOPS)
        ),
        batch_size=2000,
    )
    _store_files(files, units)


def _store_files(pictures: list[str], units: Any) -> None:
    """Store the pictures, and a sheet of masks for each unit."""
    from annotator.models import Network
    from annotator.storage import keep
    from dissect.format.masks import encode_sheet

    for number, file in enumerate(pictures):
        keep(f"pictures/{file}", lambda number=number: picture(number, PICTURE_PX))
    layers = [f"layer{depth}" for depth in range(5)]
    manifest = {"layers": [{"name": name, "masks": name + "/{unit}.png"} for name in layers]}
    for network in Network.objects.all():
        folder = f"dissections/{network.position}"
        Network.objects.filter(pk=network.pk).update(dissection=folder, manifest=manifest)
    sheets = [encode_sheet(regions(seed)) for seed in range(SHEETS)]
    for unit in units:
        file = f"dissections/{unit.layer.network.position}/{unit.layer.name}/{unit.number}.png"
        keep(file, lambda unit=unit: sheets[unit.number % SHEETS])


def picture(seed: int, side: int) -> bytes:
    """A JPEG whose frequencies fall off as 1/f^1.4: tiles of it are as large as of photographs.

    Five tiles on a strip have 10.6 to 11.4 KB, and 10.3 to 10.6 KB where they are made of 300
    photographs.
    """
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(random.normal(size=(3, side, side)))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    waves = np.fft.irfft2(spectrum / np.maximum(frequency, 1 / side) ** 1.4)
    waves /= waves.std()
    grey = waves[0] + 0.3 * waves  # (3, side, side): colors differ less than brightness does
    levels = 128 + 55 * (grey - grey.mean()) / grey.std()
    content = io.BytesIO()
    pixels = levels.clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(pixels).save(content, "JPEG", quality=85)
    return content.getvalue()


def regions(seed: int) -> Any:
    """A sheet's masks, (MASKS, side, side): two discs in each."""
    import numpy as np

    from dissect.format.masks import MASK_PX

    random = np.random.default_rng(seed)
    y, x = np.mgrid[:MASK_PX, :MASK_PX] / MASK_PX
    centres = random.uniform(0.2, 0.8, (MASKS, 2, 2, 1, 1))
    near = (y - centres[:, :, 0]) ** 2 + (x - centres[:, :, 1]) ** 2 < 0.15**2
    return near.any(axis=1)


def site(unit_count: int, folder: Path) -> dict[str, Any]:
    from annotator.models import Study
    from annotator.results.output.figures.page_figures import figures_in
    from annotator.results.output.site.folder import write_site
    from annotator.tasks import current_snapshot

    study = Study.objects.get(name=NAME)
    snapshot_seconds = seconds(lambda: figures_in(current_snapshot(study)))
    snapshot = current_snapshot(study)
    start = _cpu_seconds()
    duration = seconds(lambda: write_site(study, snapshot, folder / "site"))
    cpu = _cpu_seconds() - start
    paths = [path for path in (folder / "site").rglob("*") if path.is_file()]
    return {
        "snapshot_seconds": snapshot_seconds,
        "seconds": duration,
        "cpu_seconds": cpu,
        "mb": sum(path.stat().st_size for path in paths) / 1e6,
        "strips_mb": sum(p.stat().st_size for p in paths if p.suffix == ".jpg") / 1e6,
        "files": len(paths),
        "peak_mb": peak_mb(),
    }


def _cpu_seconds() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
    import django

    django.setup()
    steps = {"build": build, "site": site}
    print(json.dumps(steps[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))))
