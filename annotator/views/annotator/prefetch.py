"""What a HIT page fetches while somebody works on it: the pictures of what probably comes next.

Nothing is accepted by looking ahead, so it is no promise. The pictures come in the order of
their names, which are hashes: neither order nor number tells one from another.
"""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotator.crowd.scheduling.scheduler import next_hit
from annotator.models import Hit, Worker
from annotator.views.annotator.hits import assignment_of, for_workers


@never_cache
@require_safe
@for_workers
def ahead(request: HttpRequest, worker: Worker, key: str) -> JsonResponse:
    assignment_of(worker, key)
    hit = next_hit(worker)
    return JsonResponse({"pictures": pictures_of(hit) if hit else []})


def pictures_of(hit: Hit) -> list[str]:
    """The addresses of a HIT's sheet of masks and of its small pictures."""
    tiles = sorted(set(hit.shown.values_list("image__tile", flat=True)))
    sheet = [reverse("sheet", args=[hit.masks])] if hit.masks else []
    return sheet + [reverse("picture", args=[name]) for name in tiles]
