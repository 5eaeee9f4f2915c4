from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0012_places_that_are_not_filled"),
    ]

    operations = [
        migrations.AlterField(
            model_name="image",
            name="path",
            field=models.TextField(help_text="Relative to the study's image source."),
        ),
    ]
