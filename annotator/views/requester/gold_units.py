"""The gold units of a study, whose answer is known, and the pass mark of its qualification."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.audit import note
from annotator.crowd.scheduling.gold_units import (
    GoldUnitError,
    remove_gold_unit,
    save_gold_units,
)
from annotator.free_text import whole_number_text
from annotator.imports import ImportRefused
from annotator.imports.tables import read_table
from annotator.models import KnownAnswer, Layer, Study
from annotator.models.answer import Group
from annotator.models.gold import USES
from annotator.views.access import actor_of, for_requesters

MAX_TABLE_BYTES = 1_000_000  # a line takes about 60


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def gold_units(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the gold units of a study; a POST adds one or a table, or sets the pass mark."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _change(request, study)
        return redirect("known", name)
    rows = KnownAnswer.objects.filter(unit__layer__network__study=study)
    rows = list(rows.select_related("unit__layer__network").order_by("pk"))
    context = {
        "study": study,
        "gold_units": rows,
        "asks_to_qualify": any(row.for_qualification for row in rows),
        "layers": Layer.objects.filter(network__study=study).select_related("network"),
        "groups": Group.choices,
        "uses": USES,
        "pass_percent": "" if study.pass_mark is None else f"{100 * study.pass_mark:g}",
    }
    return render(request, "studies/gold_units.html", context)


def _change(request: HttpRequest, study: Study) -> None:
    try:
        if "pass_percent" in request.POST:
            _set_pass_mark(request, study)
            return
        table = request.FILES.get("table")
        lines = _lines(table) if table else [(1, _line_in(request, study))]
        count = save_gold_units(study, lines, actor_of(request))
    except (ImportRefused, GoldUnitError) as error:
        messages.warning(request, str(error))
    else:
        sentence = ngettext("%(count)d unit was saved.", "%(count)d units were saved.", count)
        messages.success(request, sentence % {"count": count})


def _lines(table: UploadedFile) -> list[tuple[int, dict[str, str]]]:
    if table.size > MAX_TABLE_BYTES:
        raise GoldUnitError(
            _("The file can have at most %(max_table_bytes)s bytes; it has %(size)s.")
            % {"max_table_bytes": format(MAX_TABLE_BYTES, ","), "size": format(table.size, ",")}
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(table.read())
        return [(line.number, line.values) for line in read_table(path)]


def _line_in(request: HttpRequest, study: Study) -> dict[str, str]:
    """The unit in the form, as a line of a table."""
    pk = whole_number_text(request.POST.get("layer", ""))
    layers = Layer.objects.filter(network__study=study).select_related("network")
    layer = layers.filter(pk=int(pk)).first() if pk else None
    if layer is None:
        raise GoldUnitError(_("Please choose a layer."))
    values = {name: request.POST.get(name, "") for name in ("unit", "concepts", "group", "use")}
    return values | {"network": layer.network.name, "layer": layer.name}


def _set_pass_mark(request: HttpRequest, study: Study) -> None:
    text = request.POST["pass_percent"].strip()
    try:
        mark = float(text) / 100 if text else None
    except ValueError:
        mark = -1.0
    if mark is not None and not 0 <= mark <= 1:
        raise GoldUnitError(
            _("The pass mark is a number from 0 to 100, or empty; got %(text)r.") % {"text": text}
        )
    with transaction.atomic():
        note(study, actor_of(request), "settings", pass_mark=[study.pass_mark, mark])
        Study.objects.filter(pk=study.pk).update(pass_mark=mark)
    messages.success(request, _("The pass mark was saved."))


@require_POST
@for_requesters
def remove(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the POST that removes a gold unit: it is an ordinary unit again."""
    rows = KnownAnswer.objects.select_related("unit__layer__network__study")
    gold_unit = get_object_or_404(rows, pk=pk, unit__layer__network__study__name=name)
    try:
        remove_gold_unit(gold_unit, actor_of(request))
    except GoldUnitError as error:
        messages.warning(request, str(error))
    return redirect("known", name)
