"""The top images of units as tiles, each with its region lit.

The masks of a published unit are on the sheet of its HIT; before that, they are in the dissection.
A tile shows what annotators saw, or the other view: the whole picture where they saw a crop, and
the crop where they saw the whole picture. A crop that is no file is the picture and its mask, both
enlarged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.regions import why_whole
from annotator.models import Exemplar, Study, Unit
from annotator.storage.deadline import open_in_time
from dissect.errors import BadDissection
from dissect.format.masks import SHEET_COLUMNS, decode_sheet, encode_overlay
from dissect.format.tiles import INSET_SHARE, WHOLE, Box

View = Study.TileView
WINDOW_PX = 112  # side of the window in which a page shows a mask


@dataclass(frozen=True)
class Inset:
    """The whole picture in a corner of a tile that is cut from it, with the frame of the crop.

    Attributes:
        picture: its URL.
        x, y, width: where it lies in the window of WINDOW_PX.
        left, top, side: of the crop, in hundredths of the picture.
    """

    picture: str
    x: float
    y: float
    width: float
    left: float
    top: float
    side: float


@dataclass(frozen=True)
class Placed:
    """Where a square picture lies in a window of WINDOW_PX: its left and top edge and its side."""

    x: float = 0
    y: float = 0
    width: float = WINDOW_PX


@dataclass(frozen=True)
class Tile:
    """One picture with its mask, cut as the HIT cuts it.

    Attributes:
        placed: where the picture lies in a window of WINDOW_PX.
        sheet: URL of the sheet of masks; empty where the picture is shown whole.
        x, y, width: where the sheet lies so that this mask fills a window of WINDOW_PX.
        inset: the whole picture, if the tile shows a part of it.
        why_whole: why no region is lit; empty where one is.
        fit_count: answers that left it unmarked, of `fit_of` that judged it.
    """

    key: str
    rank: int
    tile: str
    zoom: str
    path: str
    score: float
    sheet: str
    x: float
    y: float
    width: float
    placed: Placed
    inset: Inset | None = None
    why_whole: str = ""
    fit_share: float | None = None
    fit_count: int | None = None
    fit_of: int | None = None

    @property
    def rank_text(self) -> str:
        return str(self.rank)

    @property
    def is_disputed(self) -> bool:
        """Whether some answers marked it as not fitting, and others did not."""
        return self.fit_count is not None and 0 < self.fit_count < (self.fit_of or 0)

    @property
    def fit_step(self) -> int | None:
        """The fit share in tenths, 0..10: the color of the frame."""
        return None if self.fit_share is None else round(10 * self.fit_share)


def tiles_of(
    units: Iterable[Unit],
    top: int,
    fits: Mapping[int, tuple[int, int]] | None = None,
    view: str | None = None,
) -> dict[int, list[Tile]]:
    """Load the exemplar tiles of some units by rank, grouped by unit, in one query.

    Args:
        units: with their HITs and their layer's network already loaded.
        top: pictures a unit, at most.
        fits: exemplar to (answers that left it unmarked, answers that judged it).
        view: a TileView; None is that of the HIT.
    """
    by_pk = {unit.pk: unit for unit in units}
    tiles: dict[int, list[Tile]] = {pk: [] for pk in by_pk}
    exemplars = Exemplar.objects.filter(unit__in=by_pk, role=Exemplar.Role.TOP, rank__lte=top)
    for exemplar in exemplars.select_related("image").order_by("rank"):
        unit = by_pk[exemplar.unit_id]
        tiles[unit.pk].append(tile_of(exemplar, unit, (fits or {}).get(exemplar.pk), view))
    return tiles


def tile_of(
    exemplar: Exemplar,
    unit: Unit,
    fit: tuple[int, int] | None = None,
    view: str | None = None,
) -> Tile:
    """The tile of one exemplar of a unit: its picture with its region lit.

    Args:
        unit: with its HIT and its layer's network already loaded.
        fit: (answers that left it unmarked, answers that judged it).
        view: a TileView; None is that of the HIT.
    """
    is_uncut = view == View.FULL and bool(exemplar.tile)
    is_enlarged = view == View.CROP and not exemplar.tile and not exemplar.box.is_whole
    box = exemplar.box if is_enlarged else WHOLE
    sheet, columns, place = _sheet(exemplar, unit, is_uncut)
    mask = _placed(box, place, columns)
    file = exemplar.image.tile if is_uncut else exemplar.tile_file
    return Tile(
        key=f"m{exemplar.pk}",
        rank=exemplar.rank,
        tile=reverse("picture", args=[exemplar.image.zoom if is_enlarged else file]),
        zoom=reverse("picture", args=[exemplar.image.zoom]),
        path=exemplar.image.path,
        score=exemplar.score,
        sheet=sheet,
        x=mask.x,
        y=mask.y,
        width=mask.width,
        placed=_placed(box),
        inset=_inset(exemplar) if is_enlarged or (exemplar.tile and not is_uncut) else None,
        why_whole=why_whole(exemplar),
        fit_share=fit[0] / fit[1] if fit and fit[1] else None,
        fit_count=fit[0] if fit else None,
        fit_of=fit[1] if fit else None,
    )


def _sheet(exemplar: Exemplar, unit: Unit, is_uncut: bool) -> tuple[str, int, int]:
    """The sheet with the mask of a tile: its URL, or an empty one, its columns, and the place."""
    hit = unit.hit
    if exemplar.coverage <= 0:  # without a region it would be dimmed all over
        return "", 1, 0
    if hit is not None and hit.masks and exemplar.slot is not None and not is_uncut:
        return reverse("sheet", args=[hit.masks]), hit.mask_columns, exemplar.slot
    if unit.layer.network.dissection:
        return reverse("unit_masks", args=[unit.pk]), SHEET_COLUMNS, exemplar.mask
    return "", 1, 0


def _placed(box: Box, place: int = 0, columns: int = 1) -> Placed:
    """Where a sheet lies so that a box of one of its cells fills the window.

    A picture is a sheet of one cell.
    """
    if box.is_whole:
        return Placed(-WINDOW_PX * (place % columns), -WINDOW_PX * (place // columns),
                      WINDOW_PX * columns)  # fmt: skip
    cell = WINDOW_PX / box.side
    x, y = cell * (place % columns + box.left), cell * (place // columns + box.top)
    return Placed(round(-x, 2), round(-y, 2), round(cell * columns, 2))


def _inset(exemplar: Exemplar) -> Inset | None:
    box, width = exemplar.box, round(INSET_SHARE * WINDOW_PX, 1)
    if box.is_whole:
        return None
    left, top, side = (round(100 * share, 1) for share in box)
    x, y = (WINDOW_PX - width) * box.inset_corner, WINDOW_PX - width
    picture = reverse("picture", args=[exemplar.image.tile])
    return Inset(picture, x, y, width, left, top, side)


def dissected_masks(unit: Unit) -> bytes:
    """The masks over a unit's exemplar tiles: the sheet in its dissection that lights the regions.

    It is a PNG in which only regions are opaque.

    Raises:
        FileNotFoundError: the network was not dissected in this service.
        DissectionError: the sheet is damaged.
    """
    network = unit.layer.network
    layers = {layer["name"]: layer for layer in network.manifest.get("layers", [])}
    if unit.layer.name not in layers:
        raise FileNotFoundError(
            _("%(network)s has no dissection of %(layer)s.")
            % {"network": network, "layer": unit.layer}
        )
    name = layers[unit.layer.name]["masks"].replace("{unit}", str(unit.number))
    with open_in_time(f"{network.dissection}/{name}") as file:
        content = file.read()
    try:
        return encode_overlay(decode_sheet(content), SHEET_COLUMNS)
    except BadDissection as error:
        raise DissectionError(
            _(
                "The masks of %(unit)s of %(layer)s of %(network)s cannot be drawn: "
                "%(error)s Restore %(name)s of %(dissection)s from a backup, or dissect the "
                "network again."
            )
            % {
                "unit": unit,
                "layer": unit.layer,
                "network": network,
                "error": error,
                "name": name,
                "dissection": network.dissection,
            }
        ) from error
