"""The whole way over S3: photographs in a bucket, a dissection in another, pictures to browsers."""

import io
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image
from storages.backends.s3 import S3Storage

from annotator.models import Exemplar, Hit, Run, Study
from tests.end_to_end.serving import served
from tests.services import free_port
from tests.storage.conftest import dissect, run_here

FOR_EVER = "public, max-age=31536000, immutable"


def fetched(client, url):
    response = client.get(url)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response, content


@pytest.mark.django_db
def test_photographs_and_results_in_buckets_are_as_good_as_folders(
    s3, photographs, command, client, tmp_path, settings
):
    s3.make("photos", photographs)
    s3.make("results")

    assert command(*dissect()).error == ""
    published = command("publish", "s", "--yes")

    assert published.error == ""
    assert Study.objects.get().image_source == "s3://photos"
    hit = Hit.objects.order_by("unit__number").first()
    shown = Exemplar.objects.filter(unit=hit.unit, slot__isnull=False).first()
    for url, kind in [
        (reverse("picture", args=[shown.image.tile]), "image/jpeg"),
        (reverse("sheet", args=[hit.masks]), "image/png"),
    ]:
        response, content = fetched(client, url)
        assert (response.status_code, response["Content-Type"]) == (200, kind)
        assert response["Cache-Control"] == FOR_EVER
        assert int(response["Content-Length"]) == len(content)
        Image.open(io.BytesIO(content)).load()


@pytest.mark.django_db(transaction=True)
def test_the_dissection_is_the_same_byte_for_byte_in_a_bucket_and_in_a_folder(
    s3, photographs, command, tmp_path, settings
):
    s3.make("photos", photographs)
    s3.make("results")
    command(*dissect(shards=2))
    folder = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": folder}
    settings.DISSECTIONS_URL = str(tmp_path / "dissections")
    assert run_here(*dissect("t")).error == ""

    in_bucket, in_folder = (run.network.dissection for run in Run.objects.order_by("pk"))
    files = {path.relative_to(tmp_path / in_folder) for path in (tmp_path / in_folder).rglob("*.*")}
    keys = [key for key in s3.keys("results") if key.startswith(f"here/{in_bucket}/")]
    assert {str(path) for path in files} == {key.removeprefix(f"here/{in_bucket}/") for key in keys}
    for path in files:
        body = s3.client().get_object(Bucket="results", Key=f"here/{in_bucket}/{path}")["Body"]
        assert body.read() == (tmp_path / in_folder / path).read_bytes()


def test_a_name_in_the_bucket_is_replaced_not_doubled(s3, command):
    s3.make("results")
    for content in (b"one", b"two"):
        assert default_storage.save("sheets/x.png", ContentFile(content)) == "sheets/x.png"

    assert s3.keys("results") == ["here/sheets/x.png"]
    with default_storage.open("sheets/x.png") as file:
        assert file.read() == b"two"


def test_threads_of_many_pools_share_one_connection(s3, command, monkeypatch):
    s3.make("results")
    sessions, create = [], S3Storage._create_session
    monkeypatch.setattr(
        S3Storage, "_create_session", lambda self: sessions.append(self) or create(self)
    )
    default_storage.save("pictures/00.jpg", ContentFile(b"picture"))
    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            names = [f"pictures/{number:02d}.jpg" for number in range(8)]
            assert list(pool.map(default_storage.exists, names)) == [True] + 7 * [False]
    assert len(sessions) == 1


def test_a_picture_that_is_not_there_is_not_found_and_one_out_of_reach_comes_later(
    s3, command, client
):
    s3.make("results")
    url = reverse("picture", args=["0" * 64 + ".jpg"])
    assert client.get(url).status_code == 404

    s3.stop()
    response = client.get(url)

    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")


@pytest.mark.slow
def test_commands_and_pages_find_the_storage_that_the_environment_names(
    s3, photographs, manage, tmp_path, monkeypatch
):
    s3.make("photos", photographs)
    s3.make("results")
    monkeypatch.setenv("STORAGE_URL", "s3://results/deep/er")

    for arguments in (dissect(), ["publish", "s", "--yes"]):
        done = manage(*arguments)
        assert done.returncode == 0, done.stderr

    kept = [key.removeprefix("deep/er/") for key in s3.keys("results")]
    assert {key.split("/")[0] for key in kept} == {"dissections", "pictures", "sheets"}
    assert not [key for key in kept if "partials" in key]
    assert sorted(path.name for path in (tmp_path / "var").iterdir() if path.is_dir()) == []
    with served(tmp_path / "var", free_port()) as address:
        for folder in ("pictures", "sheets"):
            path = next(
                key for key in kept if key.startswith(folder) and key.endswith((".jpg", ".png"))
            )
            with urllib.request.urlopen(f"{address}/{path}", timeout=20) as answer:
                assert answer.headers["Cache-Control"] == FOR_EVER
                Image.open(io.BytesIO(answer.read())).load()
