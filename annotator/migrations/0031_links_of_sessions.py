import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotator', '0030_jobs_put_off'),
    ]

    operations = [
        migrations.AddField(
            model_name='marketsession',
            name='link',
            field=models.ForeignKey(help_text="By which it began; None: by the participant's, in an earlier version.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='annotator.marketlink'),
        ),
    ]
