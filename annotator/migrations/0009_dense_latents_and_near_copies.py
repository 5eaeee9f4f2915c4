"""Which latents fire on most images, and which shown images of a unit look alike."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotator", "0008_live_units")]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="dense",
            field=models.BooleanField(
                default=False, help_text="Whether it is a latent that fires on most images."
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="near_copies",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Ranks of shown images that look alike, a list for each such group.",
            ),
        ),
    ]
