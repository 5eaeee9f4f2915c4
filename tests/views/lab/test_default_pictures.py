"""With no choice made, each of the lab's ten pages shows a picture: over a small demo study."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.urls import reverse

from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import RunRequest
from annotator.lab.defaults import DEFAULTS, enqueue_defaults
from annotator.models import Analysis, Hit, HitType, Membership, Role, Study
from annotator.tasks import current_snapshot
from tests.folder_storage import use_folder
from tests.results.studies import store_answer
from tests.views.lab.naming import name_units

NAMES = {3: "bed", 17: "bed", 40: "tree", 77: "car", 101: "sofa"}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Forty-eight pictures of the demo with masks and labels: scenes and single objects in turn."""
    from dissect.demo.folder import write_folder

    folder = tmp_path_factory.mktemp("demo") / "demo"
    write_folder(folder, 48, seed=5)
    return folder / "images"


@pytest.fixture
def demo(db, settings, tmp_path, rendered):
    """Two networks of the demo, dissected; five units of the first are named."""
    use_folder(settings, tmp_path)
    for network in ("scene_0", "object_0"):
        request = RunRequest(
            network=f"dissect.demo.networks:{network}", layers=["relu5"], images=str(rendered),
            top=8, device="cpu",
        )  # fmt: skip
        run = enqueue_run("demo", request)
        while do_next_job(run):
            pass
    study = Study.objects.get()
    hit_type = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    units = study.networks.first().layers.get().units.filter(number__in=NAMES)
    for unit in units:
        Hit.objects.create(unit=unit, hit_type=hit_type, masks="")
        for worker in ("ada", "ben", "cleo"):
            store_answer(study, unit, worker, NAMES[unit.number], group=5)
    return study


def work():
    while do_next_job():
        pass


def page(client, name, *arguments):
    response = client.get(reverse(name, args=["demo", *arguments]))
    assert response.status_code == 200
    return response.content.decode()


def pictures_in(client, shown):
    """The addresses of the pictures in the result on a page; each of them is there."""
    result = shown[shown.index('id="analysis"') : shown.index("Download all results")]
    addresses = set(re.findall(r'(?:src|href)="(/[^"]+\.(?:png|jpg))"', result))
    for address in addresses:
        if address.startswith("/pictures/"):
            assert default_storage.exists(address[1:]), address
        else:
            assert client.get(address).status_code == 200, address
    return addresses


def test_each_of_the_ten_pages_shows_a_picture_without_a_choice(client, demo):
    network = demo.networks.first()
    enqueue_defaults(network, current_snapshot(demo))
    work()

    assert set(Analysis.objects.values_list("kind", "status")) == {(k, "done") for k in DEFAULTS}
    for kind in DEFAULTS:
        shown = page(client, "question", network.pk, kind)
        assert pictures_in(client, shown), kind
    alike = page(client, "question", network.pk, "alike")
    assert alike.count("</title></rect>") == len(NAMES) ** 2  # the matrix
    front = page(client, "lab")
    assert front.count('class="shot"') == len(DEFAULTS)
    assert front.count('class="shot tiles"') == 1  # units by class
    assert page(client, "classes", network.pk).count('class="region"') >= 5
    assert len(re.findall(r'<img src="/studies/demo/lab/answers/', front)) == len(DEFAULTS) - 2

    for kind in ("activations", "alike", "receptive-field"):
        assert '<span class="unit-name">bed</span>' in page(client, "question", network.pk, kind)
    minimal = page(client, "question", network.pk, "minimal-image")
    assert re.search(r"images were chosen among \d+: \d+ of them the network gets wrong", minimal)
    classes = re.findall(r'<h2 id="class-\d+">([^<]+)</h2>', minimal)
    assert len(classes) == len(set(classes)) >= 2  # a row of pairs for each class
    assert minimal.count('alt="The original') == minimal.count('alt="What is left of it"')


def test_a_form_without_a_choice_asks_the_default_question(client, network):
    name_units(network.study, ["red", "green", "blue"])
    for kind in ("activations", "occlusion", "minimal-image", "scenes"):
        address = reverse("question", args=["planted", network.pk, kind])
        shown = client.get(address).content.decode()
        fields = re.findall(r'<input type="number" name="(\w+)" value="(\d+)"', shown)
        data = dict(fields) | {"layers": ["see"], "units": "0-2", "normalise": "unit"}
        data |= {"fill": "zero", "segments": "superpixels", "units_of": "objects"}

        response = client.post(address, data)

        assert response.status_code == 302, kind
        asked = Analysis.objects.order_by("-pk").first().request
        assert asked.get("images") or asked["right"]


# Role: may see the pages, may run and cancel. Strangers are asked to sign in.
PERMISSIONS = [
    (Role.REQUESTER, 200, 302),
    (Role.READER, 200, 403),
    (Role.REVIEWER, 403, 403),
    (None, 403, 403),
]


@pytest.mark.parametrize(("role", "sees", "runs"), PERMISSIONS)
def test_readers_read_the_lab_and_only_requesters_start_and_cancel_work(
    client, planted, settings, role, sees, runs
):
    settings.EMBEDDED = False
    network = planted.networks.get()
    analysis = network.analyses.create(kind="layers", request={})
    ada = User.objects.create_user("ada")
    if role:
        Membership.objects.create(user=ada, study=planted, role=role)
    client.force_login(ada)
    pages = [("lab", []), ("question", [network.pk, "filters"]), ("analysis", [analysis.pk])]
    pages.append(("classes", [network.pk]))
    buttons = [("run_defaults", [network.pk]), ("cancel_analysis", [analysis.pk])]

    for name, arguments in pages:
        shown = client.get(reverse(name, args=["planted", *arguments]))
        assert shown.status_code == sees, name
        if name == "analysis" and sees == 200:
            assert ("Cancel analysis" in shown.content.decode()) == (runs == 302)
    for name, arguments in buttons:
        assert client.post(reverse(name, args=["planted", *arguments])).status_code == runs, name
