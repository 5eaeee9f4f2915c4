"""manage.py publish: money is spent after a yes, or --yes, and never without either."""

import io

import pytest
from django.core.management import CommandError, call_command

from annotator.models import AuditRow, Hit
from tests.folder_storage import use_folder
from tests.management.terminal import answers_at_a_terminal
from tests.publishing.dissections import dissected_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path, settings):
    """Three units, dissected and not published: $7.20."""
    use_folder(settings, tmp_path)
    return dissected_study()


def publish(*options):
    words = io.StringIO()
    call_command("publish", "small", *options, stdout=words, stderr=words)
    return words.getvalue()


@pytest.mark.parametrize(
    ("answer", "count"), [("y", 3), ("Yes", 3), ("n", 0), ("", 0), ("maybe", 0)]
)
def test_a_terminal_is_asked_for_the_price_before_anything_is_published(
    study, monkeypatch, answer, count
):
    questions = answers_at_a_terminal(monkeypatch, answer)

    if count:
        publish()
    else:
        with pytest.raises(CommandError, match=r"^Nothing is published\.$"):
            publish()

    assert questions == ["Publish for $7.20? [y/N] "]
    assert Hit.objects.count() == count
    assert AuditRow.objects.filter(action="published").count() == bool(count)


def test_without_a_terminal_nothing_is_published_and_the_way_out_is_named(study):
    with pytest.raises(CommandError, match=r"up to \$7\.20, and there is no terminal to ask\. --y"):
        publish()

    assert not Hit.objects.exists()


def test_yes_is_the_answer_of_scripts_and_a_dry_run_asks_nothing(study, monkeypatch):
    questions = answers_at_a_terminal(monkeypatch)

    assert "Would publish 3 HITs, 9 answers for up to $7.20" in publish("--dry-run")
    assert not Hit.objects.exists()
    assert "Not in the price: top-ups to the minimum pay, at most $7.20" in publish("--yes")

    assert questions == []
    assert Hit.objects.count() == 3


def test_publishing_again_asks_nothing_as_it_costs_nothing(study, monkeypatch):
    publish("--yes")
    questions = answers_at_a_terminal(monkeypatch)

    assert "Published 0 HITs, 0 answers for up to $0.00" in publish()
    assert questions == []
