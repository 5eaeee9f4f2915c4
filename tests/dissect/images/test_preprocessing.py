import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Normalize, Resize, ToTensor

from dissect.images.preprocessing import Preprocessing


@pytest.fixture
def photo():
    values = np.random.default_rng(0).integers(0, 256, (30, 41, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((410, 300), Image.Resampling.BICUBIC)


def test_preprocessing_is_torchvisions_to_the_bit(photo):
    bicubic = Resize(256, interpolation=InterpolationMode.BICUBIC)
    expected = Normalize([0.4, 0.5, 0.6], [0.2, 0.3, 0.4])(
        ToTensor()(CenterCrop(224)(bicubic(photo)))
    )
    shape = Preprocessing(mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))

    assert torch.equal(shape.normalise(shape.pixels(photo)[None])[0], expected)


@pytest.mark.parametrize("size", [(410, 300), (300, 411), (256, 256), (37, 900)])
def test_the_box_is_what_the_crop_shows(size):
    """A ramp over the image: its values at the crop's edges are the box's edges."""
    shape = Preprocessing()
    left, top, right, bottom = shape.box(*size)
    ramp = np.linspace(0, size[0], size[0] * 4, endpoint=False, dtype=np.float32)
    wide = Image.fromarray(np.tile(ramp[::4][: size[0]], (size[1], 1)))  # value = x
    crop = CenterCrop(224)(Resize(256, interpolation=InterpolationMode.BILINEAR)(wide))
    across = np.asarray(crop)[112]

    step = (right - left) / 224
    assert across[5] == pytest.approx(left + 5.5 * step - 0.5, abs=step)
    assert across[-6] == pytest.approx(right - 5.5 * step - 0.5, abs=step)
    assert 0 <= round(top, 6) < bottom <= size[1] + 1e-6
