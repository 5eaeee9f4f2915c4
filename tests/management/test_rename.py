"""A requester chooses what readers see of a network or a layer; addresses and exports stay."""

import pytest
from django.core.management import CommandError, call_command

from annotator.models import AuditRow
from annotator.results.output.as_json import as_json
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from tests.results.studies import answered_study, get_unit

pytestmark = pytest.mark.django_db


def test_a_new_name_is_on_every_page_and_no_address_changes(client):
    study = answered_study()
    client.get("/results/rooms/")

    call_command("rename", "rooms", "AlexNet of scenes", network="scenes")
    call_command("rename", "rooms", "first layer", network="AlexNet of scenes", layer="conv1")
    take(study)  # the snapshot of before is out of date

    for address in ("", "scenes/conv1/", "scenes/conv1/0", "named/", "paper/"):
        assert "AlexNet of scenes" in client.get(f"/results/rooms/{address}").content.decode()
    unit = client.get("/results/rooms/scenes/conv1/0").content.decode()
    assert "first layer</a>" in unit
    assert "<code>conv1</code>" in unit  # the module path stands among the details
    assert [row.action for row in AuditRow.objects.exclude(action="look")] == ["rename", "rename"]


def test_exports_keep_the_spec_beside_the_display_name(client):
    study = answered_study()
    call_command("rename", "rooms", "AlexNet of scenes", network="scenes")

    network = as_json(full_report(take(study)))["networks"][0]
    layers = client.get("/results/rooms/tables/layers.csv")
    head, first = b"".join(layers).decode().splitlines()[:2]

    assert (network["name"], network["display_name"]) == ("scenes", "AlexNet of scenes")
    assert network["spec"] == "scenes"
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert (row["network"], row["spec"], row["display_name"]) == (
        "scenes", "scenes", "AlexNet of scenes",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "chosen", "message"),
    [
        ("objects", {"network": "scenes"}, "Another network is already called 'objects'"),
        ("conv2", {"network": "scenes", "layer": "conv1"}, "Another layer is already called"),
        ("x" * 41, {"network": "scenes"}, "has 41 letters: a display name has 40 at most"),
        ("  ", {"network": "scenes"}, "at least one letter"),
        ("a\u202eb", {"network": "scenes"}, "cannot be seen"),
        ("x", {"network": "scene"}, "Study rooms has no 'scene'. Did you mean scenes"),
        ("x", {"network": "scenes", "layer": "conv"}, "Network scenes has no 'conv'. Did you mean"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_and_named(name, chosen, message):
    study = answered_study()

    with pytest.raises(CommandError, match=message):
        call_command("rename", "rooms", name, **chosen)

    assert get_unit(study).layer.network.display_name == "scenes"
    assert get_unit(study).layer.display_name == "conv1"


def test_an_unknown_study_is_named():
    with pytest.raises(CommandError, match="There is no study 'none'"):
        call_command("rename", "none", "x", network="scenes")
