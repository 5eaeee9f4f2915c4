from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotator', '0031_links_of_sessions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='conceptmerge',
            name='words',
            field=models.JSONField(help_text='Normalized words.'),
        ),
        migrations.AlterField(
            model_name='network',
            name='condition',
            field=models.CharField(choices=[('trained', 'the units of a trained network'), ('directions', 'directions that the requester provided'), ('random directions', "random rotations of a layer's channels"), ('random images', 'random images with borrowed regions'), ('untrained', 'the units of a network at random initialization')], default='trained', max_length=20),
        ),
    ]
