"""manage.py rename STUDY NAME --network N [--layer L]"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND, note
from annotator.models import Layer, Network, Study
from annotator.models.display_names import BadDisplayName

Row = TypeVar("Row", Network, Layer)


class Command(BaseCommand):
    help = (
        "Set the display name of a network, or of one of its layers: what readers see on pages "
        "and in figures. Addresses stay, and exports keep the spec beside it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("name", metavar="NAME", help="the new display name")
        parser.add_argument("--network", required=True, help="its display name, or its spec")
        parser.add_argument("--layer", help="its display name, or its module path")

    def handle(
        self, *, study: str, name: str, network: str, layer: str | None, **options: Any
    ) -> None:
        study_row = Study.objects.filter(name=study).first()
        if study_row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` first.")
        row: Network | Layer = _called(network, study_row.networks.all(), f"Study {study} has")
        if layer is not None:
            row = _called(layer, row.layers.all(), f"Network {row.display_name} has")
        before = row.display_name
        try:
            row.rename(name)
        except BadDisplayName as error:
            raise CommandError(str(error)) from error
        note(study_row, COMMAND, "rename", **{row.name: [before, row.display_name]})
        self.stderr.write(f"{row.name} of study {study} is called {row.display_name} now.")


def _called(name: str, rows: Iterable[Row], having: str) -> Row:
    """The row with a display name, a name or a slug."""
    by_name: dict[str, Row] = {}
    for row in rows:
        for each in (row.display_name, row.name, row.slug):
            by_name.setdefault(each, row)
    if name in by_name:
        return by_name[name]
    near = get_close_matches(name, by_name, n=3) or sorted({row.name for row in by_name.values()})
    raise CommandError(f"{having} no {name!r}. Did you mean {' or '.join(near)}?")
