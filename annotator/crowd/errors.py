"""What can go wrong between a worker and a HIT. Every message is a sentence for that worker.

CrowdError
├── EntryRefused         the invitation lets nobody in
├── MixedCrowd           people and simulated workers would answer one study
├── NoPlace              nobody may take this HIT now
├── AlreadyWorked        this worker has had this unit
├── NotOpen              the assignment was given back or answered
├── AnswerInvalid        the answer is not complete; `errors` says why, field by field
└── Refused              submit is refused for now (catch policy `block`)
"""

from collections.abc import Mapping

from annotator.models import Assignment


class CrowdError(Exception):
    """Something a worker asked for cannot be."""


class EntryRefused(CrowdError):
    """The invitation has expired, is used up or was withdrawn."""


class MixedCrowd(CrowdError):
    """Simulated answers never mix with people's."""


class NoPlace(CrowdError):
    """Every place of the HIT is taken or filled, or the HIT is withdrawn."""


class AlreadyWorked(CrowdError):
    """A worker labels a unit once. `assignment` is the one from before."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__("You have already had this one; please take the next.")
        self.assignment = assignment


class NotOpen(CrowdError):
    """The assignment takes nothing more."""


class AnswerInvalid(CrowdError):
    """The answer is not complete. `errors` maps each field of Said to one sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Refused(CrowdError):
    """The answer is not taken yet. The message tells nothing about which pictures."""
