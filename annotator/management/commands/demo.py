"""manage.py demo"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotator import demo_studies


class Command(BaseCommand):
    help = "Build the demo: rendered pictures, three kinds of networks, simulated answers."

    def handle(self, **options: Any) -> None:
        studies = demo_studies.build()
        if not all(demo_studies.is_complete(study) for study in studies):
            raise CommandError("The demo is incomplete. Run `make demo` again to continue.")
        self.stderr.write(demo_studies.accuracies())
        options = demo_studies.kind_options()
        self.stderr.write(f"Over training runs, by manage.py results {' '.join(options)}:")
        call_command("results", *options, stdout=self.stderr)
        for study in studies:
            self.stderr.write(f"Report: {settings.PUBLIC_URL}/results/{study.name}/")
