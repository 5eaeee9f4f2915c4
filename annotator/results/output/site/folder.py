"""Writes the site of a study into a folder: all of it, or nothing."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from annotator.models import Layer, Snapshot, Study
from annotator.results.output.exports.bundle import report_text
from annotator.results.output.exports.columns import ExportTable
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import as_csv
from annotator.results.output.exports.registry import REPORTED, reported_table
from annotator.results.output.folders import replaced_folder
from annotator.results.output.html import STATIC, STYLE_SHEETS
from annotator.results.output.paper import as_markdown
from annotator.results.output.site.addresses import site_addresses
from annotator.results.output.site.contents import Site, layer_sources, unit_numbers
from annotator.results.output.site.pages import site_pages
from annotator.results.output.site.search_index import search_index
from annotator.results.output.site.tiles import Strip, drawing
from annotator.results.output.snapshots.stored_reports import full_report

ASSETS = (*STYLE_SHEETS, "site.css", "site-search.js", "icon.svg")


@dataclass(frozen=True)
class SiteFolder:
    """What was written. `strip_count`: units with pictures."""

    page_count: int
    strip_count: int
    bytes: int


def write_site(
    study: Study,
    snapshot: Snapshot,
    folder: Path,
    with_pictures: bool = True,
    progress: Callable[[int], object] | None = None,
) -> SiteFolder:
    """Write the site of a study's snapshot into a folder, which may hold an older site.

    Pictures are in it only where the study's pictures may be published.

    Args:
        with_pictures: False leaves them out in any case.
        progress: is called with the number of units whose pictures were drawn since the last call.

    Raises:
        FolderRefused: the folder holds something else.
        BadDissection: a picture is missing or damaged.
        OSError: a file cannot be written.
    """
    with replaced_folder(folder, "site") as empty:
        return _write(study, snapshot, empty, with_pictures, progress)


def _write(
    study: Study,
    snapshot: Snapshot,
    folder: Path,
    with_pictures: bool,
    progress: Callable[[int], object] | None,
) -> SiteFolder:
    report = full_report(snapshot)
    addresses = site_addresses(report)
    for layer_folder in addresses.folders.values():
        (folder / layer_folder).mkdir(parents=True)
    strips: dict[tuple[int, int], Strip] = {}
    if with_pictures and study.may_publish_pictures:
        for layer in Layer.objects.filter(network__study=study).select_related("network"):
            for number, (sheet, tiles) in layer_sources(layer).items():
                path = folder / addresses.strip(layer.pk, number)
                strips[layer.pk, number] = Strip(str(path), sheet, tiles)
    counts = {key: len(strip.tiles) for key, strip in strips.items()}
    site = Site(study, snapshot, report, addresses, unit_numbers(study), counts)
    page_count = 0
    with drawing(list(strips.values())) as drawn:
        for address, html in site_pages(site):
            (folder / address).write_text(html, encoding="utf-8")
            page_count += 1
        for count in drawn:
            if progress:
                progress(count)
    _write_files(folder, site)
    return SiteFolder(page_count, len(strips), sum(map(_size, _files(folder))))


def _write_files(folder: Path, site: Site) -> None:
    """Write everything that is neither a page nor a picture: styles, search, data."""
    assets, data = folder / "assets", folder / "data"
    assets.mkdir()
    data.mkdir()
    for name in ASSETS:
        shutil.copyfile(STATIC / name, assets / name)
    index = search_index(site.report, site.addresses, site.numbers, site.tile_counts)
    (assets / "units.js").write_text(index, encoding="ascii")
    (data / "report.json").write_text(report_text(site.report), encoding="utf-8")
    (data / "datasheet.md").write_text(data_sheet(site.study, site.snapshot), encoding="utf-8")
    (data / "methods.md").write_text(as_markdown(site.study, site.snapshot), encoding="utf-8")
    for name in REPORTED:
        _write_table(data / f"{name}.csv", reported_table(name, site.report))
    _write_table(data / "dictionary.csv", _published(dictionary(site.study, site.snapshot)))
    (folder / ".nojekyll").touch()  # GitHub Pages else leaves out folders such as _blocks.10


def _published(table: ExportTable) -> ExportTable:
    """The dictionary without the tables that a site does not hold."""
    return ExportTable(
        table.name,
        table.row,
        table.columns,
        lambda: (row for row in table.rows() if row[0] in REPORTED),
    )


def _write_table(path: Path, table: ExportTable) -> None:
    with path.open("wb") as file:
        file.writelines(as_csv(table))


def _files(folder: Path) -> Iterable[os.DirEntry[str]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        else:
            yield entry


def _size(entry: os.DirEntry[str]) -> int:
    return entry.stat().st_size
