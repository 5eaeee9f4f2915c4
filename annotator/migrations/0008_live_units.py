"""Which units are dead, and how often the others respond."""

from typing import Any

from django.db import migrations, models


def find_dead(apps: Any, schema_editor: Any) -> None:
    """Mark units of earlier dissections that never fire: the maximum of a dead ReLU is exactly 0.

    How often other units respond stays unknown, and so does whether a linear one is constant.
    """
    units = apps.get_model("annotator", "Unit").objects.filter(
        maximum=0, threshold=0, exemplars__role="top"
    )
    # Random images and tables of other programs have no maximum.
    units = units.exclude(layer__network__condition="random images")
    units = units.exclude(layer__network__spec__startswith="imported")
    units.model.objects.filter(pk__in=units.values("pk")).update(dead=True)


class Migration(migrations.Migration):
    dependencies = [("annotator", "0007_share_to_judge")]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="dead",
            field=models.BooleanField(
                default=False, help_text="Whether all images have one score."
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="firing_share",
            field=models.FloatField(null=True, help_text="Share of images with a score above 0."),
        ),
        migrations.AddField(
            model_name="unit",
            name="broad_share",
            field=models.FloatField(
                null=True, help_text="Share of images whose score exceeds half of the highest."
            ),
        ),
        migrations.RunPython(find_dead, migrations.RunPython.noop),
    ]
