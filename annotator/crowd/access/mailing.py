"""Inviting people by e-mail: each address gets a link of its own. No address is stored."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from annotator.crowd.access.invitations import invite, revoke
from annotator.crowd.audit import Actor
from annotator.models import Study
from annotator.public_url import enter_address

MAX_ADDRESSES = 200  # in one go: a mail server takes a while for each


class AddressesInvalid(ValueError):
    """The list of addresses cannot be used; the text names what is wrong."""


def parse_addresses(text: str) -> list[str]:
    """The e-mail addresses of a list, separated by spaces, commas or lines; each once.

    Raises:
        AddressesInvalid: there is none, one is no address, or there are more than MAX_ADDRESSES.
    """
    parts = text.replace(",", " ").replace(";", " ").split()
    unique: dict[str, str] = {}
    for part in parts:
        unique.setdefault(part.casefold(), part)
    addresses = list(unique.values())
    if not addresses:
        raise AddressesInvalid(_("Please enter at least one e-mail address."))
    if len(addresses) > MAX_ADDRESSES:
        sentence = _("At most %(most)s addresses at a time, got %(count)s.")
        raise AddressesInvalid(sentence % {"most": MAX_ADDRESSES, "count": len(addresses)})
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            sentence = _("%(address)s is no e-mail address. Nothing was sent.")
            raise AddressesInvalid(sentence % {"address": address}) from error
    return addresses


def send_invitations(
    study: Study,
    by: Actor,
    addresses: Iterable[str],
    days: int | None = None,
) -> list[str]:
    """Send each address a personal invite link, for one person on any device.

    Args:
        days: for how many days the links are open; None is until they are revoked.

    Returns:
        The addresses to which nothing could be sent; their links are revoked.

    Raises:
        ConsentMissing: the study's consent text is not filled in.
    """
    failed = []
    connection = get_connection()
    for address in addresses:
        label = _("by e-mail")
        made = invite(study, by, label=label, uses=1, days=days, is_personal=True)
        try:
            _message(study, enter_address(made.token), address, connection).send()
        except OSError:  # what mail servers raise: SMTPException, timeouts, refused connections
            revoke(made, by)
            failed.append(address)
    return failed


def _message(study: Study, link: str, address: str, connection: object) -> EmailMessage:
    """An invitation; it says nothing of what the study is about, since annotators are blind."""
    lines = [
        _("You are invited to look at sets of small pictures and to say what they share."),
        _("This link is yours alone; it works on any of your devices:"),
        link,
        _("What is kept of you, and what it pays, is on the first page. You need not take part."),
    ]
    if study.contact:
        lines.append(_("Questions: %(contact)s") % {"contact": study.contact})
    subject = _("You are invited to a study with pictures")
    return EmailMessage(subject, "\n\n".join(lines), to=[address], connection=connection)
