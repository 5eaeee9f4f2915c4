"""Reconciling: a market's table of submissions against the sessions that are known here."""

import pytest
from django.core.management import call_command

from annotator.crowd.access.sessions import end_session
from annotator.imports.submissions import (
    KnownSession,
    Submission,
    differences,
    read_submissions,
)
from annotator.imports.tables import ImportRefused
from annotator.models import MarketSession, Outcome
from tests.crowd.markets import NUMBER, participant_of, prolific_link
from tests.crowd.studies import published_study

HEADER = "Submission id,Participant id,Status,Completion code\n"

# A session here, a line there, and the list that has their difference; None where they agree.
CASES = [
    (("completed", 5), ("approved", ""), None),
    (("completed", 5), ("awaiting review", ""), None),
    (("completed", 5), ("rejected", ""), "known_unpaid"),
    (("completed", 5), ("returned", ""), "known_unpaid"),
    (("completed", 5), ("timed out", ""), "known_unpaid"),
    (("stopped", 2), ("returned", ""), "known_unpaid"),
    (("stopped", 0), ("returned", ""), None),
    (("no consent", 0), ("returned", ""), None),
    (("no consent", 0), ("approved", ""), "other_status"),
    (("", 2), ("approved", ""), "other_status"),
    (("completed", 5), ("approved", "CODE"), None),
    (("completed", 5), ("approved", "OTHER"), "other_status"),
    (("completed", 5), None, "known_unpaid"),
    (("stopped", 0), None, None),
    (None, ("approved", ""), "paid_unknown"),
    (None, ("returned", ""), None),
]


@pytest.mark.parametrize(("here", "there", "which"), CASES)
def test_what_differs_is_listed_once(here, there, which):
    known = [KnownSession("p", "s", *here, code="CODE")] if here else []
    rows = [Submission("p", there[0], "s", there[1])] if there else []

    result = differences(known, rows)

    lists = {
        name: len(getattr(result, name))
        for name in ("paid_unknown", "known_unpaid", "other_status")
    }
    assert [name for name, count in lists.items() if count] == ([which] if which else [])
    assert sum(lists.values()) == (1 if which else 0)


def test_where_the_table_has_no_submission_the_person_is_matched():
    known = [KnownSession("p", "s", "completed", 5)]

    assert differences(known, [Submission("p", "approved")]).matched == 1


def test_people_of_another_market_link_need_no_line_in_the_table():
    known = [KnownSession("p", "s", "completed", 5, link=1)]
    known += [KnownSession("q", "t", "completed", 5, link=2)]

    def unpaid(link):
        return [each.participant for each in differences(known, [], link).known_unpaid]

    assert (unpaid(None), unpaid(1), unpaid(2)) == (["p", "q"], ["p"], ["q"])


def test_an_export_of_prolific_is_read_with_all_its_columns(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(
        "Submission id,Participant id,Status,Custom study tncs accepted at,Started at,"
        "Completed at,Reviewed at,Archived at,Time taken,Completion code,Total approvals,Age\n"
        "s,p,AWAITING REVIEW,Not Applicable,2024-10-25T12:27:09.179000Z,,,,1150,NOCODE,12,30\n"
    )

    assert read_submissions(file) == [Submission("p", "awaiting review", "s", "NOCODE")]


@pytest.mark.parametrize(
    "header",
    [
        "Submission id,Participant id,Status,Completion code",
        "session_id,participant_id,status,entered_code",
        "AssignmentId,ParticipantId,Approval Status,CompletionCode",
        "ASSIGNMENT-ID;PARTICIPANT-ID;STATUS;COMPLETION CODE",
    ],
)
def test_the_columns_of_markets_are_known(tmp_path, header):
    file = tmp_path / "table.csv"
    mark = ";" if ";" in header else ","
    file.write_text(f"{header}\n{mark.join(('s', 'p', 'TIMED-OUT', 'C'))}\n")

    assert read_submissions(file) == [Submission("p", "timed out", "s", "C")]


def test_columns_of_another_market_are_named(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("who,how\np,Paid\n")

    rows = read_submissions(file, {"participant": "who", "status": "how"})

    assert rows == [Submission("p", "paid")]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("", "empty"),
        (HEADER, "empty"),
        ("Name,Age\na,1\n", "no column participant, status"),
        ("Participant id,Age\na,1\n", "no column status"),
    ],
)
def test_a_table_that_is_none_is_refused_with_a_sentence(tmp_path, table, sentence):
    file = tmp_path / "table.csv"
    file.write_text(table)

    with pytest.raises(ImportRefused, match=sentence):
        read_submissions(file)


@pytest.mark.django_db
def test_the_command_prints_what_differs(tmp_path, capsys):
    link = prolific_link(published_study())
    participant_of(link)
    end_session(MarketSession.objects.get(), Outcome.NO_CONSENT)
    file = tmp_path / "table.csv"
    file.write_text(f"{HEADER}s{NUMBER},{NUMBER},APPROVED,X\nother,{'ab' * 12},APPROVED,X\n")

    call_command("reconcile", "rooms", str(file))

    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"Paid there, unknown here\t{'ab' * 12}\tother\tapproved\tnot known",
        f"Another status\t{NUMBER}\ts{NUMBER}\tapproved\tno consent, no set submitted",
    ]
    assert "0 submissions agree, 2 differ" in err
