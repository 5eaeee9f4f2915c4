"""Dissections by command, what a refusal looks like, and answers of two people."""

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.scheduling.leases import accept
from annotator.models import Hit, Worker

SMALL = "tests.dissect.custom_networks:small"


def dissect(command, images, *flags, study="s", network=SMALL, layers=("deep",), top=10, **options):
    """Run `manage.py dissect` over some images."""
    options_list = [part for name, value in options.items() for part in (f"--{name}", value)]
    return command("dissect", study, "--network", network, "--layers", *layers,
                  "--images", images, "--top", top, *options_list, *flags)  # fmt: skip


def is_one_sentence(done):
    return done.returncode != 0 and done.stdout == "" and len(done.stderr.splitlines()) == 1


def answer(study):
    """Two people answer a HIT of each network, and mark its catch images and last top image."""
    hits = [
        Hit.objects.filter(unit__layer__network=network).order_by("unit__number").first()
        for network in study.networks.all()
    ]
    for name in ("Ada", "Ben"):
        worker = Worker.objects.create(study=study, key=name)
        for hit in hits:
            assignment = accept(worker, hit)
            tops = hit.unit.exemplars.filter(role="top").order_by("rank")
            catches = hit.unit.exemplars.filter(role="catch").values_list("slot", flat=True)
            submit(assignment, AnswerForm("thing", 5, frozenset({*catches, tops.last().slot})))
