"""Markets that send people by an entry link: HITs are handed out in sessions to who comes by it."""

from django.utils.translation import gettext as _

from annotator.models import Hit, Invitation
from annotator.public_url import enter_address
from annotator.publishers.base import PublishError
from annotator.publishers.local import LocalPublisher


class MarketPublisher(LocalPublisher):
    """Offers a HIT behind the open market link of its study; the market itself knows no HITs."""

    def publish(self, hit: Hit) -> str:
        study = hit.unit.layer.network.study
        links = Invitation.objects.open().filter(study=study, market_link__isnull=False)
        link = links.order_by("-pk").first()
        if link is None or not link.token:
            raise PublishError(
                _("Study %(study)s has no open market link; make one on its Recruit page first.")
                % {"study": study}
            )
        return enter_address(link.token)
