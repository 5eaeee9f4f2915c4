"""Amounts of money: whole cents inside, dollars with two decimals outside.

InvalidAmount(ValueError): a text is not an amount; the message names it.
"""

from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

MAX_CENTS = 100_000_000  # a million dollars: more is a slip of the keyboard


class InvalidAmount(ArgumentTypeError, ValueError):
    """A text is not an amount of money. As the type of an option, argparse prints its message."""


def parse_cents(text: str) -> int:
    """Parse an amount of money in dollars, such as 0.80, into cents.

    >>> parse_cents("12.50")
    1250

    Raises:
        InvalidAmount: it is not a number, below 0, above MAX_CENTS, or has parts of a cent.
    """
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    # Compared before it is made an integer: 1e9999999 has ten million digits.
    is_in_range = amount.is_finite() and 0 <= amount <= MAX_CENTS // 100
    cents = int(amount * 100) if is_in_range else -1
    if not is_in_range or Decimal(cents) / 100 != amount:
        raise InvalidAmount(
            _("An amount is a number of dollars such as 0.80, got %(text)r.") % {"text": text}
        )
    return cents


def dollars(cents: int) -> str:
    """Format an amount of money in cents as dollars.

    >>> dollars(123450)
    '$1,234.50'
    """
    return f"${cents / 100:,.2f}"
