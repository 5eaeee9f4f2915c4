"""The Python that runs tests' commands: each gets what a new process would get."""

import json
import os
import subprocess
import time

import pytest

SAYS = """
import json, os, sys
project = {name.split(".")[0] for name in sys.modules} & {"annotator", "dissect", "tests"}
said = sys.argv[1:], os.getcwd(), os.environ.get("COLOR"), "HOME" in os.environ, sorted(project)
print(json.dumps(said))
print("careful", file=sys.stderr)
sys.exit(int(sys.argv[2]))
"""


@pytest.fixture
def run(prepared_python, tmp_path):
    def run(code, *words, timeout=60, **environment):
        script = tmp_path / "script.py"
        script.write_text(code)
        arguments = [str(script), *words]
        return prepared_python.run(arguments, cwd=tmp_path, env=environment, timeout=timeout)

    return run


def test_a_command_has_its_words_folder_and_variables_and_nothing_of_the_project(run, tmp_path):
    done = run(SAYS, "caf\udce9", "3", COLOR="red")

    assert json.loads(done.stdout) == [["caf\udce9", "3"], str(tmp_path), "red", False, []]
    assert (done.returncode, done.stderr) == (3, "careful\n")


@pytest.mark.parametrize(
    ("code", "status", "last"),
    [
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("raise SystemExit('no study')", 1, "no study"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, ""),
        ("import atexit, sys; atexit.register(print, 'bye', file=sys.stderr)", 0, "bye"),
    ],
)
def test_it_ends_as_a_new_process_does(run, code, status, last):
    done = run(code)

    assert done.returncode == status
    assert done.stderr.strip().rpartition("\n")[2] == last


def test_a_command_that_takes_too_long_is_killed(run, tmp_path):
    code = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"

    with pytest.raises(subprocess.TimeoutExpired):
        run(code, timeout=1)

    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 20
    while is_there(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
