"""manage.py demo"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotator import demo


class Command(BaseCommand):
    help = "Build the demo: rendered pictures, three kinds of networks, a simulated crowd."

    def handle(self, **options: Any) -> None:
        studies = demo.build()
        if not all(demo.is_whole(study) for study in studies):
            raise CommandError("The demo is not whole; run `make demo` again to go on.")
        self.stderr.write(demo.accuracies())
        for study in studies:
            self.stderr.write(f"Its report: {settings.PUBLIC_URL}/results/{study.name}/")
