"""Settings come from the environment: each read once, each in .env.example, wrong ones named."""

import ast
import re
from collections import Counter

import pytest

from annotator import env
from tests.house.reading import ROOT, sources

EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
READERS = {"text", "flag", "comma_separated", "one_of"}
READERS |= {"positive_int", "optional_int", "long_secret", "web_address"}


def calls(path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def settings_read() -> list[ast.Call]:
    return [
        call
        for call in calls(ROOT / "annotator/settings.py")
        if isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) == "env"
        and call.func.attr in READERS
    ]


def names_read() -> list[str]:
    return ["SECRET_KEY", *(ast.literal_eval(call.args[0]) for call in settings_read())]


def default_of(call: ast.Call) -> str | None:
    """A reader's default as one would write it in .env; None where it is computed."""
    try:
        default = ast.literal_eval(call.args[1])
    except (IndexError, ValueError):
        return None
    return ",".join(default) if isinstance(default, list) else str(default)


def examples() -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.M))


def compose_names() -> set[str]:
    """What docker-compose.yml takes from .env, and what it hands to our services."""
    ours = COMPOSE.partition("x-ours:")[0]
    handed = re.findall(r"^  ([A-Z][A-Z0-9_]*):", ours, re.M)
    return {*re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE), *handed}


def test_the_example_lists_exactly_what_is_read():
    assert examples().keys() == {*names_read(), *compose_names()}


def test_the_example_says_what_a_setting_is_when_not_set():
    defaults = {ast.literal_eval(call.args[0]): default_of(call) for call in settings_read()}
    expected = {name: value for name, value in defaults.items() if value is not None}

    assert {name: examples()[name] for name in expected} == expected


def test_each_variable_is_read_once():
    assert [name for name, count in Counter(names_read()).items() if count > 1] == []


def test_settings_alone_read_the_environment():
    others = [
        f"{module}: {ast.unparse(call)}"
        for folder in ("annotator", "dissect")
        for module, path in sources(folder).items()
        for call in calls(path)
        if re.match(r"os\.(environ\.(get|pop)|getenv)\(", ast.unparse(call))
    ]

    assert [one for one in others if not one.startswith("annotator.env:")] == []


@pytest.mark.parametrize("wrong", ["yes", "on", "TRUE"])
def test_a_wrong_value_stops_every_command_with_one_sentence(manage_anew, wrong):
    done = manage_anew("check", DEBUG=wrong)

    assert done.returncode == 1
    assert done.stderr == f"DEBUG must be True or False, got {wrong!r}.\n"


def test_production_keeps_its_own_secret(manage_anew):
    done = manage_anew("check", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")

    assert done.returncode == 1
    assert done.stderr.startswith("Set SECRET_KEY or SECRET_KEY_FILE")


def test_a_secret_file_that_cannot_be_read_is_named(manage_anew, tmp_path):
    done = manage_anew("check", SECRET_KEY_FILE=str(tmp_path / "none"))

    assert done.returncode == 1
    assert "SECRET_KEY_FILE" in done.stderr
    assert str(tmp_path / "none") in done.stderr


def test_a_new_installation_with_a_key_of_its_own_makes_its_folder(manage_anew, tmp_path):
    done = manage_anew("check", SECRET_KEY="k" * 50, DATA_DIR=str(tmp_path / "new" / "data"))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "data").is_dir()


def test_a_data_folder_that_cannot_be_used_is_named(manage_anew, tmp_path):
    (tmp_path / "file").touch()

    done = manage_anew("check", DATA_DIR=str(tmp_path / "file" / "data"))

    assert done.returncode == 1
    assert done.stderr == (
        f"DATA_DIR '{tmp_path}/file/data' cannot be used: Not a directory. Name a folder that this "
        "account may write to.\n"
    )


def test_a_new_installation_makes_one_secret_and_keeps_it(manage_anew, tmp_path):
    assert manage_anew("check").returncode == 0
    secret = (tmp_path / "var" / "secret_key").read_text()
    assert manage_anew("check").returncode == 0

    assert len(secret) > 50
    assert (tmp_path / "var" / "secret_key").read_text() == secret
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", env.SECRETS)
def test_every_secret_may_be_a_file(name, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("from a file\n")
    environment = {f"{name}_FILE": str(tmp_path / "secret")}
    monkeypatch.setattr("os.environ", environment)

    env.read_secret_files()
    assert env.text(name) == "from a file"

    environment[name] = "set"
    env.read_secret_files()
    assert env.text(name) == "set"


def test_a_short_key_is_refused_with_the_way_to_make_one(manage_anew):
    done = manage_anew("check", SECRET_KEY="k" * 31)

    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY has 31 characters and needs at least 32.")
    assert "token_urlsafe" in done.stderr
