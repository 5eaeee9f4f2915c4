"""Typed access to environment variables. An error names the variable and its value.

Errors are Django's ImproperlyConfigured, so that every command stops with one sentence.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from annotator.free_text import whole_number_text

TRUTHS = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}

# Scheme to (port unless the address has one, encrypted from the start, encrypted by STARTTLS).
SERVERS = {
    "smtp": (25, False, False),
    "smtp+tls": (587, False, True),
    "smtps": (465, True, False),
}
BACKENDS = {"console": "console", "file": "filebased"} | dict.fromkeys(SERVERS, "smtp")
EXAMPLE = "smtp+tls://USER:PASSWORD@HOST:587, smtps://..., smtp://HOST, file:///FOLDER or console:"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool) -> bool:
    value = text(name)
    if not value:
        return default
    if value not in TRUTHS:
        raise ImproperlyConfigured(f"{name} must be True or False, got {value!r}.")
    return TRUTHS[value]


def comma_separated(name: str, default: list[str]) -> list[str]:
    """An environment variable as the words of a comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def positive_int(name: str, default: int) -> int:
    """An environment variable as a whole number above 0."""
    value = text(name) or str(default)
    number = int(whole_number_text(value) or 0)
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number above 0, got {value!r}.")
    return number


def secret(name: str, keep_in: Path | None) -> str:
    """A secret from the environment: NAME, the file named by NAME_FILE, or made once and kept.

    Args:
        keep_in: the file in which a fresh installation keeps the secret that it generates; None
            if it may not generate one.

    Raises:
        ImproperlyConfigured: the secret is not set and may not be generated, or the file cannot
            be read.
    """
    if value := text(name):
        return value
    if path := text(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE {path!r} cannot be read: {error}") from error
    if keep_in is None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE: production keeps its own secret.")
    return _kept_secret(keep_in)


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


@dataclass(frozen=True)
class EmailUrl:
    """A mail server, or what stands for it: the console, or a folder that mails are written to."""

    parts: SplitResult
    port: int | None

    @classmethod
    def of(cls, text: str) -> "EmailUrl":
        """Parse an EMAIL_URL.

        Raises:
            ImproperlyConfigured: it names no way to send mail; the sentence says what one is.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        has_target = {"console": True, "file": bool(parts.path)}.get(
            parts.scheme, bool(parts.hostname)
        )
        if parts.scheme not in BACKENDS or not has_target:
            # Without its value, which may have a password.
            raise ImproperlyConfigured(
                f"EMAIL_URL must be {EXAMPLE}; got the scheme {parts.scheme!r}."
            )
        return cls(parts, port)

    @property
    def settings(self) -> dict[str, Any]:
        """Django's settings of mail, by name."""
        backend = f"django.core.mail.backends.{BACKENDS[self.parts.scheme]}.EmailBackend"
        settings: dict[str, Any] = {"EMAIL_BACKEND": backend}
        if self.parts.scheme == "file":
            settings["EMAIL_FILE_PATH"] = unquote(self.parts.path)
        if self.parts.scheme in SERVERS:
            port, is_ssl, is_tls = SERVERS[self.parts.scheme]
            settings |= {
                "EMAIL_HOST": self.parts.hostname,
                "EMAIL_PORT": self.port or port,
                "EMAIL_HOST_USER": unquote(self.parts.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(self.parts.password or ""),
                "EMAIL_USE_SSL": is_ssl,
                "EMAIL_USE_TLS": is_tls,
            }
        return settings
