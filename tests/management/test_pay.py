"""manage.py pay: data on stdout in the form of the market, words on stderr."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotator.models import LedgerEntry, PayoutBatch
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers
from tests.pay.test_payouts import market_link, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    ana = participant(workers(published_study(), "ana")[0], "5f0c")
    answered(ana)
    return ana


def pay(*arguments):
    out, err = StringIO(), StringIO()
    call_command("pay", "rooms", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_goes_the_way_of_the_page(ana):
    waiting, words = pay()
    assert waiting == "5f0c,0.80\n"
    assert "Not in a batch $0.80" in words
    assert pay("create")[0] == "5f0c,0.80\n"
    number, link = str(PayoutBatch.objects.get().pk), ana.participant.link_id
    assert pay("create") == ("", "Nothing waits to be paid.\n")
    assert pay("list")[0] == f"{number}\tprolific\tprepared\t1\t$0.80\t{link}\n"
    assert pay("csv", "--batch", number)[0] == "5f0c,0.80\n"
    assert pay("sent", "--batch", number, "--reference", "7")[1] == "The batch is sent.\n"
    assert pay("sent", "--batch", number)[1] == "The batch was sent before.\n"
    assert "1 payments changed" in pay("failed", "--batch", number, "--worker", "ana")[1]
    assert pay()[0] == "5f0c,0.80\n"
    assert pay("create", "--market", "prolific")[0] == "5f0c,0.80\n"
    number = str(PayoutBatch.objects.last().pk)
    pay("sent", "--batch", number)
    pay("confirmed", "--batch", number)

    assert LedgerEntry.objects.get().state == "confirmed"


def test_of_several_markets_one_has_to_be_named(ana):
    answered(workers(ana.study, "ben")[0])

    link = ana.participant.link_id
    with pytest.raises(CommandError, match=rf"say --market local or --link {link} \(prolific\)"):
        pay()

    assert pay("--market", "local")[0] == "worker,account,email,amount\nben,,,0.80\n"
    assert pay("--market", "nowhere")[0] == ""


def test_of_several_links_of_a_market_one_has_to_be_named(ana):
    other = market_link(ana.study)
    answered(participant(workers(ana.study, "ben")[0], "6a1d", link=other))

    with pytest.raises(CommandError, match=rf"--link {other.pk} \(prolific\)"):
        pay("create", "--market", "prolific")

    assert pay("create", "--link", str(other.pk))[0] == "6a1d,0.80\n"
    assert pay("create")[0] == "5f0c,0.80\n"
    assert pay("list", "--link", str(other.pk))[0].endswith(f"\t{other.pk}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sent",), "Say which batch"),
        (("sent", "--batch", "999999"), "no batch 999999"),
        (("confirmed", "--batch", "1"), "not sent yet|no batch"),
        (("failed", "--batch", "1", "--worker", "zoe"), "no worker 'zoe'|no batch"),
    ],
)
def test_a_step_that_cannot_be_says_why(ana, arguments, sentence):
    PayoutBatch.objects.create(pk=1, study=ana.study, market="local")

    with pytest.raises(CommandError, match=sentence):
        pay(*arguments)


def test_a_study_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="no study 'nowhere'"):
        call_command("pay", "nowhere")
