"""Receptive fields of layers in px: by arithmetic, and as occlusion finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from dissect.errors import ImagesError
from dissect.front_door.arguments import (
    AUTO,
    AnyDirections,
    AnyNetwork,
    Device,
    layer_names,
    opened,
    stage,
    units_of,
)
from dissect.front_door.results import Result, Row, counted, drawn, number, skipped_images
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.receptive_fields.empirical import DEFAULT_TOP_IMAGES, EmpiricalFields, empirical_fields
from dissect.receptive_fields.occluders import (
    CONSTANT_FILLS,
    DEFAULT_SIZE,
    DEFAULT_STRIDE,
    Occluders,
)
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.render.field_pictures import FieldRow, field_rows, field_sheet
from dissect.topk.batches import StageProgress
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking


@dataclass(frozen=True)
class LayerFields:
    """The receptive fields of a layer.

    Attributes:
        theoretical: what could reach a cell: `size` (height, width) and stride in px; `whole` where
            nothing bounds it, so that it is the whole image.
        empirical: of some units, as occlusion finds them: `sizes[0.5]` (units,) in px, `maps`
            (units, top images, rows, columns) of the discrepancies; None where nobody asked.
        top: the top images of all units of the layer, (units, top images), that were occluded.
    """

    theoretical: Field
    empirical: EmpiricalFields | None = None
    top: Ranking | None = field(default=None, repr=False)


@dataclass(frozen=True, repr=False)
class ReceptiveFields(Result):
    """The receptive fields of some layers of a network.

    Attributes:
        layers: by name.
        occluders: what hid each place; px of its side and from one place to the next.
        top_images: over how many of a unit's top images its field is averaged.
        images: where these were looked for; None where only theoretical fields were asked for.
        skipped: path to the reason why an image could not be read.
    """

    network: str
    layers: Mapping[str, LayerFields]
    occluders: Occluders
    top_images: int
    images: ImageList | None
    preprocessing: Preprocessing
    skipped: Mapping[str, str]

    @property
    def is_quick(self) -> bool:
        """Whether these are quick fields, which belong in no table with others."""
        return self.top_images < DEFAULT_TOP_IMAGES

    def rows(self) -> list[Row]:
        """A row for each layer; sizes in px, mean and sd over units with a size."""
        return [_row(name, one) for name, one in self.layers.items()]

    def summary(self) -> str:
        text = f"of {counted(len(self.layers), 'layer')} of {self.network}, px"
        if any(one.empirical for one in self.layers.values()):
            text += f"; {self.top_images} top images a unit, occluder {self.occluders.size} px, "
            text += f"stride {self.occluders.stride} px, fill {self.occluders.fill}"
            text += ", a quick field" if self.is_quick else ""
        return text

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({
            f"{name}: average maps, and top images within them": field_sheet(self.drawn(name))
            for name, one in self.layers.items()
            if one.empirical
        })  # fmt: skip

    def drawn(self, layer: str) -> list[FieldRow]:
        """The measured fields of a layer's first 8 units as rows of pictures; none unmeasured."""
        one = self.layers[layer]
        if one.empirical is None or one.top is None or self.images is None:
            return []
        return field_rows(
            layer, one.empirical, one.theoretical, one.top, self.images, self.preprocessing,
            self.occluders,
        )  # fmt: skip


def _row(layer: str, fields: LayerFields) -> Row:
    theory, measured = fields.theoretical, fields.empirical
    height, width = theory.size
    return {
        "layer": layer,
        "height": height,
        "width": width,
        "whole": theory.whole,
        "empirical": number(measured.mean()) if measured else None,
        "sd": number(measured.spread()) if measured else None,
        "corrected": number(measured.corrected_mean()) if measured else None,
        "units": measured.count() if measured else None,
        "cut": int(measured.cut.sum()) if measured else None,
    }


def receptive_field(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages | None = None,
    *,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    top_images: int = DEFAULT_TOP_IMAGES,
    occluder: int = DEFAULT_SIZE,
    stride: int = DEFAULT_STRIDE,
    fill: str = CONSTANT_FILLS,
    seed: int = 0,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> ReceptiveFields:
    """In a notebook or script, find receptive fields: by arithmetic, and as occlusion finds them.

    A small occluder is put at every place of a unit's top images; the maps of how much the
    activation at the peak changes are centered on the peak and averaged. The size of the field is
    the square root of the area above half of the average's maximum.

    >>> fields = receptive_field("dissect.demo.networks:scene_0", ["relu1", "relu5"])
    >>> fields.layers["relu1"].theoretical.size, fields.layers["relu5"].theoretical.size
    ((7, 7), (107, 107))

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: where top images are looked for; None asks for theoretical fields alone.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        top_images: averaged for each unit; fewer than 25 give a quick field.
        occluder: its side in px.
        stride: px from one place to the next.
        fill: what it hides with: "constants" (black, gray and white in turn, combined by root mean
            square), "zero", "mean", "random" or "blur".
        seed: of the noise of "random".
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer the theoretical field (height, width) in px and the empirical sizes (units,)
        in px; NaN for a unit that no occluder changes. Memory: 21 KB a unit and top image.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or its map is one cell.
        ImagesError: there are fewer images that can be read than `top_images`.
        BadSetting: a unit does not exist, or the occluder is larger than the view.

    Source:
        Zhou et al. 2015, arXiv:1412.6856; theoretical: Araujo et al. 2019,
        doi:10.23915/distill.00021.
    """
    names, occluders = layer_names(layers), Occluders(occluder, stride, fill, seed)
    with opened(network, device, directions, names) as (own, chosen):
        fields = {name: LayerFields(one) for name, one in theoretical_fields(own, names).items()}
        listed = None if images is None else images_of(images)
        skipped: dict[str, str] = {}
        if listed is not None:
            _check(listed, top_images)
            occluders.starts(own.preprocessing.crop)  # too large an occluder ends it here
            collected = collect(
                own, names, listed, top_images, device=chosen,
                progress=stage(progress, "forwarding"),
            )  # fmt: skip
            skipped = skipped_images(listed, collected.bad)
            for layer in collected.layers:
                name, theory = layer.info.name, fields[layer.info.name].theoretical
                measured = empirical_fields(
                    own, layer.info, theory, listed, layer.top,
                    units_of(units, layer.info.unit_count, name), occluders,
                    stage(progress, f"occluding for {name}"),
                )  # fmt: skip
                fields[name] = LayerFields(theory, measured, layer.top)
    return ReceptiveFields(
        own.spec, fields, occluders, top_images, listed, own.preprocessing, skipped
    )


def _check(images: ImageList, top_images: int) -> None:
    """Refuse more top images than there are, before the pass over them."""
    if top_images > len(images):
        raise ImagesError(
            f"{images.source} holds {len(images)} images, fewer than the {top_images} top "
            f"images asked for: add images, or take --top-images {len(images)} or less."
        )
