"""manage.py consent STUDY [FILE]"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.access.consent import newest_text, write_fields, write_text
from annotator.crowd.access.consent_fields import (
    HINTS,
    REQUIRED,
    ConsentFieldsInvalid,
    default_fields,
    missing_fields,
    parse_fields,
    read_fields,
)
from annotator.crowd.audit import COMMAND
from annotator.models import Study

FIELD_FILES = {".toml", ".json"}
COVERS = {
    "device": "whether a phone, a tablet or a computer is used is kept",
    "market": "a market's number, country, language and age group are kept",
}


class Command(BaseCommand):
    help = (
        "Print the text that annotators of a study agree to. With FILE, store its fields as the "
        "newest version, to which everybody must agree before their next HIT."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            nargs="?",
            help="TOML or JSON with the fields that --template prints; or plain text (UTF-8), "
            "by which people who have entered go on, but nobody can be invited",
        )
        parser.add_argument(
            "--template",
            action="store_true",
            help="print the fields as TOML, to fill in: those that only you can answer are empty",
        )
        for part, what in COVERS.items():
            parser.add_argument(
                f"--covers-{part}", action="store_true", help=f"a plain text says that {what}"
            )

    def handle(
        self, *, study: str, file: Path | None, template: bool, **options: Any
    ) -> str | None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` first.")
        if template:
            return _as_toml({**default_fields(row), **(newest_text(row).fields or {})})
        if file:
            self._write(row, file, **options)
        consent = newest_text(row)
        self.stderr.write(f"Version {consent.version} of the consent text of study {row}:")
        if missing := missing_fields(consent.fields):
            self.stderr.write(f"Nobody can be invited yet. It does not say: {', '.join(missing)}.")
        return consent.text

    def _write(self, study: Study, file: Path, **options: Any) -> None:
        try:
            if file.suffix in FIELD_FILES:
                write_fields(study, parse_fields(study, read_fields(file)), COMMAND)
                return
            covers = {f"covers_{part}": options[f"covers_{part}"] for part in COVERS}
            write_text(study, file.read_text(encoding="utf-8-sig"), COMMAND, **covers)
        except ConsentFieldsInvalid as error:
            raise CommandError(f"{file}: {error}") from error
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from error


def _as_toml(fields: dict[str, Any]) -> str:
    """Fields as TOML that reads back as they are, the ones to fill in first."""
    lines = []
    for name in sorted(fields, key=lambda name: name not in REQUIRED):
        value = fields[name]
        if name in HINTS:
            lines.append(f"# {HINTS[name]}")
        if isinstance(value, str):
            quotes = '"""' if "\n" in value else '"'
            lines.append(f"{name} = {quotes}{_escaped(value)}{quotes}")
        else:
            lines.append(f"{name} = {str(value).lower()}")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """A text inside the quotes of TOML, which escapes as JSON does, line by line."""
    lines = (json.dumps(line, ensure_ascii=False)[1:-1] for line in text.split("\n"))
    return "\n".join(lines).replace("\x7f", "\\u007f")
