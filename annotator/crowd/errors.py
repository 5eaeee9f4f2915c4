"""Errors about HITs. Every message is a sentence for the user.

CrowdError               something a worker asked for is not possible
├── EntryRefused         the invitation does not let anybody in
│   └── NobodyNew        it lets nobody in now who has not been in before
├── ConsentChanged       the worker agreed to a text that is no longer the newest
├── ConsentRequired      the worker has yet to agree to the newest text
├── SessionEnded         the market session has ended; `session` says how
├── CheckDue             an attention check comes before the next HIT
├── ConsentIncomplete    the worker's agreement lacks their age or their choice
├── MixedCrowd           people and simulated workers would answer one study
├── StudyPaused          its requester has paused it: nobody gets another HIT
├── BudgetSpent          the budget has no room for another answer
├── NoPlace              the HIT has no free place, or is withdrawn
├── AlreadyWorked        the worker has had this unit before
├── TooLate              the date for taking answers back is over
├── NotOpen              the assignment was returned or answered
├── DraftInvalid         the page sent something that is not a draft
├── DraftStale           another tab has saved since; `draft` is what it saved
├── TraceInvalid         the page sent something that is not a trace
├── NotShown             the HIT has no such picture
├── TooFewJudged         too many pictures are hidden; the assignment was returned
├── AnswerInvalid        the answer is not complete; `errors` has a sentence for each field
└── AnswerRefused        submit is refused for now (catch policy `block`)

ReviewError              something a reviewer asked for is not possible
├── NotAnswered          there is no answer to decide about
├── ReasonMissing        a decision needs a reason
├── ReasonTooLong        the reason would have to be cut
├── RejectionRefused     the rules do not allow this rejection, or not yet
├── BonusError           the bonus cannot be given like this
└── StillOpen            the HIT has answers to review, or somebody is working on it

ConsentMissing           a study cannot be opened to people: its consent text lacks something
"""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from annotator.models import Assignment, Draft, MarketSession


class CrowdError(Exception):
    """Something a worker asked for is not possible."""


class EntryRefused(CrowdError):
    """The invitation has expired, is used up or was revoked."""


class NobodyNew(EntryRefused):
    """The study takes nobody new now.

    Attributes:
        market: what the market is called that sent the person; empty for nobody's.
    """

    def __init__(self, sentence: str, market: str = "") -> None:
        super().__init__(sentence)
        self.market = market


class ConsentChanged(CrowdError):
    """The worker agreed to a text that is no longer the newest."""


class ConsentRequired(CrowdError):
    """The worker has yet to agree to the newest consent text."""


class CheckDue(CrowdError):
    """An attention check comes before the next HIT of a market session."""


class ConsentIncomplete(CrowdError):
    """An agreement lacks what its text asks for: age 18, or the choice about sharing."""


class MixedCrowd(CrowdError):
    """Simulated answers never mix with people's."""


class StudyPaused(CrowdError):
    """The requester has paused the study; work in hand may be finished."""


class BudgetSpent(CrowdError):
    """The budget has no room for another answer; work in hand may be finished."""


class NoPlace(CrowdError):
    """Every place of the HIT is taken or filled, or the HIT is withdrawn."""


class AlreadyWorked(CrowdError):
    """A worker labels a unit once. `assignment` is the earlier one."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(_("You have already had this one; please take the next."))
        self.assignment = assignment


class SessionEnded(CrowdError):
    """A market session has ended, so there is no further HIT in it. `session` says how."""

    def __init__(self, session: MarketSession) -> None:
        super().__init__(_("Your session has ended, so there is no further set in it."))
        self.session = session


class TooLate(CrowdError):
    """The date until which answers can be taken back is over."""


class NotOpen(CrowdError):
    """The assignment was returned or answered."""


class DraftInvalid(CrowdError):
    """The page sent something that is not a draft."""


class DraftStale(CrowdError):
    """Another tab has saved since this one last looked. `draft` is what it saved."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__(_("This set of pictures was changed in another tab or on another device."))
        self.draft = draft


class TraceInvalid(CrowdError):
    """The page sent something that is not a trace."""


class NotShown(CrowdError):
    """The HIT has no picture in that slot."""


class TooFewJudged(CrowdError):
    """Too many pictures are hidden for an answer, so the assignment was returned."""


class AnswerInvalid(CrowdError):
    """The answer is not complete. `errors` maps fields of AnswerForm to one sentence each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class AnswerRefused(CrowdError):
    """The answer is not accepted yet. The message does not say because of which pictures."""


class ReviewError(Exception):
    """Something a reviewer asked for is not possible. The message says what to do."""


class NotAnswered(ReviewError):
    """There is no answer to decide about."""


class ReasonMissing(ReviewError):
    """A decision needs a reason that people can read."""


class ReasonTooLong(ReviewError):
    """The reason would have to be cut."""


class RejectionRefused(ReviewError):
    """The rules do not allow this rejection, or not yet. The message says what is possible."""


class BonusError(ReviewError):
    """The bonus cannot be given like this."""


class StillOpen(ReviewError):
    """The HIT cannot be disposed of yet."""


class ConsentMissing(Exception):
    """A study cannot be opened to people yet. `missing` names what its consent text lacks."""

    def __init__(self, message: str, missing: Sequence[str]) -> None:
        super().__init__(message)
        self.missing = list(missing)
