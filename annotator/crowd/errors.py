"""What can go wrong between a worker and a HIT. Every message is a sentence for that worker.

CrowdError
├── EntryRefused         the invitation lets nobody in
├── ConsentChanged       what was agreed to is not the newest text
├── ConsentRequired      the worker has yet to agree to the newest text
├── MixedCrowd           people and simulated workers would answer one study
├── NoPlace              nobody may take this HIT now
├── AlreadyWorked        this worker has had this unit
├── NotOpen              the assignment was given back or answered
├── DraftInvalid         what a page wants saved is no draft
├── DraftStale           another tab has saved since; `draft` is what it saved
├── TraceInvalid         what a page tells of its work is no trace
├── NotShown             the HIT has no such picture
├── AnswerInvalid        the answer is not complete; `errors` says why, field by field
└── AnswerRefused        submit is refused for now (catch policy `block`)
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from annotator.models import Assignment, Draft


class CrowdError(Exception):
    """Something a worker asked for cannot be."""


class EntryRefused(CrowdError):
    """The invitation has expired, is used up or was withdrawn."""


class ConsentChanged(CrowdError):
    """The worker agreed to a text that is not the newest any more."""


class ConsentRequired(CrowdError):
    """The worker has yet to agree to the newest consent text."""


class MixedCrowd(CrowdError):
    """Simulated answers never mix with people's."""


class NoPlace(CrowdError):
    """Every place of the HIT is taken or filled, or the HIT is withdrawn."""


class AlreadyWorked(CrowdError):
    """A worker labels a unit once. `assignment` is the one from before."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(_("You have already had this one; please take the next."))
        self.assignment = assignment


class NotOpen(CrowdError):
    """The assignment takes nothing more."""


class DraftInvalid(CrowdError):
    """What should be saved is not what a HIT page sends."""


class DraftStale(CrowdError):
    """Another tab has saved since this one last looked. `draft` is what is there now."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__(_("This set of pictures was changed in another tab or on another device."))
        self.draft = draft


class TraceInvalid(CrowdError):
    """What should be added is not what a HIT page tells."""


class NotShown(CrowdError):
    """The HIT has no picture in that slot."""


class AnswerInvalid(CrowdError):
    """The answer is not complete. `errors` maps each field of AnswerForm to one sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class AnswerRefused(CrowdError):
    """The answer is not taken yet. The message tells nothing about which pictures."""
