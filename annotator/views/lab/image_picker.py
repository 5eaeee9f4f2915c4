"""A page of a study's images to choose from; what is chosen stays in sight."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Min

from annotator.models import Image, Study

SHOWN = 24


@dataclass(frozen=True)
class Picker:
    """What `lab/_picker.html` shows.

    Attributes:
        chosen: those chosen already, wherever they stand. page: the others, page by page.
    """

    chosen: list[Image]
    page: Page
    part: str
    most: int


def picker(study: Study, chosen: Collection[int], part: str, page: str, most: int) -> Picker:
    """A page of images whose path has a part, after those that are chosen.

    Networks that crop differently have their own picture of an image; it is offered once.
    """
    one_each = study.images.filter(is_mirrored=False).values("place").annotate(first=Min("pk"))
    images = Image.objects.filter(pk__in=one_each.values("first")).order_by("place")
    found = images.filter(path__icontains=part) if part else images
    return Picker(
        chosen=list(study.images.filter(pk__in=chosen).order_by("place")),
        page=Paginator(found.exclude(pk__in=chosen), SHOWN).get_page(page),
        part=part,
        most=most,
    )
