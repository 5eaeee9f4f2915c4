"""The ethics paragraph and checklist of a paper, filled from what is stored.

What the study does not know is not claimed: a place to fill in stands there, as in
`[TO FILL IN: name the ethics board]`.
"""

from dataclasses import dataclass

from annotator.models import Assignment, HitType, Invitation, Study, Worker, WorkerDetails
from annotator.pay.money import dollars
from annotator.results.loading.people import People
from annotator.results.output.formatting import DETAIL_NAMES, count, counts_in_words, percent
from annotator.results.report.report import StudyReport
from annotator.results.report.who_answered import WhoAnswered

BOARD = "name the ethics board and the number of its decision, or say why none was needed"
RECRUITMENT = "say where and how people were recruited, and who was left out"
NO_PEOPLE = "none: simulated workers answered"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of a checklist. `value` is empty where it is not recorded."""

    label: str
    value: str


def _to_fill_in(what: str) -> str:
    """A place in a paper's text for what a study does not know."""
    return f"[TO FILL IN: {what}]"


def ethics_paragraph(study: Study, report: StudyReport) -> str:
    """Write a paper's paragraph on its people: recruitment, consent, pay, exclusions, details."""
    if report.is_simulated:
        return (
            "No people took part: simulated workers gave every answer, so nobody was recruited, "
            "asked for consent, or paid."
        )
    people = report.who_answered.people
    if people is None:
        return (
            "The answers were imported from another campaign's table, which tells nothing of "
            f"recruitment, consent, pay or who answered. {_to_fill_in(RECRUITMENT)}. "
            f"{_to_fill_in(BOARD)}."
        )
    sentences = (
        f"{_recruitment(study)} {_to_fill_in(RECRUITMENT)}.",
        f"{_consent(people)} {_to_fill_in(BOARD)}.",
        _dates(report.who_answered),
        _pay(study, people),
        f"{percent(report.who_answered.return_rate)} of the accepted assignments were returned, "
        f"and {percent(report.who_answered.exclusion_rate)} of the submitted answers excluded by "
        "rules blind to concept and precision.",
        f"Who answered: {_details(people) or _to_fill_in('describe the people, or say why not')}.",
        _closing(people),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def ethics_checklist(study: Study, report: StudyReport) -> list[ChecklistItem]:
    """Write a paper's checklist on its people. Values that are not recorded are empty."""
    who, people = report.who_answered, report.who_answered.people
    nobody = NO_PEOPLE if report.is_simulated else ""
    rows = [
        ("Recruitment", _recruitment(study) if people else nobody),
        ("Ethics approval", nobody),
        ("People who answered", count(people.count) if people else nobody),
        ("Consent text (version, SHA-256)", _versions(people) if people else nobody),
        ("Pay of a set", _reward(study) if people else nobody),
        ("Hourly pay (median; 5 to 95 % of people)", _hourly(people) if people else nobody),
        ("First and last answer (UTC)", who.days),
        ("Assignments returned", percent(who.return_rate)),
        ("Answers excluded, blind to concept and precision", percent(who.exclusion_rate)),
        ("Who answered", _details(people) if people else nobody),
        ("People who said that they used an AI tool", _ai(people) if people else nobody),
    ]
    return [ChecklistItem(label, value) for label, value in rows]


def _recruitment(study: Study) -> str:
    people = Worker.objects.filter(
        study=study, kind=Worker.Kind.PERSON, assignments__status__in=Assignment.ANSWERED
    )
    links = Invitation.objects.filter(workers__in=people).distinct()
    sentence = "People entered by an invite link" if links else "People were given access"
    if links.filter(needs_account=True).exists():
        sentence += " and made an account"
    market = WorkerDetails.objects.filter(worker__in=people).exclude(participant="")
    return f"{sentence}{'; a market sent some or all of them' if market.exists() else ''}."


def _consent(people: People) -> str:
    if not people.consents:
        return f"{_to_fill_in('say what people agreed to: no consent is recorded')}."
    everybody = people.consenting == people.count
    who = (
        "Everybody" if everybody else f"{count(people.consenting)} of {count(people.count)} people"
    )
    return f"{who} agreed to the consent text first (version {_versions(people)})."


def _versions(people: People) -> str:
    return "; ".join(f"{version}, {sha256[:12]}" for version, sha256 in people.consents)


def _dates(who: WhoAnswered) -> str:
    days = who.days
    return f"Answers were given {'from' if ' to ' in days else 'on'} {days}." if days else ""


def _reward(study: Study) -> str:
    rewards = HitType.objects.filter(study=study).values_list("reward_cents", flat=True)
    amounts = sorted(set(rewards))
    if not amounts:
        return ""
    least, most = dollars(amounts[0]), dollars(amounts[-1])
    return least if least == most else f"{least} to {most}"


def _hourly(people: People) -> str:
    pay = people.pay
    if pay is None:
        return ""
    return f"{dollars(pay.median)}; {dollars(pay.low)} to {dollars(pay.high)}"


def _pay(study: Study, people: People) -> str:
    reward = _reward(study)
    if not reward:
        return f"{_to_fill_in('say what people were paid')}."
    if people.pay is None:
        what = "say what this was for an hour: the time of fewer than five people is known"
        return f"A set paid {reward} {_to_fill_in(what)}."
    return (
        f"A set paid {reward}; with bonuses and over the time that people worked this was "
        f"{dollars(people.pay.median)} an hour in the median, and between {dollars(people.pay.low)}"
        f" and {dollars(people.pay.high)} for 90 % of them."
    )


def _details(people: People) -> str:
    return "; ".join(
        f"{DETAIL_NAMES[name].lower()}: {counts_in_words(counts)}"
        for name, counts in people.details.items()
    )


def _ai(people: People) -> str:
    closing = people.closing
    asked = closing.yes + closing.no + closing.not_said
    return f"{count(closing.yes)} of {count(asked)} asked" if asked else ""


def _closing(people: People) -> str:
    asked = _ai(people)
    if not asked:
        return "Nobody was asked whether they used an AI tool."
    return (
        "People who stopped were asked whether they used an AI tool, and told that no answer "
        f"changes their pay: {asked} said that they did."
    )
