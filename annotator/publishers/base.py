"""The interface of a market: what every publisher promises.

PublishError: the market refused.
"""

from typing import Protocol

from annotator.models import Hit


class PublishError(Exception):
    """The market refused.

    Attributes:
        permanent: whether trying again is pointless.
    """

    def __init__(self, message: str, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


class Publisher(Protocol):
    """Offers HITs to workers. Both methods are idempotent."""

    def publish(self, hit: Hit) -> str:
        """Offer a HIT to workers and return its address.

        Publishing the same HIT again returns the same address and costs nothing.

        Raises:
            PublishError: the market refused.
        """

    def withdraw(self, hit: Hit) -> None:
        """Stop offering a HIT. Does nothing if it is not offered."""
