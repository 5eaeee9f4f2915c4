"""Tokens get their hashes. What versions before this one read and write stays until an hour later
(annotator/retention/plain_tokens.py): their processes may still run."""

from django.db import migrations, models

from annotator.tokens.hashing import derived_secret, hashed, hashed_secret, sealed


def add_hashes(apps, schema_editor):
    for invitation in apps.get_model("annotator", "Invitation").objects.filter(token_hash=None):
        invitation.token_hash = hashed(invitation.plain_token)
        invitation.sealed_token = sealed(invitation.plain_token)
        invitation.save(update_fields=["token_hash", "sealed_token"])
    for key in apps.get_model("annotator", "AccessKey").objects.filter(secret_hash=""):
        key.secret_hash = hashed_secret(derived_secret(key.access_key_id))
        key.save(update_fields=["secret_hash"])


class Migration(migrations.Migration):

    dependencies = [
        ("annotator", "0027_batches_of_market_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="token",
            field=models.CharField(db_column="token", editable=False, help_text="As versions before this one kept it, until it is hashed.", max_length=64, null=True, unique=True),
        ),
        migrations.RenameField("invitation", "token", "plain_token"),
        migrations.AddField(
            model_name="accesskey",
            name="secret_hash",
            field=models.CharField(blank=True, db_default="", help_text="Empty: a version before this one made the key, and its secret is derived.", max_length=64),
        ),
        migrations.AddField(
            model_name="invitation",
            name="sealed_token",
            field=models.TextField(blank=True, db_default="", editable=False, help_text="Encrypted, for pages that show it."),
        ),
        migrations.AddField(
            model_name="invitation",
            name="token_hash",
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        ),
        migrations.RunPython(add_hashes, migrations.RunPython.noop),
    ]
