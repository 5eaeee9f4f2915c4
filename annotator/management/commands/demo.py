"""manage.py demo"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotator import demo


class Command(BaseCommand):
    help = "Build the study `demo`: rendered pictures, three kinds of networks, a simulated crowd."

    def handle(self, **options: Any) -> None:
        study = demo.build()
        if not demo.is_whole(study):
            raise CommandError("The demo study is not whole; run `make demo` again to go on.")
        self.stderr.write(demo.accuracies())
        self.stderr.write(f"The report of the demo: {settings.PUBLIC_URL}/results/{study.name}/")
