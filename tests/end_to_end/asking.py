"""Dissections as a user asks for them, and what a refusal looks like."""

SMALL = "tests.dissect.brought:small"


def dissect(command, images, study="s", network=SMALL, layers=("deep",), top=10, **options):
    more = [part for name, value in options.items() for part in (f"--{name}", value)]
    return command("dissect", study, "--network", network, "--layers", *layers,
                  "--images", images, "--top", top, *more)  # fmt: skip


def is_one_sentence(done):
    return done.returncode != 0 and done.stdout == "" and len(done.stderr.splitlines()) == 1
