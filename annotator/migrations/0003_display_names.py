"""Networks and layers get display names, and slugs for their addresses."""

from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from annotator.models.display_names import layer_display_name, network_display_name, slug_of


def name_networks(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every network a display name and a slug."""
    rows = apps.get_model("annotator", "Network").objects.order_by("study", "position")
    _name(
        rows,
        "network",
        lambda row: row.study_id,
        lambda row, used: network_display_name(row.name, row.spec, row.condition, used),
    )


def name_layers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every layer a display name and a slug."""
    rows = apps.get_model("annotator", "Layer").objects.order_by("network", "position")
    _name(
        rows,
        "layer",
        lambda row: row.network_id,
        lambda row, used: layer_display_name(row.name, used),
    )


def _name(
    rows: Any, kind: str, owner: Callable[[Any], int], named: Callable[[Any, set[str]], str]
) -> None:
    used: dict[int, tuple[set[str], set[str]]] = {}
    for row in rows:
        names, slugs = used.setdefault(owner(row), (set(), set()))
        row.display_name = named(row, names)
        row.slug = slug_of(row.display_name, kind, slugs)
        row.save(update_fields=["display_name", "slug"])
        names.add(row.display_name)
        slugs.add(row.slug)


def _columns(model: str) -> list[migrations.AddField]:
    name = models.CharField(
        blank=True,
        help_text="What readers see; by default from its name.",
        max_length=40,
        default="",
    )
    slug = models.CharField(
        blank=True,
        help_text="Stands for it in addresses; never changes.",
        max_length=64,
        default="",
    )
    return [
        migrations.AddField(model, "display_name", name, preserve_default=False),
        migrations.AddField(model, "slug", slug, preserve_default=False),
    ]


def _unique(model: str, field: str, within: str, name: str) -> migrations.AddConstraint:
    constraint = models.UniqueConstraint(fields=(within, field), name=name)
    return migrations.AddConstraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("annotator", "0002_who_answered")]
    operations = [
        *_columns("network"),
        *_columns("layer"),
        migrations.AlterField(
            "layer", "name", models.CharField(help_text="Its module path.", max_length=200)
        ),
        migrations.RunPython(name_networks, migrations.RunPython.noop),
        migrations.RunPython(name_layers, migrations.RunPython.noop),
        _unique("network", "display_name", "study", "network_display_names_differ"),
        _unique("network", "slug", "study", "network_slugs_differ"),
        _unique("layer", "display_name", "network", "layer_display_names_differ"),
        _unique("layer", "slug", "network", "layer_slugs_differ"),
    ]
