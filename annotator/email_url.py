"""EMAIL_URL, the server that sends mail, as Django's settings."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Scheme to (port unless the address has one, encrypted from the start, encrypted by STARTTLS).
SERVERS = {
    "smtp": (25, False, False),
    "smtp+tls": (587, False, True),
    "smtps": (465, True, False),
}
BACKENDS = {"console": "console", "file": "filebased"} | dict.fromkeys(SERVERS, "smtp")
EXAMPLE = "smtp+tls://USER:PASSWORD@HOST:587, smtps://..., smtp://HOST, file:///FOLDER or console:"


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
