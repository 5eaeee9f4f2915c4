"""Compares a market's table of submissions with a study's sessions, and lists what differs.

It knows the columns of the exports of Prolific and CloudResearch Connect; for another market the
requester names the columns. The comparison changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from annotator.imports.tables import ImportRefused, read_table
from annotator.models import Assignment, CompletionCode, MarketSession, Study

# The names of each column in the markets' tables, in lower case and without spaces, - and _.
COLUMNS = {
    "participant": ("participantid", "participant", "prolificpid", "workerid"),
    "session": ("submissionid", "sessionid", "assignmentid"),
    "status": ("status", "approvalstatus", "submissionstatus"),
    "code": ("completioncode", "enteredcode"),
}
REQUIRED = ("participant", "status")
PAID = {"approved", "partially approved", "screened out", "paid"}
OPEN = {"awaiting review", "active", "reserved", "pending", "submitted", "in progress"}


@dataclass(frozen=True)
class Submission:
    """A line of a market's table. Session and code are empty if the table does not have them."""

    participant: str
    status: str
    session: str = ""
    code: str = ""


@dataclass(frozen=True)
class KnownSession:
    """A session of the study: its outcome, submitted sets, completion code and market link."""

    participant: str
    session: str
    outcome: str
    sets: int
    code: str = ""
    link: int | None = None


@dataclass(frozen=True)
class Difference:
    """A session that differs: its status at the market (`there`), and in the study (`here`)."""

    participant: str
    session: str
    there: str
    here: str


@dataclass(frozen=True)
class Differences:
    """The sessions that differ, in three lists, each sorted by the participants' numbers."""

    paid_unknown: list[Difference]
    known_unpaid: list[Difference]
    other_status: list[Difference]
    matched: int

    def lists(self) -> list[tuple[str, list[Difference]]]:
        """Title and rows of each list."""
        return [
            (_("Paid there, unknown here"), self.paid_unknown),
            (_("Worked here, unpaid there"), self.known_unpaid),
            (_("Another status"), self.other_status),
        ]


def differences(
    known: Iterable[KnownSession], rows: Iterable[Submission], link: int | None = None
) -> Differences:
    """Compare sessions with a market's submissions.

    A line is matched by the numbers of participant and submission. If the line has no number of a
    submission, it is matched by the participant alone.

    Args:
        link: the market link that the table belongs to. Sessions of other links need no line.
    """
    sessions = {(each.participant, each.session): each for each in known}
    by_person = {each.participant: each for each in sessions.values()}
    result, met, matched = Differences([], [], [], 0), set[tuple[str, str]](), 0
    for row in sorted(rows, key=lambda row: (row.participant, row.session)):
        match = sessions.get((row.participant, row.session))
        if match is None and not row.session:
            match = by_person.get(row.participant)
        if match is None:
            if row.status in PAID:
                there = Difference(row.participant, row.session, row.status, "not known")
                result.paid_unknown.append(there)
            continue
        met.add((match.participant, match.session))
        problem = _problem(match, row)
        if problem is None:
            matched += 1
            continue
        target, words = problem
        difference = Difference(match.participant, match.session, row.status, words)
        (result.known_unpaid if target == "unpaid" else result.other_status).append(difference)
    for key in sorted(sessions.keys() - met):
        session = sessions[key]
        if session.sets and link in (None, session.link):
            words = f"{_outcome(session)}, {session.sets} sets"
            result.known_unpaid.append(Difference(*key, "no line", words))
    return Differences(result.paid_unknown, result.known_unpaid, result.other_status, matched)


def _problem(session: KnownSession, row: Submission) -> tuple[str, str] | None:
    """What differs between a session and its line: (the list that it belongs to, a description)."""
    if session.sets and row.status not in PAID | OPEN:
        return "unpaid", f"{_outcome(session)}, {session.sets} sets"
    if not session.sets and row.status in PAID:
        return "other", f"{_outcome(session)}, no set submitted"
    if not session.outcome and row.status in PAID:
        return "other", f"{_outcome(session)}, {session.sets} sets"
    if row.code and session.code and row.code != session.code:
        return "other", f"{_outcome(session)}; another completion code was entered"
    return None


def _outcome(session: KnownSession) -> str:
    return session.outcome or "still open"


def read_submissions(path: Path, names: Mapping[str, str] | None = None) -> list[Submission]:
    """Read a market's table of submissions, CSV or Parquet.

    Args:
        names: the name of the column of `participant`, `status`, `session` or `code`, if it is
            another one than Prolific's and Connect's.

    Raises:
        ImportRefused: the file is no table, is empty, or lacks a column.
    """
    lines = read_table(path)
    if not lines:
        raise ImportRefused(_("The table is empty: there is no line below its header."))
    columns = _columns(list(lines[0].values), {k: v for k, v in (names or {}).items() if v})
    rows = []
    for line in lines:
        values = {part: line.values.get(column, "") for part, column in columns.items()}
        values["status"] = " ".join(values["status"].casefold().replace("-", " ").split())
        rows.append(Submission(**values))
    return [row for row in rows if row.participant]


def _columns(header: list[str], names: Mapping[str, str]) -> dict[str, str]:
    plain = {"".join(c for c in name.casefold() if c.isalnum()): name for name in header}
    columns = dict(names)
    for part, known in COLUMNS.items():
        match = next((plain[name] for name in known if name in plain), None)
        if match and part not in columns:
            columns[part] = match
    missing = [column for column in columns.values() if column not in header]
    missing += [part for part in REQUIRED if part not in columns]
    if missing:
        raise ImportRefused(
            _("The table has no column %(missing)s; it has %(header)s.")
            % {"missing": ", ".join(missing), "header": ", ".join(header)}
        )
    return columns


def _known_sessions(study: Study, market: str) -> list[KnownSession]:
    """Load the sessions of a study at a market, in two queries."""
    codes = {
        (link, outcome): code
        for link, outcome, code in CompletionCode.objects.filter(
            link__invitation__study=study
        ).values_list("link", "outcome", "code")
    }
    submitted = Q(
        participant__worker__assignments__status__in=Assignment.ANSWERED,
        participant__worker__assignments__submitted_at__gte=F("started_at"),
    ) & (
        Q(ended_at__isnull=True)
        | Q(participant__worker__assignments__submitted_at__lte=F("ended_at"))
    )
    rows = MarketSession.objects.with_entry_link()
    rows = rows.filter(participant__study=study, participant__market=market)
    rows = rows.annotate(sets=Count("participant__worker__assignments", filter=submitted))
    return [
        KnownSession(
            row.participant.number,
            row.number,
            row.outcome,
            row.sets,
            codes.get((row.entry, row.outcome), ""),
            row.entry,
        )
        for row in rows.select_related("participant").order_by("pk")
    ]


def compare_submissions(
    study: Study,
    market: str,
    path: Path,
    names: Mapping[str, str] | None = None,
    link: int | None = None,
) -> Differences:
    """Compare a study's sessions at a market with the market's table.

    Args:
        names: as `read_submissions`. link: as `differences`.

    Raises:
        ImportRefused: as `read_submissions`.
    """
    return differences(_known_sessions(study, market), read_submissions(path, names), link)
