"""A market that exists in memory alone, for tests and rehearsals: what is offered, and refusals."""

from annotator.models import Hit
from annotator.publishers.base import PublishError


class FakePublisher:
    """Keeps the contract of `base.Publisher` without telling anybody.

    Attributes:
        offered: the address of each HIT on offer, by its key.
        refusal: the error that every publish raises, if there is one.
    """

    def __init__(self, refusal: PublishError | None = None) -> None:
        self.offered: dict[str, str] = {}
        self.refusal = refusal

    def publish(self, hit: Hit) -> str:
        if self.refusal:
            raise self.refusal
        return self.offered.setdefault(hit.key, f"https://market.test/hits/{hit.key}")

    def withdraw(self, hit: Hit) -> None:
        self.offered.pop(hit.key, None)
        Hit.objects.filter(pk=hit.pk).update(status=Hit.Status.DISPOSED)
