"""What a marketplace's table says of a study's people: country, language and age group.

Columns are those of Prolific's demographic export. A line is matched by the participant's number,
of which the study keeps a keyed hash, or by the worker's key. Nothing is stored of people who did
not agree to it, and of an age only its group.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from django.db import transaction
from pydantic import AliasChoices, BeforeValidator, Field

from annotator.free_text import whole_number_text
from annotator.imports.tables import TIDY, TableRow, read_rows
from annotator.models import Study, Worker, WorkerDetails
from annotator.models.worker_details import AgeBand, participant_hash

# What Prolific writes where a person did not say, or has taken back what they said.
NOT_SAID = {"consent_revoked", "data_expired", "prefer not to say", "rather not say", "n/a"}
MAX_AGE = 120

PARTICIPANT = ("Participant id", "participant_id", "worker")
COLUMNS = {
    "country": ("Country of residence", "Current Country of Residence", "country"),
    "language": ("Language", "First Language", "language"),
    "age_band": ("Age", "age"),
}


def _said(value: Any) -> Any:
    return "" if isinstance(value, str) and value.casefold() in NOT_SAID else value


def _age_band(value: Any) -> Any:
    age = _said(value)
    if not age:
        return ""
    years = int(whole_number_text(age) or MAX_AGE + 1)
    if years > MAX_AGE:
        raise ValueError(f"Age must be a whole number from 0 to {MAX_AGE}, got {value!r}.")
    return AgeBand.of(years)


def _column(name: str) -> Any:
    return Field(default="", validation_alias=AliasChoices(*COLUMNS[name]))


Said = Annotated[str, Field(max_length=100), BeforeValidator(_said), TIDY]


class DemographicsRow(TableRow):
    """A line of the table."""

    participant: Annotated[str, TIDY] = Field(validation_alias=AliasChoices(*PARTICIPANT))
    country: Said = _column("country")
    language: Said = _column("language")
    age_band: Annotated[AgeBand | str, BeforeValidator(_age_band)] = _column("age_band")

    @classmethod
    def missing_columns(cls, columns: set[str]) -> list[str]:
        wanted = [PARTICIPANT] if not columns.intersection(PARTICIPANT) else []
        if not any(columns.intersection(names) for names in COLUMNS.values()):
            wanted.extend(COLUMNS.values())
        return [names[0] for names in wanted]

    def details(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class ImportedDemographics:
    """How many people's details were stored, and of how many not, and why."""

    stored: int
    without_consent: int
    unknown: int


def import_demographics(path: Path, study: Study) -> ImportedDemographics:
    """Import the details of a study's people. A later table replaces what an earlier one said.

    Of several lines of one participant the last one counts.

    Raises:
        ImportRefused: nothing was written.
    """
    lines = {row.participant: row for row in read_rows(path, DemographicsRow)}
    with transaction.atomic():
        workers = _workers(study, lines)
        people = study.workers.filter(kind=Worker.Kind.PERSON)
        agreeing = set(people.with_consent("covers_market").values_list("pk", flat=True))
        stored = without_consent = unknown = 0
        for participant, row in lines.items():
            known = workers.get(participant, [])
            for worker in agreeing.intersection(known):
                WorkerDetails.objects.update_or_create(worker_id=worker, defaults=row.details())
            stored += len(agreeing.intersection(known))
            without_consent += len(set(known) - agreeing)
            unknown += not known
    return ImportedDemographics(stored, without_consent, unknown)


def _workers(study: Study, participants: Iterable[str]) -> dict[str, list[int]]:
    """Participant: the workers of a study that have this number, or this key."""
    hashes = {participant_hash(study, participant): participant for participant in participants}
    workers: dict[str, list[int]] = {}
    rows = study.workers.values_list("pk", "key", "details__participant")
    for pk, key, hashed in rows:
        workers.setdefault(hashes.get(hashed, key), []).append(pk)
    return workers
