"""The units of a study whose answer is known, and the pass mark."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.audit import note
from annotator.crowd.scheduling import gold_units as knowing
from annotator.imports import ImportRefused
from annotator.imports.tables import read_table
from annotator.models import KnownAnswer, Layer, Study
from annotator.models.answer import Group
from annotator.views.access import actor_of, for_requesters

MOST_BYTES = 1_000_000  # of a table: a known unit takes about 60


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def known(request: HttpRequest, name: str) -> HttpResponse:
    """List the known units; posted, put down one or a table of them, or set the pass mark."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _change(request, study)
        return redirect("known", name)
    rows = KnownAnswer.objects.filter(unit__layer__network__study=study)
    found = list(rows.select_related("unit__layer__network").order_by("pk"))
    for row in found:
        row.use = knowing.use_of(row)
    context = {
        "study": study,
        "known": found,
        "asks_to_qualify": any(row.for_qualification for row in found),
        "layers": Layer.objects.filter(network__study=study).select_related("network"),
        "groups": Group.choices,
        "uses": knowing.USES,
        "pass_percent": "" if study.pass_mark is None else f"{100 * study.pass_mark:g}",
    }
    return render(request, "studies/known.html", context)


def _change(request: HttpRequest, study: Study) -> None:
    try:
        if "pass_percent" in request.POST:
            _set_pass_mark(request, study)
            return
        table = request.FILES.get("table")
        lines = _lines(table) if table else [(1, _one(request, study))]
        count = knowing.save_gold_units(study, lines, actor_of(request))
    except (ImportRefused, knowing.GoldUnitError) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Put down: %(count)d.") % {"count": count})


def _lines(table: UploadedFile) -> list[tuple[int, dict[str, str]]]:
    if table.size > MOST_BYTES:
        raise knowing.GoldUnitError(
            f"A table has at most {MOST_BYTES:,} bytes, got {table.size:,}."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(table.read())
        return [(line.number, line.values) for line in read_table(path)]


def _one(request: HttpRequest, study: Study) -> dict[str, str]:
    """The form's one unit as a line of a table."""
    pk = request.POST.get("layer", "")
    layers = Layer.objects.filter(network__study=study).select_related("network")
    layer = layers.filter(pk=int(pk)).first() if pk.isdecimal() else None
    if layer is None:
        raise knowing.GoldUnitError(_("Please choose a layer."))
    said = {name: request.POST.get(name, "") for name in ("unit", "concepts", "group", "use")}
    return said | {"network": layer.network.name, "layer": layer.name}


def _set_pass_mark(request: HttpRequest, study: Study) -> None:
    said = request.POST["pass_percent"].strip()
    try:
        mark = float(said) / 100 if said else None
    except ValueError:
        mark = -1.0
    if mark is not None and not 0 <= mark <= 1:
        raise knowing.GoldUnitError(f"The pass mark is from 0 to 100 %, or empty; got {said!r}.")
    with transaction.atomic():
        note(study, actor_of(request), "settings", pass_mark=[study.pass_mark, mark])
        Study.objects.filter(pk=study.pk).update(pass_mark=mark)
    messages.success(request, _("Saved."))


@require_POST
@for_requesters
def forget(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Take back what is known of a unit."""
    rows = KnownAnswer.objects.select_related("unit__layer__network__study")
    found = get_object_or_404(rows, pk=pk, unit__layer__network__study__name=name)
    try:
        knowing.remove_gold_unit(found, actor_of(request))
    except knowing.GoldUnitError as error:
        messages.warning(request, str(error))
    return redirect("known", name)
