"""Gives a browser the session of a worker, as an invitation would."""

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore


def sign_in(context, url, worker):
    session = SessionStore()
    session["worker"] = worker.pk
    session.save()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}]
    )
