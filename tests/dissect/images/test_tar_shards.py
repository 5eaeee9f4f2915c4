"""Images in tar shards: the same pictures as unpacked, and a sentence for every broken tar."""

import gzip
import io
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from tests.dissect.images.test_image_list import saved

LONG = "a/" * 60 + "x" * 120 + ".png"  # beyond what a header holds


@pytest.fixture
def unpacked(tmp_path):
    """20 pictures in a folder, each of its own color."""
    folder = tmp_path / "unpacked"
    for number in range(20):
        saved(folder / f"{number:02d}.png", size=(8 + number, 6), color=(number, 0, 0))
        (folder / f"{number:02d}.cls").write_text("3")
    return folder


def tar(path, folder, names, form=tarfile.USTAR_FORMAT):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=form) as shard:
        for name in names:
            shard.add(folder / name, name)
    return path


@pytest.fixture
def shards(tmp_path, unpacked):
    """The same in three shards, WebDataset's way."""
    names = sorted(path.name for path in unpacked.iterdir())
    for number in range(3):
        tar(
            tmp_path / f"shards/s-{number:02d}.tar", unpacked, names[16 * number : 16 * number + 16]
        )
    return tmp_path / "shards"


def test_shards_give_the_pictures_of_the_unpacked_folder(shards, unpacked):
    apart, whole = find_images(shards), find_images(unpacked)

    assert apart.paths[0] == "s-00.tar/00.png"
    assert [path.split("/")[1] for path in apart.paths] == list(whole.paths)
    for place in range(20):
        assert np.array_equal(apart.open(place), whole.open(place))


def test_a_folder_a_pattern_and_a_single_shard_name_images_alike(shards):
    folder = find_images(shards)
    pattern = find_images(f"{shards}/s-{{00..02}}.tar")
    first = find_images(shards / "s-00.tar")

    assert (pattern.paths, pattern.sha256) == (folder.paths, folder.sha256)
    assert first.paths == folder.paths[:8]


def test_a_folder_with_images_and_shards_gives_its_images(shards):
    saved(shards / "one.png")

    assert find_images(shards).paths == ("one.png",)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_any_dialect_of_tar_is_read(tmp_path, unpacked, form):
    names = ["00.png", "é.png", LONG if form != tarfile.USTAR_FORMAT else "b.png"]
    for name in names[1:]:
        saved(unpacked / name, size=(5, 5))
    result = find_images(tar(tmp_path / "s.tar", unpacked, names, form))

    assert set(result.paths) == {f"s.tar/{name}" for name in names}
    assert {result.open(place).size for place in range(3)} == {(8, 6), (5, 5)}


def test_links_inside_a_tar_are_followed_circles_and_pipes_are_not(tmp_path, unpacked):
    with tarfile.open(tmp_path / "s.tar", "w") as shard:
        shard.add(unpacked / "00.png", "deep/real.png")
        for name, kind, target in [
            ("hard.png", tarfile.LNKTYPE, "deep/real.png"),
            ("deep/soft.png", tarfile.SYMTYPE, "../hard.png"),
            ("gone.png", tarfile.SYMTYPE, "nothing.png"),
            ("a.png", tarfile.SYMTYPE, "b.png"),
            ("b.png", tarfile.SYMTYPE, "a.png"),
            ("pipe.png", tarfile.FIFOTYPE, ""),
        ]:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            shard.addfile(member)

    result = find_images(tmp_path / "s.tar")

    assert result.paths == ("s.tar/deep/real.png", "s.tar/deep/soft.png", "s.tar/hard.png")
    assert {result.open(place).size for place in range(3)} == {(8, 6)}


def test_no_name_leads_out_of_a_shard(tmp_path, unpacked):
    with tarfile.open(tmp_path / "s.tar", "w") as shard:
        for name in ["../../up.png", "/root.png", "./here.png"]:
            shard.add(unpacked / "00.png", name)
        # tarfile itself strips a leading slash on the way in
        assert shard.getnames()[0] == "../../up.png"

    assert find_images(tmp_path / "s.tar").paths == (
        "s.tar/here.png", "s.tar/root.png", "s.tar/up.png",
    )  # fmt: skip


def test_the_last_of_two_equal_names_counts_and_a_note_says_so(tmp_path, unpacked):
    with tarfile.open(tmp_path / "s.tar", "w") as shard:
        shard.add(unpacked / "00.png", "x.png")
        shard.add(unpacked / "09.png", "x.png")

    result = find_images(tmp_path / "s.tar")

    assert (len(result), result.open(0).size) == (1, (17, 6))
    assert result.notes == (
        "s.tar holds 1 file with the name of a later one: the later one is read, as tar does.",
    )


def test_a_tar_that_another_program_wrote_is_read(tmp_path, unpacked):
    subprocess.run(["tar", "-C", unpacked, "-cf", tmp_path / "s.tar", "."], check=True)

    assert len(find_images(tmp_path / "s.tar")) == 20


def test_threads_share_a_shard(shards):
    result = find_images(shards)

    with ThreadPoolExecutor(8) as pool:
        widths = list(pool.map(lambda place: result.open(place % 20).width, range(400)))

    assert widths == [8 + place % 20 for place in range(400)]


@pytest.mark.parametrize("name", ["s.tar.gz", "s.tgz", "s.tar"])
def test_a_compressed_tar_is_refused_with_the_way_out(tmp_path, shards, name):
    folder = tmp_path / "compressed"
    folder.mkdir()
    (folder / name).write_bytes(gzip.compress((shards / "s-00.tar").read_bytes()))

    for place in (folder / name, folder):
        with pytest.raises(ImagesError, match=r"is compressed.*decompress it to a plain \.tar"):
            find_images(place)


@pytest.mark.parametrize("kept", [0, 300, 700, 9_000, 16_300])
def test_a_tar_cut_off_anywhere_is_refused(shards, kept):
    whole = (shards / "s-00.tar").read_bytes()
    assert len(whole) > 16_300
    (shards / "s-00.tar").write_bytes(whole[:kept])

    with pytest.raises(ImagesError, match=r"s-00\.tar is (no tar|damaged)"):
        find_images(shards)


def test_a_damaged_header_in_the_middle_is_refused(shards):
    whole = bytearray((shards / "s-00.tar").read_bytes())
    header = whole.index(b"05.png")
    whole[header : header + 200] = b"\xff" * 200
    (shards / "s-00.tar").write_bytes(whole)

    with pytest.raises(ImagesError, match="damaged"):
        find_images(shards)


def test_a_shard_that_shrinks_later_gives_bad_images_not_wrong_ones(shards):
    result = find_images(shards / "s-00.tar")
    with (shards / "s-00.tar").open("r+b") as file:
        file.truncate(9_000)

    with pytest.raises(ImagesError, match=r"s-00\.tar ends before 07\.png does"):
        result.open(7)
    assert result.open(0).size == (8, 6)


def test_bad_bytes_in_a_shard_are_one_bad_image(tmp_path, unpacked):
    (unpacked / "00.png").write_bytes(b"not an image")
    result = find_images(tar(tmp_path / "s.tar", unpacked, ["00.png", "01.png"]))

    with pytest.raises(ImagesError, match="cannot identify image file"):
        result.open(0)
    assert result.open(1).size == (9, 6)


def test_a_pattern_with_a_missing_shard_names_it(shards):
    with pytest.raises(ImagesError, match=r"4 shards, of which 1 are missing.*s-03\.tar"):
        find_images(f"{shards}/s-{{00..03}}.tar")


def test_a_pattern_counts_over_several_ranges(tmp_path, unpacked):
    for half in (1, 2):
        for number in (8, 9, 10):
            tar(tmp_path / f"p{half}/s-{number:02d}.tar", unpacked, [f"{number + half:02d}.png"])

    result = find_images(f"{tmp_path}/p{{1..2}}/s-{{08..10}}.tar")

    assert result.paths[:2] == ("p1/s-08.tar/09.png", "p1/s-09.tar/10.png")
    assert len(result) == 6


def test_a_shard_without_images_is_one_sentence(tmp_path, unpacked):
    with pytest.raises(ImagesError, match="There are no images in"):
        find_images(tar(tmp_path / "s.tar", unpacked, ["00.cls"]))


def test_a_picture_in_a_shard_is_turned_as_its_exif_says(tmp_path):
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(file, "JPEG", exif=exif)
    with tarfile.open(tmp_path / "s.tar", "w") as shard:
        member = tarfile.TarInfo("x.jpg")
        member.size = len(file.getvalue())
        shard.addfile(member, io.BytesIO(file.getvalue()))

    assert find_images(tmp_path / "s.tar").open(0).size == (20, 40)


def shard_of(folder, names, form=tarfile.USTAR_FORMAT):
    """A tar of some files, as bytes."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as shard:
        for name in names:
            shard.add(folder / name, name)
    return file.getvalue()


@pytest.mark.parametrize("zeros", [0, 512, 10_240, 30_720])
def test_archives_one_after_the_other_give_all_pictures(tmp_path, unpacked, zeros):
    parts = [
        shard_of(unpacked, [f"{n:02d}.png" for n in numbers]) for numbers in [(0, 1), (2,), (3, 4)]
    ]
    (tmp_path / "s.tar").write_bytes(bytes(zeros).join(parts))

    result = find_images(tmp_path / "s.tar")

    assert result.paths == tuple(f"s.tar/{n:02d}.png" for n in range(5))
    assert [result.open(place).width for place in range(5)] == [8, 9, 10, 11, 12]


def test_zeros_between_members_hide_none(tmp_path, unpacked):
    """What GNU tar reads with --ignore-zeros: archives whose ends were not cut off."""
    one, two = (shard_of(unpacked, [name]).rstrip(b"\0") for name in ("00.png", "01.png"))
    padded = one + bytes(-len(one) % 512) + bytes(512) + two + bytes(-len(two) % 512) + bytes(1024)
    (tmp_path / "s.tar").write_bytes(padded)

    assert find_images(tmp_path / "s.tar").paths == ("s.tar/00.png", "s.tar/01.png")


def test_one_name_in_two_archives_of_a_file_is_refused(tmp_path, unpacked):
    (tmp_path / "s.tar").write_bytes(2 * shard_of(unpacked, ["00.png"]))

    with pytest.raises(ImagesError, match=r"one after the other, and two of them have 00\.png"):
        find_images(tmp_path / "s.tar")


@pytest.mark.parametrize("garbage", [b"x", b"garbage" * 200])
def test_what_is_no_archive_behind_one_is_refused(tmp_path, unpacked, garbage):
    (tmp_path / "s.tar").write_bytes(shard_of(unpacked, ["00.png"]) + garbage)

    with pytest.raises(ImagesError, match="damaged"):
        find_images(tmp_path / "s.tar")


@pytest.mark.parametrize("form", ["gnu", "posix"])
def test_sparse_members_are_read_whole(tmp_path, form):
    """An uncompressed picture with holes: a tar of GNU's leaves them out."""
    picture = Image.new("L", (1_000, 1_000))
    picture.paste(255, (0, 500, 1_000, 510))
    picture.save(tmp_path / "a.bmp")
    content = (tmp_path / "a.bmp").read_bytes()
    with (tmp_path / "a.bmp").open("wb") as file:  # with real holes, on any file system
        for start in range(0, len(content), 4_096):
            if block := content[start : start + 4_096].strip(b"\0"):
                file.seek(start)
                file.write(content[start : start + 4_096])
            del block
        file.truncate(len(content))
    command = ["tar", f"--format={form}", "-Scf", "s.tar", "--hole-detection=raw", "a.bmp"]
    subprocess.run(command, check=True, cwd=tmp_path)
    with tarfile.open(tmp_path / "s.tar") as shard:
        assert shard.getmembers()[0].sparse

    result = find_images(tmp_path / "s.tar")

    assert (tmp_path / "s.tar").stat().st_size < len(content) / 2
    assert np.array_equal(np.asarray(result.open(0))[..., 0], np.asarray(picture))


@pytest.mark.parametrize("name", [b"caf\xe9.png", b"a\nb.png", b"x" * 255, b"x" * 251 + b".png"])
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_any_name_is_found_in_any_dialect(tmp_path, unpacked, form, name):
    name = name if name.endswith(b".png") else name[:-4] + b".png"
    text = name.decode("utf-8", "surrogateescape")
    saved(unpacked / text, size=(5, 5))

    result = find_images(tar(tmp_path / "s.tar", unpacked, [text], form))

    assert result.paths[0].encode()  # can be stored
    assert result.open(0).size == (5, 5)


def test_a_part_of_a_tar_in_volumes_is_refused(tmp_path):
    member = tarfile.TarInfo("a.png")
    member.type, member.size = b"M", 512
    (tmp_path / "s.tar").write_bytes(member.tobuf() + bytes(512) + bytes(1024))

    with pytest.raises(ImagesError, match=r"one of several volumes, and has only a part of a\.png"):
        find_images(tmp_path / "s.tar")


def test_a_member_too_large_for_a_picture_is_skipped_before_it_is_read(shards, monkeypatch):
    monkeypatch.setattr("dissect.images.memory.MAX_FILE_BYTES", 10)

    with pytest.raises(ImagesError, match="is above 10"):
        find_images(shards).open(0)


def test_a_header_of_30_digits_is_one_sentence(tmp_path):
    record = b"9" * 30 + b" path=a.png\n"
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as shard:
        header = tarfile.TarInfo("pax")
        header.type, header.size = tarfile.XHDTYPE, len(record)
        shard.addfile(header, io.BytesIO(record))
        shard.addfile(tarfile.TarInfo("a.png"))

    with pytest.raises(ImagesError, match="is no tar, or was not copied whole") as refused:
        find_images(tmp_path / "a.tar")

    assert "\n" not in str(refused.value)
