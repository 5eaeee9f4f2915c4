"""The HIT page: 63 pictures, what is said about them, and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from annotator.crowd.answering import MOST_CHARACTERS, Said
from annotator.crowd.progress import progress
from annotator.crowd.shuffling import key_of, shuffled
from annotator.models import Answer, Assignment, Exemplar, Hit, Study
from annotator.models.answer import GROUP_EXAMPLES

NOTHING_YET = Said(concept="", group=None, marked=frozenset())


@dataclass(frozen=True)
class Picture:
    """One picture of the grid. It knows its slot; what it is for the unit stays on the server."""

    number: int  # its place on the page, from 1
    slot: int
    column: int  # where its mask is on the sheet
    row: int
    tile: str
    zoom: str
    is_marked: bool


def hit_page(
    request: HttpRequest,
    assignment: Assignment,
    said: Said = NOTHING_YET,
    errors: Mapping[str, str] | None = None,
    refusal: str = "",
) -> HttpResponse:
    """Render the page of an assignment, with all that was said on it so far.

    Args:
        errors: one sentence for each field that is missing or wrong.
        refusal: why a complete answer was not taken.
    """
    worker = assignment.worker
    context = hit_context(assignment.hit, worker.study, key_of(assignment), said)
    context |= {
        "assignment": assignment,
        "errors": dict(errors or {}),
        "refusal": refusal,
        "was_refused": assignment.attempts.filter(was_refused=True).exists(),
        "progress": progress(worker),
    }
    return render(request, "annotator/hit.html", context)


def hit_context(hit: Hit, study: Study, order: str, said: Said = NOTHING_YET) -> dict[str, Any]:
    """What the page shows of a HIT, whoever looks at it.

    Args:
        order: a secret key that decides the order of the pictures.
    """
    pictures = _pictures(hit, order, said)
    return {
        "hit": hit,
        "said": said,
        "pictures": pictures,
        "sheet_rows": max((picture.row for picture in pictures), default=0) + 1,
        "marked_count": sum(picture.is_marked for picture in pictures),
        "groups": [(int(group), group.label, example) for group, example in GROUP_EXAMPLES.items()],
        "first_view": study.first_view if hit.masks else Study.View.WHOLE,
        "most_characters": MOST_CHARACTERS,
    }


def _pictures(hit: Hit, order: str, said: Said) -> list[Picture]:
    shown = Exemplar.objects.filter(unit=hit.unit_id, slot__isnull=False)
    names = {
        slot: (tile, zoom)
        for slot, tile, zoom in shown.values_list("slot", "image__tile", "image__zoom")
    }
    columns = hit.mask_columns
    return [
        Picture(number, slot, slot % columns, slot // columns, *names[slot], slot in said.marked)
        for number, slot in enumerate(shuffled(names, order), start=1)
    ]


def said_in(form: QueryDict) -> Said:
    """What a submitted form says. What is not a number becomes one that no slot or group has."""
    group = form.get("group", "")
    return Said(
        concept=form.get("concept", ""),
        group=_number(group) if group else None,
        marked=frozenset(_number(slot) for slot in form.getlist("marked")),
        says=form.get("says", Answer.Says.CONCEPT),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
