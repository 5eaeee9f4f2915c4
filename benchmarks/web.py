"""The number of torch modules that the web process loads when it starts and answers: none."""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from benchmarks.row import Row, at_most
from benchmarks.world import ROOT

SERVE = """
import sys
from annotator.wsgi import application
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
client = Client(SERVER_NAME="localhost")
for path in ("/", "/hits/", "/studies/", "/results/none/"):
    client.get(path)
print(sum(name.partition(".")[0] == "torch" for name in sys.modules))
"""


def measure() -> list[Row]:
    return [at_most("modules of torch that the web process loads", torch_modules(), 0)]


def torch_modules() -> int:
    with TemporaryDirectory() as folder:
        process = subprocess.run(
            [sys.executable, "-c", SERVE],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DEBUG": "True",
                 "DJANGO_SETTINGS_MODULE": "annotator.settings"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )  # fmt: skip
    return int(process.stdout.split()[-1])
