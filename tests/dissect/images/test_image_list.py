import numpy as np
import pytest
from PIL import Image

from dissect.errors import ImagesError
from dissect.images.decoding import read_image


def saved(path, size=(8, 6), mode="RGB", color=0, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)
    return path


def test_exif_turns_the_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    path = saved(tmp_path / "turned.jpg", size=(40, 20), exif=exif)

    assert read_image(path).size == (20, 40)


@pytest.mark.parametrize(
    ("name", "mode", "color"),
    [
        ("grey.png", "L", 100),
        ("deep.png", "I;16", 100 * 257),
        ("palette.png", "P", 100),
        ("clear.png", "RGBA", (100, 100, 100, 255)),
        ("print.jpg", "CMYK", (0, 0, 0, 155)),
        ("bits.png", "1", 1),
    ],
)
def test_every_mode_becomes_rgb(tmp_path, name, mode, color):
    image = Image.new(mode, (8, 6), color)
    if mode == "P":
        image.putpalette([value for shade in range(256) for value in (shade,) * 3])
    image.save(tmp_path / name)

    result = read_image(tmp_path / name)

    assert (result.mode, result.size) == ("RGB", (8, 6))
    shade = 255 if mode == "1" else 100
    assert np.abs(np.asarray(result).astype(int) - shade).max() <= 2


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])

    assert read_image(tmp_path / "film.gif").getpixel((0, 0)) == (255, 0, 0)


def test_a_picture_too_large_to_be_real_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path / "huge.png", size=(40, 30))
    monkeypatch.setattr("dissect.images.memory.MAX_PIXELS", 1199)

    with pytest.raises(ImagesError, match=r"40 x 30 is above 1,199 pixels"):
        read_image(path)
