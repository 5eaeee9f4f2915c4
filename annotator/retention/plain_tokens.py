"""Hashing the tokens that a version before this one left in the database, for a while longer.

Old and new processes run side by side while an installation is updated. Old ones read tokens as
they are, and write some. So the migration only adds the hashes, and what is left is hashed here,
an hour later.
"""

from django.contrib.sessions.models import Session
from django.db.models.functions import Length

from annotator.models import AccessKey, Invitation
from annotator.tokens.hashing import SESSION_HASH_LENGTH, derived_secret, hashed_secret
from annotator.tokens.sessions import hashed_copy


def hash_plain_tokens() -> int:
    """Hash every token that is in the database as it is; returns how many. Idempotent."""
    count = 0
    for invitation in Invitation.objects.exclude(plain_token=None):
        invitation.set_token(invitation.plain_token)
        invitation.save(update_fields=["token_hash", "sealed_token", "plain_token"])
        count += 1
    for key in AccessKey.objects.filter(secret_hash=""):
        key.secret_hash = hashed_secret(derived_secret(key.access_key_id))
        key.save(update_fields=["secret_hash"])
        count += 1
    lengths = Session.objects.annotate(length=Length("session_key"))
    for session in lengths.filter(length__lt=SESSION_HASH_LENGTH).iterator():
        hashed_copy(session)
        session.delete()
        count += 1
    return count
