"""PUBLIC_URL, the address at which people reach the pages: its origin, its host, perhaps a path."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

SCHEMES = ("http", "https")


@dataclass(frozen=True)
class PublicUrl:
    """A public URL in its parts.

    Attributes:
        origin: scheme, host and port, as browsers send it: https://host.
        host: the name alone.
        path: below which all pages are: /a/b, or empty.
    """

    origin: str
    host: str
    path: str

    @classmethod
    def of(cls, text: str) -> "PublicUrl":
        """Parse a PUBLIC_URL.

        Raises:
            ImproperlyConfigured: it is no address of pages; the sentence says what one looks like.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = None
        is_plain = host and text.isascii() and text.isprintable() and not set(text) & set(" ?#@%\\")
        if not is_plain or parts.scheme not in SCHEMES or "//" in parts.path:
            raise ImproperlyConfigured(
                "PUBLIC_URL must be http:// or https://, a host, and perhaps a port and a path, "
                f"such as https://host.example/unitscope; got {text!r}."
            )
        name = f"[{host}]" if ":" in host else host
        is_default = port is None or (parts.scheme, port) in (("http", 80), ("https", 443))
        origin = f"{parts.scheme}://{name}" + ("" if is_default else f":{port}")
        return cls(origin, name, parts.path.rstrip("/"))

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")


def public_address(path: str) -> str:
    """The address by which people reach a page, for links that leave the browser.

    Args:
        path: of the page, as `reverse` gives it, with the path of PUBLIC_URL in front.
    """
    return f"{PublicUrl.of(settings.PUBLIC_URL).origin}{path}"


def enter_address(token: str) -> str:
    """The public URL at which people enter a study; empty without a token."""
    return public_address(reverse("enter", args=[token])) if token else ""
