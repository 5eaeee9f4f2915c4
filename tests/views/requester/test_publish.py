"""The Publish page: a price before money, publishing once, and what runs is changed by forms."""

import io
import json
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from PIL import Image

from annotator import storage
from annotator.crowd.audit import COMMAND
from annotator.job_queue import do_next_job, enqueue_publication
from annotator.models import AuditRow, Exemplar, Hit, Membership, Place, Publication, Study
from annotator.publishing import PublishRequest
from annotator.views.requester.publish import FIELDS, in_words_of_the_page
from dissect.format.picture_list import TILE_PX
from dissect.format.tile_drawing import GAP
from tests.crowd.consents import with_consent
from tests.folder_storage import use_folder
from tests.publishing.dissections import dissected_study

pytestmark = pytest.mark.django_db
PAGE = "/studies/small/publish/"


@pytest.fixture
def study(tmp_path, settings):
    """Three units, dissected and not published."""
    use_folder(settings, tmp_path)
    return dissected_study()


def text(client, query=""):
    return client.get(f"{PAGE}{query}").content.decode()


def button_of(page):
    """What the form with the button "Publish for ..." sends."""
    fields = dict(re.findall(r'<input type="hidden" name="(request|cents)" value="([^"]*)"', page))
    return {name: value.replace("&quot;", '"') for name, value in fields.items()}


def publish(client, query=""):
    client.post(PAGE, button_of(text(client, query)))
    while do_next_job():
        pass


def test_the_button_names_the_price(client, study):
    page = text(client, "?hourly=12.00")

    assert "Publish for $7.20" in page  # 3 units, 3 answers each, 0.80
    assert "The minutes are assumed" in page


def test_the_price_says_what_is_in_it_and_what_is_not(client, study):
    page = text(client)
    assert "Pay for reading the debriefing is added once the consent text is filled in." in page
    assert (
        "Not in the price: top-ups to $8.00 an hour for people who are slower, at most $7.20"
        in page
    )

    with_consent(study)

    page = text(client)
    assert "Publish for $9.00" in page  # $0.20 for each of the nine who are expected
    assert "Each of the 9 people who are expected" in page


def test_looking_at_prices_changes_nothing(client, study):
    text(client, "?hourly=20.00&assignments=7&which=pilot&view=crop")

    assert Study.objects.values().get() == Study.objects.filter(pk=study.pk).values().get()
    assert not Hit.objects.exists()
    assert Study.objects.get().hourly_cents == 1200


def test_a_worker_process_publishes_what_the_page_asked_for_and_once(client, study):
    publish(client, "?assignments=2&hourly=15.00&repeats=1")
    again = text(client)
    publish(client)

    assert (Hit.objects.count(), Place.objects.count()) == (3, 6)
    stored = Study.objects.get()
    assert (stored.assignments_wanted, stored.hourly_cents, stored.repeat_count) == (2, 1500, 1)
    assert "Publishing it again changes nothing" in again
    assert "Published on" in again
    assert Publication.objects.get().status == "done"
    row = AuditRow.objects.get(action="published")
    assert row.detail == {"hits": 3, "answers": 6, "cents": 600}
    assert row.actor_name == "at the machine"


def test_the_command_gives_the_same_rows_as_the_page(client, study):
    call_command("publish", "small", yes=True)

    def rows():
        hits = Hit.objects.order_by("unit__number")
        return [
            (hit.unit.number, hit.masks, hit.style, hit.places.count(), hit.hit_type.reward_cents)
            + tuple(hit.shown.order_by("slot").values_list("image__place", "role", "slot"))
            for hit in hits
        ]

    by_command = rows()
    Hit.objects.all().delete()
    Exemplar.objects.exclude(role="top").delete()
    Publication.objects.all().delete()
    publish(client)

    assert rows() == by_command


def test_a_price_that_has_changed_since_is_not_charged(client, study):
    button = button_of(text(client))
    Study.objects.update(hourly_cents=2400)
    wanted = json.loads(button["request"])
    wanted.pop("hourly", None)

    client.post(PAGE, button | {"request": json.dumps(wanted)})

    assert not Publication.objects.exists()


def test_of_two_publications_at_a_time_the_second_is_the_first(study):
    first = enqueue_publication(study, PublishRequest(), COMMAND, 720)

    assert enqueue_publication(study, PublishRequest(pilot=True), COMMAND, 720) == first


def test_a_publication_that_cannot_be_carried_out_says_why(client, study):
    enqueue_publication(study, PublishRequest(layers=("nowhere",)), COMMAND, 0)
    while do_next_job():
        pass

    assert "has no layer &#x27;nowhere&#x27;" in text(client)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?hourly=7.50", "pays at least $8.00"),
        ("?hourly=much", "An amount is a number of dollars"),
        ("?which=layers", "choose at least one layer"),
        ("?which=layers&layers=nowhere", "has no layer"),
        ("?assignments=1000", "“Answers per unit”"),
        ("?sample=-1&which=sample", "“Units a layer”"),
        ("?verify=consensus", "has a consensus concept to verify yet"),
        ("?assignments=two", "“Answers per unit”"),
        ("?seed=9e99", "“Seed”"),
    ],
)
def test_what_cannot_be_published_is_a_sentence_instead_of_a_button(client, study, query, sentence):
    page = text(client, query)

    assert sentence in page.replace("&#x27;", "'")
    assert "Publish for" not in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?catch=5", "published HITs with 2 catch images, and all"),
        ("?catch=5", "Use “Catch images a HIT” 2, or publish another study."),
        ("?repeats=1", "Use “Repeats a HIT” 0"),
        ("?view=crop", "answers to different views are never compared"),
        ("?assignments=2", "“Answers per unit” 3 or more"),
    ],
)
def test_what_published_hits_contradict_is_refused_before_it_is_queued(
    client, study, query, sentence
):
    call_command("publish", "small", yes=True)

    page = text(client, query)

    assert sentence in page
    assert "Publish for" not in page
    name, value = query.lstrip("?").split("=")
    with pytest.raises(CommandError, match="Study small"):
        call_command("publish", "small", "--dry-run", f"--{name}", value)


def test_refusals_on_the_page_name_its_fields(client, study):
    page = text(client)

    for label in FIELDS.values():
        assert str(label) in page
    assert (
        in_words_of_the_page("--catch 3, --catch-policy")
        == "“Catch images a HIT” 3, --catch-policy"
    )


@pytest.mark.parametrize("sent", ["", "[]", "{", '{"unknown": 1}', "7"])
def test_a_made_up_request_is_refused(client, study, sent):
    assert client.post(PAGE, {"request": sent, "cents": "0"}).status_code == 302
    assert not Publication.objects.exists()


def test_ten_tiles_come_with_the_share_that_is_lit(client, study):
    page = client.get(f"{PAGE}tiles/").content.decode()

    assert "% of a tile is lit in the median" in page
    sheet = storage.read(re.search(r'src="/(sheets/[^"]+)"', page)[1])
    side, picture = TILE_PX + GAP, Image.open(io.BytesIO(sheet))
    assert picture.size == (5 * side + GAP, 2 * side + GAP)  # five columns, two rows


def test_the_page_changes_how_a_study_runs(client, study):
    publish(client)
    run = "/studies/small/run/"
    client.post(run, {"action": "pause"})
    client.post(run, {"action": "budget", "budget": "1.60"})
    client.post(run, {"action": "minimum", "minimum": "10.00"})
    client.post(run, {"action": "answers", "answers": "2"})
    layer = study.networks.get().layers.get()
    name = f"{layer.network.name}/{layer.name}"
    client.post(run, {"action": "withdraw", "layer": name, "unit": "1"})
    assert not Hit.objects.filter(status="disposed").exists()  # not ticked that it is for good
    client.post(run, {"action": "withdraw", "layer": name, "unit": "1", "sure": "on"})

    stored = Study.objects.get()
    assert stored.paused_at
    assert (stored.budget_cents, stored.min_hourly_cents) == (160, 1000)
    assert (stored.assignments_wanted, Place.objects.count()) == (2, 6)
    assert Hit.objects.get(status="disposed").unit.number == 1
    page = text(client)
    assert "Resume study" in page
    assert "$0.00 of $1.60 is spent or in hand" in page
    client.post(run, {"action": "resume"})
    client.post(run, {"action": "budget", "budget": ""})
    assert Study.objects.get().paused_at is None
    assert Study.objects.get().budget_cents is None
    actors = set(AuditRow.objects.values_list("actor_name", flat=True))
    assert actors == {"at the machine"}


@pytest.mark.parametrize(
    ("role", "is_admitted"),
    [("requester", True), ("reviewer", False), ("reader", False), ("annotator", False)],
)
@pytest.mark.parametrize(
    ("method", "path"), [("get", "publish/"), ("get", "publish/tiles/"), ("post", "run/")]
)
def test_only_requesters_publish_and_run(client, study, role, is_admitted, method, path):
    account = User.objects.create_user("ina", password="a long password")
    Membership.objects.create(user=account, study=study, role=role)
    client.force_login(account)

    status = getattr(client, method)(f"/studies/small/{path}").status_code

    assert (status != 403) == is_admitted


def test_only_requesters_post_to_the_page(client, study):
    account = User.objects.create_user("rea", password="a long password")
    Membership.objects.create(user=account, study=study, role="reviewer")
    client.force_login(account)

    assert client.post(PAGE, {"request": "{}", "cents": "720"}).status_code == 403
