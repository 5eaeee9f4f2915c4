"""Sessions in the database under the hash of their key: a copy of it lets nobody in as another.

Django keeps the key itself. A session that was begun under one is copied when its browser comes
again; the old row stays for processes of the version before, until `hash_plain_tokens` deletes it.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from annotator.database.prepared_queries import Parameter, PreparedQuery
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.tokens.hashing import SESSION_HASH_LENGTH, hashed_session

CURRENT = PreparedQuery(Session.objects.filter(expire_date__gt=Now(), session_key=Parameter("key")))


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with hashed keys. Django itself uses no async here."""

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        for session in CURRENT(key=hashed_session(key)):
            return session
        # A hash that was read from the database is no key.
        for old in CURRENT(key=key) if len(key) < SESSION_HASH_LENGTH else []:
            return hashed_copy(old)
        self._session_key = None
        return None

    def exists(self, session_key: str) -> bool:
        return super().exists(hashed_session(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        session.session_key = hashed_session(session.session_key)
        return session

    def save(self, must_create: bool = False) -> None:
        """Save the session. Django takes a database that is away for a session that is gone (400).

        Raises:
            UpdateError: another request has deleted it.
            OperationalError, InterfaceError: the database is away, so the page says so (503).
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, DATABASE_AWAY):
                raise error.__context__ from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            keys = [hashed_session(key), *([key] if len(key) < SESSION_HASH_LENGTH else [])]
            Session.objects.filter(session_key__in=keys).delete()


def hashed_copy(session: Session) -> Session:
    """The session under the hash of its key; made if there is none. Idempotent."""
    copy, _ = Session.objects.get_or_create(
        session_key=hashed_session(session.session_key),
        defaults={"session_data": session.session_data, "expire_date": session.expire_date},
    )
    return copy
