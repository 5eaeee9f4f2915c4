"""Regions by "upsample" and "receptive-field" are now called "quantile" and "field"."""

from typing import Any

from django.db import migrations

NAMES = {"upsample": "quantile", "receptive-field": "field"}


def rename_all(apps: Any, schema_editor: Any) -> None:
    """Rename the segmentation in stored settings, requests and manifests, alive or old."""
    for study in apps.get_model("annotator", "Study").objects.iterator():
        if _rename(study.dissect_settings):
            study.save(update_fields=["dissect_settings"])
    for run in apps.get_model("annotator", "Run").objects.iterator():
        if "network" in run.request:  # to dissect; others only import
            run.request.setdefault("segment", "upsample")
        if _rename(run.request):
            run.save(update_fields=["request"])
    for network in apps.get_model("annotator", "Network").objects.iterator():
        if _rename(network.manifest.get("settings", {})):
            network.save(update_fields=["manifest"])


def _rename(settings: dict[str, Any]) -> bool:
    """Whether there was something to rename."""
    name = settings.get("segment")
    settings.update({"segment": NAMES[name]} if name in NAMES else {})
    return name in NAMES


class Migration(migrations.Migration):
    dependencies = [("annotator", "0005_analyses_in_order")]

    # Older names stay readable, so there is nothing to undo.
    operations = [migrations.RunPython(rename_all, migrations.RunPython.noop)]
