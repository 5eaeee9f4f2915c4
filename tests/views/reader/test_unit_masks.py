"""The sheet of masks that lights the regions of a unit's pictures, from its dissection."""

from django.core.files.storage import default_storage
from django.urls import reverse

from tests.planted_study import network, pictures, planted

__all__ = ["network", "pictures", "planted"]


def sheet_of(client, network):
    unit = network.layers.get().units.get(number=1)
    return client.get(reverse("unit_masks", args=[unit.pk]))


def test_the_masks_of_a_dissected_unit_are_a_picture(client, network):
    response = sheet_of(client, network)

    assert (response.status_code, response["Content-Type"]) == (200, "image/png")


def test_a_damaged_sheet_is_one_sentence_that_names_the_file(client, network):
    name = network.manifest["layers"][0]["masks"].format(unit=1)
    with default_storage.open(f"{network.dissection}/{name}", "wb") as file:
        file.write(b"not a picture")

    response = sheet_of(client, network)

    assert response.status_code == 404
    assert f"The masks of unit 1 of see of {network} cannot be drawn" in response.content.decode()
    assert f"Restore {name} of" in response.content.decode()
