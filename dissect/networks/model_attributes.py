"""What a user's model says of its input and output, by attributes.

| attribute | what it is | without it |
|---|---|---|
| input_size | the side in px, (height, width) or (channels, height, width) | 224 |
| resize | the shorter side before the crop, as crop_mode has it | 256 for 224, else input_size |
| mean, std | one number or one a channel, of values from 0 to 1 | 0.5 |
| interpolation | a name of torchvision's, such as "bilinear" | "bicubic" |
| crop_mode | "center", "squash" or "border" | "center" |
| classes | the names of its outputs, in their order | no names |
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from dissect.errors import BadSetting
from dissect.format.picture_list import BORDER, CENTER, SQUASH
from dissect.images.preprocessing import Preprocessing
from dissect.quick_torchvision import InterpolationMode

ATTRIBUTES = ("input_size", "resize", "mean", "std", "interpolation", "crop_mode")
CROP_MODES = (CENTER, SQUASH, BORDER)
MAX_MEAN = 2.0  # anything above is of values from 0 to 255
USUAL_STEPS = ("Resize", "CenterCrop", "Normalize")  # of a Compose
CONVERSIONS = {  # steps that keep the size, and make values from 0 to 1
    "ToTensor", "PILToTensor", "MaybeToTensor", "MaybePILToTensor", "ToImage", "ToDtype",
    "ConvertImageDtype",
}  # fmt: skip


def own_preprocessing(model: nn.Module) -> Preprocessing:
    """Preprocessing from the attributes of a user's model.

    Input of 224 px is cropped from 256 as usual; any other size takes the whole shorter side, so
    that a network for 32 px images sees all of an image.

    Raises:
        BadSetting: an attribute is no such value.
    """
    input_channels, crop = channels_and_side(getattr(model, "input_size", 224))
    mean, std = (_per_channel(model, name) for name in ("mean", "std"))
    own = input_channels or (_input_channels(model) if len(mean) == 1 else 1)
    channels = max(len(mean), len(std), own)
    if channels not in (1, 3, 4):
        raise BadSetting(f"Networks take 1, 3 or 4 channels; this one takes {channels}.")
    if input_channels not in (None, channels):
        raise BadSetting(
            f"The network's input_size has {input_channels} channels, its mean or std {channels}: "
            "give both the same number, or mean and std one number."
        )
    if {len(mean), len(std)} - {1, channels}:
        raise BadSetting(
            f"The network's mean has {len(mean)} numbers and its std {len(std)}: give each one "
            f"number, or {channels}."
        )
    mean, std = (value * channels if len(value) == 1 else value for value in (mean, std))
    if min(std) <= 0 or max(mean) > MAX_MEAN or not all(map(_is_finite, mean + std)):
        raise BadSetting(
            f"The network's mean {mean} and std {std} must be of values from 0 to 1, and std above "
            "0: divide by 255 what is of values from 0 to 255."
        )
    return Preprocessing(
        resize=_resize(model, crop),
        crop=crop,
        crop_mode=_one_of(model, "crop_mode", CROP_MODES, CENTER),
        mean=mean,
        std=std,
        interpolation=InterpolationMode(
            _one_of(model, "interpolation", [mode.value for mode in InterpolationMode], "bicubic")
        ),
    )


def preprocessing_by(transform: Any) -> Preprocessing:
    """Read preprocessing from a transform's attributes: of torchvision's weights, or a Compose.

    Args:
        transform: such as `weights.transforms()`; a Compose of Resize, CenterCrop, ToTensor and
            Normalize, from torchvision or timm; or a Preprocessing, returned as it is.

    Raises:
        BadSetting: it has another step, or does not say the size.
    """
    if isinstance(transform, Preprocessing):
        return transform
    if hasattr(transform, "resize_size") and hasattr(transform, "mean"):
        resize = transform.resize_size[0]
        return Preprocessing(
            resize=resize,
            # Segmenters see a whole image, resized; the view here is the square in its middle.
            crop=getattr(transform, "crop_size", [resize])[0],
            mean=tuple(transform.mean),
            std=tuple(transform.std),
            interpolation=transform.interpolation,
        )
    steps = {type(step).__name__: step for step in getattr(transform, "transforms", ())}
    unknown = [name for name in steps if name not in {*CONVERSIONS, *USUAL_STEPS}]
    if "Resize" not in steps or unknown:
        reason = f"has {', '.join(unknown)}" if unknown else "does not say the size by a Resize"
        raise BadSetting(
            f"The transform {reason}; it is that of torchvision's weights, or a Compose of "
            f"{', '.join(USUAL_STEPS)} and conversions. Otherwise give the model input_size, mean "
            "and std as attributes."
        )
    return _composed(*(steps.get(name) for name in USUAL_STEPS))


def _composed(resize: Any, crop: Any, normalise: Any) -> Preprocessing:
    """Preprocessing of the usual steps; without a crop all of the shorter side is seen."""
    sides, mode = _sides(resize.size), resize.interpolation
    cut = _sides(crop.size if crop is not None else sides)
    if len({*sides}) > 1 or len({*cut}) > 1:
        raise BadSetting(
            f"The transform resizes to {sides} and crops to {cut}; networks are shown square "
            "views of an image."
        )
    return Preprocessing(
        resize=sides[0],
        crop=cut[0],
        crop_mode=SQUASH if len(sides) == 2 else CENTER,
        mean=tuple(map(float, normalise.mean)) if normalise is not None else (0.0, 0.0, 0.0),
        std=tuple(map(float, normalise.std)) if normalise is not None else (1.0, 1.0, 1.0),
        interpolation=InterpolationMode(getattr(mode, "value", mode)),
    )


def _sides(size: Any) -> tuple[int, ...]:
    return tuple(int(side) for side in size) if hasattr(size, "__iter__") else (int(size),)


def own_classes(model: nn.Module) -> tuple[str, ...]:
    """Read what a user's model says of its output: attribute `classes`, a sequence or a dictionary.

    Raises:
        BadSetting: they are neither.
    """
    classes = getattr(model, "classes", ())
    if isinstance(classes, Mapping) and sorted(map(str, classes)) == sorted(
        map(str, range(len(classes)))
    ):
        by_number = {int(number): name for number, name in classes.items()}
        classes = [by_number[number] for number in range(len(by_number))]
    if isinstance(classes, (str, Mapping)) or not hasattr(classes, "__iter__"):
        raise BadSetting(
            f"The network's classes are a sequence of names, or a dictionary from 0 on, not "
            f"{str(classes)[:60]!r}."
        )
    return tuple(str(name) for name in classes)


def channels_and_side(size: Any) -> tuple[int | None, int]:
    """Channels and side in px of a network's input, from its attribute input_size.

    >>> channels_and_side(64), channels_and_side((64, 64)), channels_and_side((1, 64, 64))
    ((None, 64), (None, 64), (1, 64))

    Args:
        size: the side, or (height, width), or (channels, height, width).

    Raises:
        BadSetting: it is none of these, or its sides are unequal.
    """
    try:
        numbers = [int(number) for number in (size if hasattr(size, "__iter__") else [size])]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 2, 3) or min(numbers) < 1:
        raise BadSetting(
            f"A network's input_size is its side in px, (height, width) or (channels, height, "
            f"width), not {size!r}."
        )
    if len(numbers) > 1 and numbers[-2] != numbers[-1]:
        raise BadSetting(
            f"The network's input_size is {tuple(numbers)}, {numbers[-2]} x {numbers[-1]} px; "
            "networks are shown square views of an image. Give it a square input_size, and let it "
            "cut what it needs from that in its forward."
        )
    return (numbers[0] if len(numbers) == 3 else None), numbers[-1]


def _per_channel(model: nn.Module, name: str) -> tuple[float, ...]:
    value = getattr(model, name, 0.5)
    try:
        return tuple(torch.as_tensor(value, dtype=torch.float64).flatten().tolist())
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadSetting(
            f"The network's {name} is one number, or one a channel, not {str(value)[:60]!r}."
        ) from error


def _is_finite(value: float) -> bool:
    return abs(value) < float("inf")


def _resize(model: nn.Module, crop: int) -> int:
    resize = getattr(model, "resize", 256 if crop == 224 else crop)
    if not isinstance(resize, int) or resize < crop:
        raise BadSetting(
            f"The network's resize is the shorter side in px before its {crop} px are cropped, at "
            f"least that many, not {str(resize)[:60]!r}."
        )
    return resize


def _one_of(model: nn.Module, name: str, known: Sequence[str], default: str) -> str:
    value = getattr(model, name, default)
    value = getattr(value, "value", value)  # of an InterpolationMode
    if value not in known:
        raise BadSetting(f"The network's {name} is {value!r}; it is one of {', '.join(known)}.")
    return str(value)


def _input_channels(model: nn.Module) -> int:
    """What the first convolution takes, if an image can have so many channels; else 3."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.in_channels:  # 0 where it is lazy
            return module.in_channels if module.in_channels in (1, 3, 4) else 3
    return 3
