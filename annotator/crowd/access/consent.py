"""Consent: the text that annotators of a study agree to before the first HIT, in versions.

A study has the default text until a requester writes another. Annotators must agree to a new
version before their next HIT; each agreement is kept with its version and time. A text says
whether it covers details of people (the kind of device; a marketplace's country, language and age
group). They are kept of nobody who did not agree to a text that does.
"""

from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import ConsentChanged
from annotator.models import Consent, ConsentGiven, Study, Worker

MAX_HEADING_CHARACTERS = 60

# The text names everything that Trace, Answer, Mark, Attempt, Draft, PictureReport, WorkerDetails
# and ClosingAnswer keep.
DEFAULT_TEXT = """\
What this is
Researchers want to know what the parts of computer vision programs respond to. You \
look at sets of small pictures, say in a few words what they share, mark those that do not fit, \
and choose the group that it belongs to. One set takes a few minutes.

It is up to you
Do as many sets as you like, skip any, and stop whenever you like; you need no \
reason, and what you have submitted is paid all the same. Some pictures may not be pleasant to \
you: you can hide any of them.

What is kept of a set
Your answer: the name, the group, the pictures you mark, and a remark if you \
write one, which only the people who run the study read. What you enter \
before you submit, so that nothing is lost, and every press of Submit. The times at which you \
took and submitted the set. Sets you skip, with your reason if you give one, and pictures you hide.

What is kept of how you work on it
How long the page was in view and in use, and how long each \
picture was in view. The order in which you mark pictures. Which views you use (region, outline, \
whole). How often the page lost the focus, and how often something was pasted into the field for \
the name, not what.

What is kept of you
A random number in place of your name, and that you agreed to this text, and \
when. A cookie remembers you in this browser. Your name is not asked for. If you make an account, \
the name you choose for it, and your e-mail address if you give one. Whether you use a phone, a \
tablet or a computer. If a marketplace sent you: your number there, in a form that nobody can \
read, and your country, language and age group if the marketplace shares them. Of these details \
only counts of at least five people are published. At the end you are asked whether you used an \
AI tool; no answer to this changes your pay.

How answers are checked
Some sets and pictures are there to see whether answers are given with \
care. No program rejects an answer: people decide.

What becomes of it
Answers are used for research and may be published together with the random \
number, never with an account's name or address."""


@dataclass(frozen=True)
class ConsentText:
    """A version of the text."""

    version: int
    text: str
    covers_device: bool = False
    covers_market: bool = False

    @property
    def sections(self) -> list[tuple[str, str]]:
        """(heading, text) of each paragraph. A first line without a full stop is a heading."""
        paragraphs = (part.strip() for part in self.text.replace("\r\n", "\n").split("\n\n"))
        return [_heading_and_text(paragraph) for paragraph in paragraphs if paragraph]


def _heading_and_text(paragraph: str) -> tuple[str, str]:
    first, _newline, rest = paragraph.partition("\n")
    is_heading = rest and len(first) <= MAX_HEADING_CHARACTERS and first[-1] not in ".,;:!?"
    return (first, rest) if is_heading else ("", paragraph)


def newest_text(study: Study) -> ConsentText:
    """The newest consent text of a study; version 1 is the default text."""
    newest = study.consents.order_by("-version").first()
    if newest is None:
        return ConsentText(1, DEFAULT_TEXT, covers_device=True, covers_market=True)
    return ConsentText(newest.version, newest.text, newest.covers_device, newest.covers_market)


def agree(worker: Worker, version: int) -> None:
    """Store a worker's consent to the newest text. Idempotent.

    Raises:
        ConsentChanged: the version is no longer the newest.
    """
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=worker.study_id)
        newest = newest_text(worker.study)
        if version != newest.version:
            raise ConsentChanged(_("The text has changed meanwhile; please read it once more."))
        # The default text becomes a row when the first worker agrees to it.
        consent, _made = Consent.objects.get_or_create(
            study=worker.study, version=newest.version, defaults=asdict(newest)
        )
        ConsentGiven.objects.get_or_create(worker=worker, consent=consent)


def is_required(worker: Worker) -> bool:
    """Whether a person has yet to consent to the newest version of the text."""
    if worker.kind != Worker.Kind.PERSON:
        return False
    agreement = ConsentGiven.objects.filter(worker=worker, consent=OuterRef("pk"))
    versions = Consent.objects.filter(study=worker.study_id).order_by("-version")
    return versions.values_list(Exists(agreement), flat=True).first() is False


def write_text(
    study: Study, text: str, by: Actor, covers_device: bool = False, covers_market: bool = False
) -> ConsentText:
    """Store a consent text as the newest version, unless it is the newest already.

    Args:
        covers_device: the text says that the kind of device is kept.
        covers_market: it says that a marketplace's country, language and age group are kept.

    Raises:
        ValueError: the text is empty.
    """
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not text:
        raise ValueError("A consent text cannot be empty.")
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        before = newest_text(study)
        newest = ConsentText(before.version, text, covers_device, covers_market)
        if newest == before:
            return before
        newest = replace(newest, version=before.version + 1)
        Consent.objects.create(study=study, **asdict(newest))
        note(study, by, "consent written", version=[before.version, newest.version])
    return newest
