"""The format of dissections can be imported where neither half's libraries are installed."""

import subprocess
import sys

import pytest

from tests.house.reading import ROOT, sources

BLOCKED = {"torch", "torchvision", "skimage", "safetensors", "django", "celery", "boto3"}
IMPORTING = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
import {module}
"""


@pytest.mark.parametrize(
    "module", [name for name in sources("dissect") if name.startswith("dissect.format")]
)
def test_a_module_of_the_format_is_imported_without_torch_and_django(module):
    code = IMPORTING.format(blocked=BLOCKED, module=module)

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
