"""The lab's pages: forms in plain words, answers as they come, for requesters and readers."""

import re

from django.contrib.auth.models import User
from django.urls import reverse

from annotator.job_queue import do_next_job, enqueue_analysis
from annotator.models import Analysis, Membership, Role
from dissect import layers
from tests.planted_study import QUESTIONS, answered


def page(client, name, *arguments, query=""):
    response = client.get(reverse(name, args=["planted", *arguments]) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_every_question_has_a_form_and_every_answer_a_page(client, network):
    listed = page(client, "lab")
    for kind, asked in QUESTIONS.items():
        assert reverse("question", args=["planted", network.pk, kind]) in listed
        assert "Run analysis" in page(client, "question", network.pk, kind)
        analysis = answered(network, kind, **asked)
        shown = page(client, "analysis", analysis.pk)

        assert "hx-trigger" not in shown
        for address in re.findall(r'src="(/studies/planted/lab/[^"]+)"', shown):
            assert client.get(address).status_code == 200
        again = re.search(r'href="([^"]*)">Change options and run again', shown)[1]
        assert client.get(again.replace("&amp;", "&")).status_code == 200
    assert page(client, "lab").count("UTC, finished") == len(QUESTIONS)


def test_the_page_of_layers_says_which_come_after_a_nonlinearity_and_are_suggested(client, network):
    """As `dissect layers` prints them."""
    shown = page(client, "analysis", answered(network, "layers").pk)

    rows = re.findall(r"<tr><th scope=.row.>(.*?)</th><td>.*?</td><td>(.*?)</td>", shown)
    printed = layers(network.spec).rows()
    assert {row["output"] for row in printed} >= {"linear", "after ReLU"}
    assert [
        (re.match("<code>(.*?)</code>", name)[1], output, ">suggested<" in name)
        for name, output in rows
    ] == [(row["layer"], row["output"], row["suggested"]) for row in printed]


def test_minimal_images_stand_beside_random_removal(client, network):
    analysis = answered(network, "minimal-image", **QUESTIONS["minimal-image"])

    shown = page(client, "analysis", analysis.pk)

    assert re.search(r"In 2 images a median of [\d.]+ % of the area is left", shown)
    assert re.search(r"random removal to the same area keeps the class in [\d.]+ %", shown)


def test_two_networks_stand_side_by_side(client, network):
    other = network.study.networks.create(
        name="the same again", spec=network.spec, position=2, weights_sha256="", dissection=""
    )
    other.layers.create(name="see", position=0, unit_count=3, map_height=64, map_width=64)
    other.runs.create(study=network.study, request=network.runs.get().request, status="done")
    form = {"other": other.pk, "layers": ["see"], "top": 3, "overlap": 4}

    client.post(reverse("question", args=["planted", network.pk, "compare"]), form)
    do_next_job()
    shown = page(client, "analysis", Analysis.objects.get().pk)

    assert "the same again" in shown
    assert ">1.000<" in shown  # a network agrees with itself
    # Two random choices of 4 of 12 share 0 to 4: (224/7 + 168*2/6 + 32*3/5 + 1) / 495.
    assert ">0.219<" in shown


def test_a_form_becomes_the_commands_options(client, network):
    image = network.study.images.get(path="01.png")
    form = {"class_name": "green", "occluder": 16, "stride": 16, "fill": "mean"}
    address = reverse("question", args=["planted", network.pk, "occlusion"])

    response = client.post(address, form | {"images": [image.pk]})

    analysis = Analysis.objects.get()
    assert response["Location"] == reverse("analysis", args=["planted", analysis.pk])
    asked = {"class": "green", "occluder": 16, "stride": 16, "fill": "mean", "images": ["01.png"]}
    assert analysis.request == asked


def test_a_form_says_what_is_wrong_beside_the_field(client, network):
    for kind, form, sentence in [
        ("filters", {"units": "7-3"}, "The range 7-3 runs backwards"),
        ("filters", {"units": "seven"}, "write numbers and ranges"),
        ("filters", {"layers": "--out=/etc"}, "not the name of a layer"),
        ("occlusion", {"occluder": 0, "stride": 3}, "greater than or equal to 1"),
    ]:
        address = reverse("question", args=["planted", network.pk, kind])

        shown = client.post(address, form | {"normalise": "filter"}).content.decode()

        assert sentence in shown
    assert not Analysis.objects.exists()


def test_what_is_chosen_stays_chosen_while_one_looks_for_more(client, network):
    image = network.study.images.get(path="01.png")
    query = f"?images={image.pk}&occluder=20&q=1"

    shown = page(client, "question", network.pk, "occlusion", query=query)

    assert f'value="{image.pk}" checked' in shown
    assert 'name="occluder" value="20"' in shown
    assert "11.png" in shown
    assert "00.png" not in shown


def test_a_waiting_answer_looks_again_and_a_failed_one_says_why(client, network):
    analysis = enqueue_analysis(network, "occlusion", {"class": "purple", "images": ["01.png"]})
    waiting = page(client, "analysis", analysis.pk)
    do_next_job()
    failed = page(client, "analysis", analysis.pk)

    assert 'hx-trigger="every 1s"' in waiting
    assert "next in the queue" in waiting
    assert "hx-trigger" not in failed
    assert "no class named &#x27;purple&#x27;" in failed


def test_the_raw_grid_is_a_file_with_the_class_predicted_there(client, network):
    analysis = answered(network, "occlusion", **QUESTIONS["occlusion"])

    lines = client.get(reverse("analysis_grid", args=["planted", analysis.pk, 0])).content
    lines = lines.decode().splitlines()

    assert lines[0] == "row,column,top_px,left_px,probability,predicted,predicted_class"
    assert len(lines) == 1 + 4 * 4
    assert lines[6].startswith("1,1,16,16,")
    assert lines[1].endswith(",1,green")


def test_readers_look_and_do_not_ask_and_annotators_see_nothing(client, network, settings):
    settings.EMBEDDED = False
    address = reverse("question", args=["planted", network.pk, "filters"])
    assert client.get(address).status_code == 302

    rita = User.objects.create_user("rita")
    Membership.objects.create(user=rita, study=network.study, role=Role.READER)
    client.force_login(rita)
    assert client.get(address).status_code == 200
    assert client.post(address, {"normalise": "filter"}).status_code == 403
    assert not Analysis.objects.exists()

    client.force_login(User.objects.create_user("ana"))
    assert client.get(address).status_code == 403


def test_an_answer_belongs_to_its_study(client, network):
    from annotator.models import Study

    Study.objects.create(name="other")
    analysis = answered(network, "filters", layers=["see.0"])

    picture = reverse("analysis_picture", args=["planted", analysis.pk, "see.0.png"])
    assert client.get(picture)["Content-Type"] == "image/png"
    assert client.get(picture.replace("planted", "other")).status_code == 404
    assert client.get(picture.replace("see.0", "nothing")).status_code == 404
