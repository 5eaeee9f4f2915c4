"""Market links and the people who come by them, made straight in the tables."""

from annotator.models import (
    CompletionCode,
    Invitation,
    MarketLink,
    MarketSession,
    Outcome,
    Participant,
    Worker,
)

NUMBER = "5f8d" * 6  # of a participant, as Prolific numbers people
RETURN = "https://app.prolific.com/submissions/complete?cc={code}"


def prolific_link(study, **fields):
    """A Prolific link of a study, with a code for each outcome: CODE-COMPLETED and so on."""
    invitation = Invitation.objects.create(study=study)
    defaults = {
        "market": "prolific",
        "participant_parameter": "PROLIFIC_PID",
        "study_parameter": "STUDY_ID",
        "session_parameter": "SESSION_ID",
        "return_url": RETURN,
    }
    link = MarketLink.objects.create(invitation=invitation, **defaults | fields)
    CompletionCode.objects.bulk_create(
        CompletionCode(link=link, outcome=outcome, code=code_of(outcome)) for outcome in Outcome
    )
    return link


def code_of(outcome):
    return f"CODE-{outcome.replace(' ', '-').upper()}"


def participant_of(link, number=NUMBER, name="ana", sets=3):
    """A participant of a link who has agreed and is in a session of some sets."""
    worker = Worker.objects.create(
        study=link.invitation.study, key=name, invitation=link.invitation
    )
    participant = Participant.objects.create(
        study=link.invitation.study, link=link, market=link.market, number=number, worker=worker
    )
    MarketSession.objects.create(participant=participant, number=f"s{number}", set_count=sets)
    return participant
