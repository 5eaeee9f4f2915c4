"""Publishers by the name that `publish --publisher` takes."""

from annotator.publishers.base import Publisher
from annotator.publishers.local import LocalPublisher

PUBLISHERS: dict[str, type[Publisher]] = {"local": LocalPublisher}
