"""Where HITs are offered to workers: one interface, `base.Publisher`, and a back-end a market."""

from annotator.publishers.base import Publisher
from annotator.publishers.local import LocalPublisher
from annotator.publishers.market import MarketPublisher

#: Back-ends by the name that `publish --publisher` takes.
PUBLISHERS: dict[str, type[Publisher]] = {"local": LocalPublisher, "market": MarketPublisher}
