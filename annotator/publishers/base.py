"""The publisher's door."""

from typing import Protocol

from annotator.models import Hit


class PublishError(Exception):
    """A market refused. `permanent` says whether trying again could help."""

    def __init__(self, message: str, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


class Publisher(Protocol):
    def publish(self, hit: Hit) -> str:
        """Offer a HIT to workers and return its address.

        Publishing the same HIT again returns the same address and costs nothing.

        Raises:
            PublishError: the market refused.
        """

    def withdraw(self, hit: Hit) -> None:
        """Stop offering a HIT. Does nothing if it is not on offer."""
