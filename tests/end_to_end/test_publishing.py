"""Publishing by command: repeats, verifications, chance controls, and what they cost."""

import io

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator import storage
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.scheduling.leases import accept
from annotator.models import AuditRow, Exemplar, Hit, MachineName, Network, Place, Study, Unit
from annotator.publishing.layer_dissection import LayerDissection
from dissect.format.masks import decode_sheet
from tests.crowd.studies import workers
from tests.end_to_end.dissections import dissect, is_one_sentence

pytestmark = pytest.mark.django_db


def roles_of(hit):
    roles = list(hit.shown.values_list("role", flat=True))
    return {role: roles.count(role) for role in sorted(set(roles))}


def picture(name):
    with default_storage.open(f"pictures/{name}") as file:
        return np.asarray(Pillow.open(io.BytesIO(file.read())).convert("RGB")).astype(int)


def region_of(hit, slot):
    """A slot's region on the HIT's sheet: (224, 224) bool."""
    regions = decode_sheet(storage.read(f"sheets/{hit.masks}"), hit.mask_columns)
    return regions[slot - min(hit.shown.values_list("slot", flat=True))]


def name_units(study, names, count=3):
    """Let workers name units; `names` is {unit number: name}."""
    for worker in workers(study, *(f"w{number}" for number in range(count))):
        for number, name in names.items():
            hit = Hit.objects.get(unit__number=number, kind="naming")
            submit(accept(worker, hit), AnswerForm(name, 3, frozenset()))


def test_repeats_are_the_units_best_images_and_regions_mirrored(command, pictures):
    dissect(command, pictures)
    command("publish", "s", "--repeats", "3", "--yes")

    for hit in Hit.objects.all():
        assert roles_of(hit) == {"catch": 3, "repeat": 3, "top": 10}
        best = hit.shown.filter(rank__lte=3).order_by("rank")
        repeats = hit.shown.filter(role="repeat").select_related("image").order_by("mask")
        for original, repeat in zip(best.select_related("image"), repeats, strict=True):
            mirrored = picture(original.image.tile)[:, ::-1]
            assert np.abs(picture(repeat.image.tile) - mirrored).mean() < 3
            mirrored = region_of(hit, original.slot)[:, ::-1]
            assert np.array_equal(region_of(hit, repeat.slot), mirrored)
    other = command("publish", "s", "--repeats", "1", "--yes")
    assert is_one_sentence(other)
    assert "has published HITs with 3 repeats" in other.stderr


def test_dead_units_cost_nothing_unless_they_are_asked_for(command, pictures):
    dissect(command, pictures, network="tests.dissect.custom_networks:partly_dead", layers=["relu"])
    rehearsal = command("publish", "s", "--dry-run", "--reward", "0.80")
    command("publish", "s", "--reward", "0.80", "--yes")

    assert "Would publish 3 HITs, 9 answers for up to $7.20" in rehearsal.stderr
    assert (
        "Left out: 2 dead units (one score for all images), which saves up to $4.80. "
        "--with-dead publishes them." in rehearsal.stderr
    )
    assert list(Hit.objects.values_list("unit__number", flat=True)) == [2, 3, 4]
    assert "Published 2 HITs" in command("publish", "s", "--with-dead", "--yes").stderr


def test_repeats_count_as_controls_and_in_no_precision(command, pictures):
    dissect(command, pictures)
    command("publish", "s", "--repeats", "2", "--yes")
    hit = Hit.objects.first()
    slots = hit.shown.filter(role__in=["repeat", "catch"]).values_list("slot", flat=True)
    marked = frozenset(slots[:4])

    answer = submit(accept(workers(Study.objects.get(), "ana")[0], hit), AnswerForm("x", 1, marked))

    assert (answer.fitting, answer.shown) == (10, 10)
    repeats = hit.shown.filter(role="repeat", slot__in=marked).count()
    assert (answer.repeat_marked, answer.repeat_shown) == (repeats, 2)


def test_a_verification_shows_other_images_of_the_unit_and_random_ones(command, pictures):
    dissect(command, pictures)
    command("publish", "s", "--yes")
    study = Study.objects.get()
    assert (
        "No unit of s has a consensus concept"
        in command("publish", "s", "--verify", "--yes").stderr
    )
    name_units(study, {2: "Grass", 5: "sky"})

    done = command("publish", "s", "--verify", "--assignments", "2", "--yes")

    assert "Published 2 HITs, 4 answers" in done.stderr
    for unit, concept in [(2, "grass"), (5, "sky")]:
        naming, hit = Hit.objects.filter(unit__number=unit).order_by("pk")
        assert (hit.kind, hit.concept, hit.concept_by) == ("verification", concept, "consensus")
        assert set(roles_of(hit)) == {"held-out", "random"}
        ranks = list(hit.shown.filter(role="held-out").values_list("rank", flat=True))
        assert set(ranks) <= set(range(11, 21))
        named, verified = (
            set(each.shown.values_list("image", flat=True)) for each in (naming, hit)
        )
        assert not named & verified
        missing = set(range(11, 21)) - set(ranks)
        assert len(missing) <= naming.shown.filter(role="catch").count()
        assert naming.shown.count() == 13
        every = list(Exemplar.objects.filter(unit=naming.unit, slot__isnull=False))
        assert len({exemplar.slot for exemplar in every}) == len(every)
    assert Study.objects.get().assignments_wanted == 3  # that of the naming


def test_regions_of_a_verification_are_those_of_its_pictures(command, pictures):
    dissect(command, pictures)
    MachineName.objects.create(unit=Unit.objects.get(number=4), method="clip", name="red blob")
    command("publish", "s", "--verify", "clip", "--yes")
    hit = Hit.objects.get()
    masks = LayerDissection(hit.unit.layer).masks(hit.unit)
    for exemplar in hit.shown:
        region = region_of(hit, exemplar.slot)
        if exemplar.role == "held-out":  # an empty one is drawn whole
            own = masks[exemplar.mask]
            assert np.array_equal(region, own | (not own.any()))
        else:
            assert region.mean() == pytest.approx(exemplar.coverage or 1, abs=0.02)
    lent = list(hit.shown.filter(role="random").values_list("mask", flat=True))
    assert max(lent) < 10  # regions that no held-out picture has


def test_publishing_a_verification_again_adds_only_answers(command, pictures):
    dissect(command, pictures)
    for method, name in [("clip", "red blob"), ("milan", "a blob")]:
        MachineName.objects.create(unit=Unit.objects.get(number=4), method=method, name=name)

    first = [command("publish", "s", "--verify", method, "--yes") for method in ("clip", "milan")]
    again = command("publish", "s", "--verify", "clip", "--assignments", "5", "--yes")
    named = command("publish", "s", "--yes")

    assert all("Published 1 HITs, 3 answers" in done.stderr for done in first)
    assert "Published 0 HITs, 2 answers" in again.stderr
    one, two = Hit.objects.filter(kind="verification").order_by("pk")
    assert [Place.objects.filter(hit=hit).count() for hit in (one, two)] == [5, 3]
    assert set(one.shown) == set(two.shown)  # both show the same pictures
    assert "Published 8 HITs" in named.stderr  # naming is published separately
    row = AuditRow.objects.exclude(action="published").get()
    assert (row.actor_name, row.action) == ("command", "raise verifications")
    assert row.detail == {"answers": 5, "places": 2}


def test_more_answers_of_published_hits_leave_an_audit_row(command, pictures):
    dissect(command, pictures)
    command("publish", "s", "--assignments", "2", "--yes")
    Hit.objects.filter(unit__number=0).update(status="disposed")
    assert AuditRow.objects.get().action == "published"

    done = command("publish", "s", "--assignments", "4", "--yes")
    command("publish", "s", "--assignments", "4", "--yes")

    assert "Published 0 HITs, 14 answers" in done.stderr
    assert Place.objects.filter(hit__unit__number=0).count() == 2  # withdrawn
    row = AuditRow.objects.get(action="raise redundancy")
    assert row.actor_name == "command"
    assert row.detail == {"assignments_wanted": [2, 4], "places": 14}


def test_random_images_have_no_controls_and_the_same_number_of_pictures(command, pictures):
    dissect(command, pictures)
    Network.objects.update(condition="random images")

    dry = command("publish", "s", "--dry-run", "--repeats", "2", "--hourly", "9.00")
    command(
        "publish", "s", "--repeats", "2", "--catch-policy", "block", "--hourly", "9.00", "--yes"
    )

    assert "8 HITs, 8 of them random images, 24 answers for up to $14.40, $0.60 a HIT" in dry.stderr
    assert "(4 minutes assumed at $9.00 an hour)" in dry.stderr
    study = Study.objects.get()
    assert (study.hourly_cents, study.repeat_count) == (900, 2)
    hit = Hit.objects.first()
    assert roles_of(hit) == {"top": 10 + 3 + 2}
    answer = submit(accept(workers(study, "ana")[0], hit), AnswerForm("x", 1, frozenset()))
    assert (answer.catch_shown, answer.repeat_shown) == (0, 0)


def test_empty_regions_are_reported_with_a_way_out_and_shown_whole(command, pictures):
    done = dissect(command, pictures, segment="quantile", top=16)
    dry = command("publish", "s", "--dry-run")
    first = command("publish", "s", "--yes")
    more = command("publish", "s", "--assignments", "5", "--yes")

    top = Exemplar.objects.filter(role="top")
    empty = top.filter(coverage=0)
    assert 0 < empty.count() < top.count() == 128
    for run in (done, dry, first):
        assert f"passes the threshold: {empty.count()} of 128. These pictures" in run.stderr
        assert "Dissect more images, show fewer a unit (--top), or draw regions" in run.stderr
    assert "passes the threshold" not in more.stderr  # nothing new is shown
    for exemplar in empty:
        assert region_of(exemplar.unit.hit, exemplar.slot).all()
