"""The manifest: what was dissected, how, and which files hold the rest.

It is written last, so a folder without a manifest is not a complete dissection. Unknown keys are
kept when a manifest is read and written again.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dissect.errors import BadDissection, UnknownLayer
from dissect.format.names import storable
from dissect.format.picture_list import CENTER, PICTURES_FILE, first_error

FORMAT, SCHEMA_VERSION = "unitscope-dissection", 1
MANIFEST_FILE = "manifest.json"
DIRECTIONS_FILE = "directions.safetensors"
# How regions are found.
BY_FIELD, BY_QUANTILE = "field", "quantile"
OLD_NAMES = {"receptive-field": BY_FIELD, "upsample": BY_QUANTILE}
PICTURE_FOLDER = "pictures"  # of a dissection that holds its own pictures
FileName = Annotated[str, Field(min_length=1, max_length=400)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Size = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _distinct(numbers: Sequence[int]) -> Sequence[int]:
    """Refuse numbers of which one comes twice, with a ValueError."""
    if len(set(numbers)) < len(numbers):
        raise ValueError("a number comes twice")
    return numbers


def segmentation_name(name: Any) -> Any:
    """Translate an older manifest's name of a way to find regions into the name of today."""
    return OLD_NAMES.get(name, name) if isinstance(name, str) else name


class Facts(BaseModel):
    """A part of the manifest. Only values that were set are written, in the order of the fields."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)

    def replaced(self, **values: Any) -> Self:
        """A copy with some values replaced."""
        return self.model_copy(update=values)


class NetworkFacts(Facts):
    """The network, and what its units are.

    Attributes:
        weights_sha256: of the weights' file, or of the network's state if there is no file.
        resize, crop, crop_mode: what the network sees of an image, as `picture_list.View` has it.
        condition: "trained", "untrained", "directions", "random directions" or "random images".
        origin: facts of the condition, such as a seed.
        axes: the options for layers whose axes the network does not tell, from
            `AxisOptions.facts`.
        directions: file and SHA-256 of the directions that are the units, if they are not
            channels.
    """

    spec: str
    name: str
    weights: str = ""
    weights_sha256: str
    input_size: list[int] = []
    resize: Size
    crop: Size
    crop_mode: str = CENTER
    condition: str = "trained"
    origin: dict[str, Any] = {}
    axes: dict[str, Any] = {}
    directions: dict[str, str] | None = None


class SkippedImage(Facts):
    """An image of the list that could not be read."""

    image: str
    reason: str


class ImageFacts(Facts):
    """The image list.

    Attributes:
        sha256: over the lines `path<TAB>bytes<LF>` of the list, in order.
        notes: sentences about files that were ignored.
        copies: by the place of an image, the places of images left out because they look the same
            to the network.
    """

    source: str
    count: Count
    sha256: str
    skipped: list[SkippedImage] = []
    notes: list[str] = []
    copies: dict[int, list[int]] = {}


class SettingsFacts(Facts):
    """The settings of the dissection.

    Attributes:
        top: images shown for each unit. collected: images found for each unit.
        segment: how regions are found, BY_FIELD, BY_QUANTILE or "imported".
        by: the score that ranks images, "max" or "sum".
        field: how the diameters of discs were measured; None if regions are not discs.
        keep_duplicates: whether every copy of an image was ranked.
        quantile: the quantile of a unit's activations that is its threshold.
        quantile_sample: the number of "images" that it is taken from, and the most "cells" of each
            image's map.
    """

    top: Size
    segment: Annotated[str, BeforeValidator(segmentation_name)]
    by: str = "max"
    field: dict[str, Any] | None = None
    keep_duplicates: bool = False
    collected: Count | None = None
    quantile: float | None = None
    quantile_sample: dict[str, int] | None = None
    tile_px: Size | None = None
    zoom_px: Size | None = None
    mask_px: Size | None = None


class LayerFacts(Facts):
    """A layer.

    Attributes:
        unit_count: rows of its table. units: the rows that are units; None for all of them.
        map_size: height and width of a unit's map, in cells.
        table: the file of its numbers. masks: the sheets' files, with {unit} for the number.
        after: the nonlinearity before its output; "" if the output is linear, None if unknown.
        field: the diameter of its discs, and how it was measured; None if regions are not discs.
        latents: whether its units are latents of a sparse autoencoder.
        near_copies: for units that show some, groups of ranks whose pictures look alike.
    """

    name: str
    type: str = ""
    unit_count: Count
    units: Annotated[Sequence[Count], AfterValidator(_distinct)] | None = None
    map_size: tuple[Size, Size]
    table: FileName
    masks: FileName
    after: str | None = None
    field: dict[str, Any] | None = None
    latents: bool = False
    near_copies: dict[int, list[list[int]]] = {}

    @property
    def unit_numbers(self) -> Sequence[int]:
        return self.units or range(self.unit_count)

    def sheet(self, unit: int) -> str:
        """The file of a unit's sheet of masks."""
        return self.masks.replace("{unit}", str(unit))


class Manifest(Facts):
    """A dissection.

    Attributes:
        fingerprint: what the last digits of an activation depend on.
        pictures: the file that lists the pictures.
        picture_folder: the folder with the pictures, relative to the manifest. The service has one
            such folder for all its dissections.
        random_images: places of images drawn at random, whatever their scores, in the order drawn.
    """

    format: str = FORMAT
    schema_version: int = SCHEMA_VERSION
    created_by: str = ""
    network: NetworkFacts
    images: ImageFacts
    settings: SettingsFacts
    fingerprint: dict[str, Any] = {}
    pictures: FileName = PICTURES_FILE
    picture_folder: str = Field(default=PICTURE_FOLDER, pattern=r"^(\.\./)*pictures$")
    random_images: list[Count] = []
    layers: list[LayerFacts] = Field(min_length=1)

    def layer(self, name: str) -> LayerFacts:
        """The layer with a name.

        Raises:
            UnknownLayer: the dissection has no such layer.
        """
        layers = {layer.name: layer for layer in self.layers}
        if name not in layers:
            raise UnknownLayer(name, layers)
        return layers[name]


class LayerFiles(NamedTuple):
    """The names of a layer's files; `masks` has {unit} for the unit's number."""

    table: str
    masks: str

    @classmethod
    def numbered(cls, number: int) -> Self:
        """The file names that this version writes, by the layer's number in the manifest."""
        return cls(f"layers/{number}.npz", f"masks/{number}/{{unit}}.png")


def _texts(data: object) -> Iterator[str]:
    """Every text in JSON, keys included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _texts(value)


def encode_manifest(manifest: Manifest) -> bytes:
    always = {"format": FORMAT, "schema_version": SCHEMA_VERSION}
    return json.dumps(always | manifest.as_json(), indent=1).encode()


def decode_manifest(content: bytes) -> Manifest:
    """Read a dissection's manifest from JSON.

    Raises:
        BadDissection: it is not JSON, has another format or version, or lacks something. The
            message is a sentence without its subject, the place of the dissection.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadDissection(f"has a manifest that is not JSON: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise BadDissection(
            f"has schema version {str(version)[:40]}; this Unitscope reads version "
            f"{SCHEMA_VERSION}."
        )
    if data.get("format") != FORMAT:
        raise BadDissection(f"has format {str(data.get('format'))[:40]!r}, not {FORMAT!r}.")
    for text in _texts(data):
        if storable(text) != text:
            raise BadDissection(f"has text that cannot be stored: {ascii(text)[:80]}.")
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise BadDissection(f"has a manifest that cannot be used: {first_error(error)}") from error
