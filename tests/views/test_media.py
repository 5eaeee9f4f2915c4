"""Pictures and sheets: cached for ever, named by content, and no way out of their folder."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.folder_storage import use_folder
from tests.views.hits import jpeg, random_mask, random_picture, sheet_of, stored

ABSENT = "0" * 64


@pytest.fixture
def tile(draw):
    return stored("pictures", jpeg(random_picture(draw)), "jpg")


@pytest.fixture
def sheet(draw):
    return stored("sheets", sheet_of([random_mask(draw)]), "png")


@pytest.fixture
def draw():
    import random

    return random.Random(1)


@pytest.mark.django_db
def test_a_picture_costs_no_query_and_never_changes(client, tile, django_assert_num_queries):
    client.cookies["sessionid"] = "a" * 32  # looked up only if somebody asks for it
    with django_assert_num_queries(0):
        response = client.get(reverse("picture", args=[tile]))

    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Type"] == "image/jpeg"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    content = b"".join(response.streaming_content)
    response.close()
    assert int(response["Content-Length"]) == len(content)
    with default_storage.open(f"pictures/{tile}") as file:
        assert content == file.read()


@pytest.mark.django_db
def test_a_sheet_and_its_style_cost_no_query(client, sheet, django_assert_num_queries):
    with django_assert_num_queries(0):
        picture = client.get(reverse("sheet", args=[sheet]))
        style = client.get(reverse("sheet_style", args=[sheet]))

    assert picture["Content-Type"] == "image/png"
    assert style["Content-Type"] == "text/css"
    assert f'mask-image:url("/sheets/{sheet}")' in style.content.decode()
    for response in (picture, style):
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    picture.close()


@pytest.mark.parametrize(
    "path",
    [
        f"/pictures/{ABSENT}.jpg",
        f"/pictures/{ABSENT}.png",
        f"/pictures/{ABSENT}.jpg%0A",
        f"/pictures/{ABSENT[:-1]}g.jpg",
        f"/pictures/{'A' * 64}.jpg",
        "/pictures/secret_key",
        "/pictures/..%2Fsecret_key",
        "/pictures/%2e%2e/secret_key",
        "/pictures//etc/passwd",
        f"/sheets/..%2Fpictures%2F{ABSENT}.png",
        f"/sheets/{ABSENT}.jpg",
        "/sheets/x.css",
        f"/sheets/{ABSENT}%22)%7D.png.css",
    ],
)
def test_any_other_name_is_not_found(client, path, settings, tmp_path):
    use_folder(settings, tmp_path)  # the installation keeps a key of that name
    default_storage.save("secret_key", ContentFile(b"not for you"))

    assert client.get(path).status_code == 404


def test_nginx_sends_the_file_where_it_has_the_storage(client, settings, monkeypatch):
    settings.X_ACCEL_PREFIX = "/stored/"
    monkeypatch.setattr("annotator.storage.deadline.open_in_time", lambda name: 1 / 0)

    picture = client.get(f"/pictures/{ABSENT}.jpg")
    sheet = client.get(f"/sheets/{ABSENT}.png")

    assert picture["X-Accel-Redirect"] == f"/stored/pictures/{ABSENT}.jpg"
    assert (picture["Content-Type"], picture.content) == ("image/jpeg", b"")
    assert sheet["X-Accel-Redirect"] == f"/stored/sheets/{ABSENT}.png"
    assert client.get("/pictures/..%2Fsecret_key").status_code == 404
