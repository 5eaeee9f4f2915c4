import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Normalize, Resize, ToTensor
from torchvision.transforms import functional as F

from dissect.images.preprocessing import Preprocessing
from dissect.render.pictures import view_at


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


def timm_transform(resize, crop, mode, mean):
    """What timm's transform for evaluation does, by torchvision's functions; the first step."""

    def squash(photo):
        return F.center_crop(F.resize(photo, [resize, resize]), [crop, crop])

    def border(photo):
        ratio = max(photo.height / resize, photo.width / resize)
        size = [round(photo.height / ratio), round(photo.width / ratio)]
        resized, fill = F.resize(photo, size), [round(255 * value) for value in mean]
        beyond = [max(crop - side, 0) for side in size]
        padding = [beyond[1] // 2, beyond[0] // 2, (beyond[1] + 1) // 2, (beyond[0] + 1) // 2]
        return F.center_crop(F.pad(resized, padding, fill), [crop, crop])

    return {"squash": squash, "border": border}[mode]


@pytest.mark.parametrize("mode", ["squash", "border"])
@pytest.mark.parametrize("resize", [32, 37])
@pytest.mark.parametrize("size", [(41, 30), (30, 41), (32, 32), (9, 60), (20, 11)])
def test_crop_modes_are_timms(mode, resize, size, photo):
    mean, photo = (0.4, 0.5, 0.6), photo.resize(size)
    shape = Preprocessing(resize, 32, mode, mean, interpolation=InterpolationMode.BILINEAR)

    expected = np.asarray(timm_transform(resize, 32, mode, mean)(photo)).transpose(2, 0, 1)

    assert np.array_equal(shape.pixels(photo).numpy(), expected)


@pytest.mark.parametrize("mode", ["center", "squash", "border"])
@pytest.mark.parametrize("resize", [28, 32, 37])  # the first is smaller than the crop
@pytest.mark.parametrize("size", [(410, 300), (300, 411), (90, 600)])
def test_pictures_show_what_the_network_sees(mode, resize, size, photo):
    """The picture, made as small as the network's view, is the view."""
    shape, photo = Preprocessing(resize, 32, mode), photo.resize(size)

    picture = view_at(photo, shape, 448)
    small = np.asarray(picture.resize((32, 32), Image.Resampling.BICUBIC), dtype=float)

    view = shape.pixels(photo).numpy().transpose(1, 2, 0)
    assert picture.width == picture.height <= max(448, *size)
    assert np.abs(small - view).mean() < 6
    if mode == "border" and size == (90, 600):
        assert (np.asarray(picture)[:, :20] == round(255 * 0.5)).all()


def test_masks_are_seen_as_images_are_and_hold_nothing_beyond_them():
    cells = np.arange(1, 19).reshape(3, 6)
    views = [Preprocessing(12, 12, mode).sampled(cells, 12) for mode in ("squash", "border")]

    doubled, beyond = cells.repeat(2, axis=0).repeat(2, axis=1), np.zeros((3, 12), dtype=int)
    assert views[0].tolist() == cells.repeat(4, axis=0).repeat(2, axis=1).tolist()
    assert views[1].tolist() == np.vstack([beyond, doubled, beyond]).tolist()
