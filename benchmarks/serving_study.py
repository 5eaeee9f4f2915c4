"""Makes the study that annotators answer, and prints their session cookies, one on a line."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from PIL import Image as Pillow  # noqa: E402

from annotator.models import Image, Study  # noqa: E402
from annotator.tokens.sessions import SessionStore  # noqa: E402
from benchmarks.world import photographs  # noqa: E402
from dissect.render.pictures import jpeg  # noqa: E402
from tests.crowd.studies import workers  # noqa: E402
from tests.views.hits import pictured_study, stored  # noqa: E402


def main(annotators: int, units: int, places: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    study = pictured_study(
        name="load", layers=(("net", "layer", units),), places=places, worker_share=1
    )
    _take_photographs(study)
    for worker in workers(study, *(f"w{number}" for number in range(annotators))):
        session = SessionStore()
        session["worker"] = worker.pk
        session.save()
        print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")


def _take_photographs(study: Study) -> None:
    """Replace the drawn pictures by photographs of the sizes that a dissection stores."""
    images = list(Image.objects.filter(study=study))
    photos = photographs(len(images))
    for place, image in enumerate(images):
        picture = photos.open(place)
        side = min(picture.size)
        large = picture.crop((0, 0, side, side)).resize((448, 448), Pillow.Resampling.BICUBIC)
        image.zoom = stored("pictures", jpeg(large), "jpg")
        small = large.resize((224, 224), Pillow.Resampling.BICUBIC)
        image.tile = stored("pictures", jpeg(small), "jpg")
    Image.objects.bulk_update(images, ["tile", "zoom"])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
