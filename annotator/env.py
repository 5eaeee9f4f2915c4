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
# Each may be given as NAME_FILE, the path of a file that contains it.
SECRETS = [
    "SECRET_KEY",
    "API_KEY_SECRET",
    "METRICS_TOKEN",
    "WEBHOOK_SECRET",
    "DATABASE_URL",
    "BROKER_URL",
    "EMAIL_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
]
MIN_KEY_LENGTH = 32  # characters
MAKE_KEY = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(50))"'
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


def one_of(name: str, default: str, choices: list[str]) -> str:
    """An environment variable that is one of a few words."""
    value = text(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, got {value!r}.")
    return value


def positive_int(name: str, default: int) -> int:
    """An environment variable as a whole number above 0."""
    value = text(name) or str(default)
    number = int(whole_number_text(value) or 0)
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number above 0, got {value!r}.")
    return number


def web_address(name: str) -> str:
    """An environment variable that is an http or https address, or empty."""
    value = text(name)
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        # Without its value, which may have a password.
        raise ImproperlyConfigured(f"{name} must be a whole address: https://HOST/PATH.")
    return value


def optional_int(name: str) -> int | None:
    """An environment variable as a whole number above 0; None if it is not set."""
    return positive_int(name, 1) if text(name) else None


def read_secret_files() -> None:
    """Set each secret that is not set and whose NAME_FILE names a file, as Docker gives secrets.

    Raises:
        ImproperlyConfigured: a file cannot be read.
    """
    for name in SECRETS:
        path = text(f"{name}_FILE")
        if not path or text(name):
            continue
        try:
            os.environ[name] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE {path!r} cannot be read: {error}") from error


def secret_key(keep_in: Path | None) -> str:
    """SECRET_KEY, or one that is made once and kept.

    Args:
        keep_in: the file in which a fresh installation keeps the key that it generates; None if
            it may not generate one.

    Raises:
        ImproperlyConfigured: the key is too short, or it is not set and may not be generated.
    """
    key = text("SECRET_KEY")
    if not key and keep_in is None:
        raise ImproperlyConfigured(
            f"Set SECRET_KEY or SECRET_KEY_FILE: production keeps its own secret. {MAKE_KEY}"
        )
    return _long_enough("SECRET_KEY", key or _kept_secret(keep_in))


def long_secret(name: str) -> str:
    """A secret environment variable that may be left out; empty then.

    Raises:
        ImproperlyConfigured: it is too short.
    """
    secret = text(name)
    return _long_enough(name, secret) if secret else ""


def make_data_folder(folder: Path) -> None:
    """Make the folder that the environment variable DATA_DIR names, unless it is there.

    Raises:
        ImproperlyConfigured: it cannot be made, or nothing may be written to it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError("this account may not write to it")
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR {str(folder)!r} cannot be used: {error.strerror or error}. Name a folder "
            "that this account may write to."
        ) from error


def _long_enough(name: str, secret: str) -> str:
    if len(secret) < MIN_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"{name} has {len(secret)} characters and needs at least {MIN_KEY_LENGTH}. {MAKE_KEY}"
        )
    return secret


def _kept_secret(path: Path) -> str:
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
