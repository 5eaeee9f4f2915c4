"""Consent: the text that annotators of a study agree to before the first HIT, in versions.

A study has the default text until a requester fills in the fields of another; it cannot be opened
to people before. Annotators must agree to a new version before their next HIT; each agreement is
kept with its version and time. A text says whether it covers details of people (the kind of
device; a marketplace's country, language and age group). They are kept of nobody who did not agree
to a text that does.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from annotator.crowd.access.consent_fields import ConsentFields, missing_fields
from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import ConsentChanged, ConsentIncomplete, ConsentMissing
from annotator.models import Consent, ConsentGiven, Study, Worker
from annotator.pay.debriefing import debriefing_cents

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
tablet or a computer. If a marketplace sent you: your number there, so that you can be paid, \
until you are paid and can no longer take answers back; afterwards only a form of it that nobody \
can read; and your country, language and age group if the marketplace shares them. Of these \
details only counts of at least five people are published. At the end you are asked whether \
you used an AI tool; no answer to this changes your pay.

How answers are checked
Some sets and pictures are there to see whether answers are given with \
care. No program rejects an answer: people decide.

What becomes of it
Answers are used for research and may be published together with the random \
number, never with an account's name or address."""


@dataclass(frozen=True)
class ConsentText:
    """A version of the text.

    Attributes:
        fields: what it is made of; None for a text without fields.
        debriefing_cents: what it says that reading the debriefing pays.
    """

    version: int
    text: str
    covers_device: bool = False
    covers_market: bool = False
    fields: Mapping[str, Any] | None = None
    debriefing_cents: int = 0

    @property
    def asks_age(self) -> bool:
        """Whether people confirm that they are 18 or older."""
        return self.fields is not None

    @property
    def asks_sharing(self) -> bool:
        """Whether people choose if their single answers may be shared."""
        return self.fields is not None and bool(self.fields["shares_data"])

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
    return ConsentText(
        newest.version,
        newest.text,
        newest.covers_device,
        newest.covers_market,
        newest.fields,
        newest.debriefing_cents,
    )


@dataclass(frozen=True)
class Agreement:
    """What a person says when they agree to a text.

    Attributes:
        version: of the text that they read.
        is_adult: they confirmed that they are 18 or older.
        shares: their single answers may be shared; None where they did not choose.
    """

    version: int
    is_adult: bool = False
    shares: bool | None = None


def agree(worker: Worker, agreement: Agreement | int) -> None:
    """Store a worker's consent to the newest text. Idempotent: the first agreement to it stays.

    Args:
        agreement: the version alone where the text asks for nothing else.

    Raises:
        ConsentChanged: the version is no longer the newest.
        ConsentIncomplete: the text asks for the age, or for a choice, that is not given.
    """
    given = Agreement(agreement) if isinstance(agreement, int) else agreement
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=worker.study_id)
        newest = newest_text(worker.study)
        if given.version != newest.version:
            raise ConsentChanged(_("The text has changed meanwhile; please read it once more."))
        _refuse_incomplete(given, newest)
        # The default text becomes a row when the first worker agrees to it.
        consent, _made = Consent.objects.get_or_create(
            study=worker.study, version=newest.version, defaults=asdict(newest)
        )
        choices = {
            "is_adult": newest.asks_age and given.is_adult,
            "shares": given.shares if newest.asks_sharing else None,
        }
        ConsentGiven.objects.get_or_create(worker=worker, consent=consent, defaults=choices)


def _refuse_incomplete(given: Agreement, text: ConsentText) -> None:
    if text.asks_age and not given.is_adult:
        raise ConsentIncomplete(_("Please confirm that you are 18 or older, or do not agree."))
    if text.asks_sharing and given.shares is None:
        raise ConsentIncomplete(_("Please choose whether your single answers may be shared."))


def is_required(worker: Worker) -> bool:
    """Whether a person has yet to consent to the newest version of the text."""
    if worker.kind != Worker.Kind.PERSON:
        return False
    rows = Worker.objects.filter(pk=worker.pk)
    return rows.values_list(newest_is_agreed(), flat=True).first() is False


def newest_is_agreed() -> Subquery:
    """In a query of workers: whether they agreed to the newest text; NULL where there is none."""
    agreement = ConsentGiven.objects.filter(worker=OuterRef(OuterRef("pk")), consent=OuterRef("pk"))
    versions = Consent.objects.filter(study=OuterRef("study")).order_by("-version")
    return Subquery(versions.values_list(Exists(agreement))[:1])


def write_text(
    study: Study, text: str, by: Actor, covers_device: bool = False, covers_market: bool = False
) -> ConsentText:
    """Store a text without fields as the newest version, unless it is the newest already.

    It is for studies that people have entered already: nobody can be invited by it.

    Args:
        covers_device: the text says that the kind of device is kept.
        covers_market: it says that a marketplace's country, language and age group are kept.

    Raises:
        ValueError: the text is empty.
    """
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not text:
        raise ValueError("A consent text cannot be empty.")
    return _store(study, ConsentText(0, text, covers_device, covers_market), by)


def write_fields(study: Study, fields: ConsentFields, by: Actor) -> ConsentText:
    """Store a text made of fields as the newest version of the consent, unless it is that already.

    The contact and the days of withdrawal become the study's.
    """
    text = ConsentText(
        version=0,
        text=fields.text(study),
        covers_device=fields.covers_device,
        covers_market=fields.covers_market,
        fields=fields.model_dump(),
        debriefing_cents=debriefing_cents(study),
    )
    settings = {"contact": fields.contact, "withdrawal_days": fields.withdrawal_days}
    with transaction.atomic():
        newest = _store(study, text, by)
        changes = {
            name: [getattr(study, name), value]
            for name, value in settings.items()
            if getattr(study, name) != value
        }
        if changes:
            note(study, by, "settings", **changes)
            Study.objects.filter(pk=study.pk).update(**settings)
            study.refresh_from_db(fields=list(settings))
    return newest


def _store(study: Study, text: ConsentText, by: Actor) -> ConsentText:
    """Store a text as the newest version, unless it is the newest already."""
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        before = newest_text(study)
        text = replace(text, version=before.version)
        if text == before:
            return before
        text = replace(text, version=before.version + 1)
        Consent.objects.create(study=study, **asdict(text))
        note(study, by, "consent written", version=[before.version, text.version])
    return text


def refuse_without_consent(study: Study) -> None:
    """Refuse to open a study to people before the newest version of its consent is complete.

    Call it before an invite link or a market's entry link is made, or HITs are offered to people.
    Studies of simulated workers need no consent text, since nobody enters them.

    Raises:
        ConsentMissing: it lacks a field; the sentence names all that it lacks.
    """
    missing = missing_fields(newest_text(study).fields)
    if missing:
        sentence = _(
            "Study %(study)s cannot be opened to people yet: its consent text does not say “"
            "%(missing)s”. Fill that in on /studies/%(study)s/consent/, or with `manage.py "
            "consent %(study)s FILE`."
        )
        names = "”, “".join(missing)
        raise ConsentMissing(sentence % {"study": study.name, "missing": names}, missing)
