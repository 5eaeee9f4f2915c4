"""EMAIL_URL: each form of it as Django's settings; anything else is refused with the forms."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from annotator.env import EmailUrl

ACCOUNT = {"EMAIL_HOST_USER": "u@x", "EMAIL_HOST_PASSWORD": "p:w"}
NOBODY = {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}
# An address, the back-end, and the settings that it gives; anybody can add a row.
FORMS = [
    ("console:", "console", {}),
    ("console://", "console", {}),
    ("file:///var/mail%20box", "filebased", {"EMAIL_FILE_PATH": "/var/mail box"}),
    (
        "smtp://localhost",
        "smtp",
        {"EMAIL_HOST": "localhost", "EMAIL_PORT": 25, "EMAIL_USE_TLS": False} | NOBODY,
    ),
    (
        "smtp+tls://u%40x:p%3Aw@mail.example",
        "smtp",
        {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False} | ACCOUNT,
    ),
    (
        "smtps://u%40x:p%3Aw@mail.example:4650",
        "smtp",
        {"EMAIL_PORT": 4650, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True} | ACCOUNT,
    ),
]
REFUSED = ["", "mail.example", "smtp:", "smtps://", "http://mail.example", "file:", "smtp://h:x"]


@pytest.mark.parametrize(("text", "backend", "expected"), FORMS)
def test_an_address_of_a_mail_server_gives_the_settings(text, backend, expected):
    settings = EmailUrl.of(text).settings

    assert settings["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize("text", REFUSED)
def test_an_address_that_names_no_server_is_refused_with_the_forms_that_do(text):
    with pytest.raises(ImproperlyConfigured, match=r"EMAIL_URL must be smtp\+tls://USER"):
        EmailUrl.of(text)


def test_a_refusal_keeps_the_password_to_itself():
    with pytest.raises(ImproperlyConfigured) as refusal:
        EmailUrl.of("smpt://user:secret@mail.example")

    assert "secret" not in str(refusal.value)
