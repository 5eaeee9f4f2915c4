"""The local publisher: invited annotators find a HIT in their own queue of this service."""

from django.urls import reverse

from annotator.models import Hit
from annotator.public_url import public_address


class LocalPublisher:
    """Offers a HIT until its row is disposed. There is no market to inform."""

    def publish(self, hit: Hit) -> str:
        return public_address(reverse("hits"))

    def withdraw(self, hit: Hit) -> None:
        Hit.objects.filter(pk=hit.pk).update(status=Hit.Status.DISPOSED)
