"""docker-compose.yml without a Docker engine: its schema, and each of our commands run for real."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
import yaml
from celery import Celery

from annotator.models.jobs import GPU_QUEUE, QUEUE
from tests.house.reading import ROOT
from tests.services import SECRET_KEY, free_port, stop, wait_until

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("unitscope-")}
STAGES = dict(re.findall(r"^FROM base AS (\w+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S))


def test_the_compose_file_follows_the_compose_specification():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*check, ROOT / "docker-compose.yml"], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_there_is_all_that_an_installation_needs():
    assert SERVICES.keys() == {
        "web", "worker", "worker-reports", "worker-gpu", "beat", "migrate", "postgres", "redis",
        "storage"
    }  # fmt: skip


def test_every_queue_has_its_workers_and_gpu_work_its_own():
    heard = {
        name: service["command"][service["command"].index("--queues") + 1].split(",")
        for name, service in SERVICES.items()
        if "--queues" in service.get("command", [])
    }

    reports = Celery().conf.task_default_queue
    assert heard == {"worker": [QUEUE], "worker-gpu": [GPU_QUEUE], "worker-reports": [reports]}
    assert SERVICES["worker-gpu"]["profiles"] == ["gpu"]  # most machines have none


def test_only_web_can_be_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]


def test_everything_waits_for_what_it_needs_to_be_healthy():
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            once = SERVICES[needed].get("restart") == "no"
            wanted = "service_completed_successfully" if once else "service_healthy"
            assert how["condition"] == wanted, (name, needed)
            assert once or "healthcheck" in SERVICES[needed], needed


def test_secrets_come_from_env_and_nowhere_else():
    text = (ROOT / "docker-compose.yml").read_text()
    secret = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}", text)

    assert {name for name, _ in secret} >= {"POSTGRES_PASSWORD", "SECRET_KEY"}
    optional = {name for name, refusal in secret if refusal == ":-"}
    assert optional == {"API_KEY_SECRET", "WEBHOOK_SECRET"}  # off, or SECRET_KEY does
    assert {refusal for name, refusal in secret if name not in optional} == {":?set it in .env"}


def test_foreign_images_are_of_one_version():
    tags = {name: service["image"].partition(":")[2] for name, service in SERVICES.items()}

    assert all(re.search(r"\d", tag) for name, tag in tags.items() if name not in OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_run_as_nobody_in_particular(name):
    target = SERVICES[name]["image"].removeprefix("unitscope-")

    assert re.findall(r"^USER (.+)$", STAGES[target], re.M) == ["10001"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_the_web_image_has_dissect_and_no_torch():
    base = DOCKERFILE.partition("FROM base")[0]

    assert re.search(r"^COPY dissect dissect$", STAGES["web"], re.M)
    assert "requirements-dissect" not in base + STAGES["web"]
    assert "requirements-dissect" in STAGES["worker"]


def test_the_web_image_keeps_what_the_service_imports_of_scipy():
    kept = set(
        re.findall(r"! -name (\w+)", STAGES["web"].partition("find scipy")[2].split("&&")[0])
    )
    imported = set()
    for path in (ROOT / "annotator").rglob("*.py"):
        imported |= set(re.findall(r"^\s*(?:from|import) scipy\.(\w+)", path.read_text(), re.M))

    assert imported == kept - {"_lib"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_an_image_by_itself_does_what_its_service_does(name):
    default = STAGES[name].partition("\nCMD ")[2].replace("\\\n", "")

    assert yaml.safe_load(default) == SERVICES[name]["command"]


def test_the_static_files_of_the_web_image_are_collected_by_the_line_of_the_dockerfile(tmp_path):
    (line,) = re.findall(r"^RUN (.*collectstatic.*)$", STAGES["web"], re.M)
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    environment |= {"STATIC_ROOT": str(tmp_path / "static")}

    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_every_file_that_an_image_copies_is_there_and_not_ignored():
    allowed = (ROOT / ".dockerignore").read_text().split()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert any(Path(source).match(one[1:]) for one in allowed if one.startswith("!"))


# The commands, by hand: the services' own words, with their addresses replaced by free ones.


@pytest.fixture(scope="module")
def environment(postgres_url, redis_url, tmp_path_factory) -> dict[str, str]:
    """What compose hands to our services, with throw-away servers behind it."""
    folder = tmp_path_factory.mktemp("compose")
    with closing(psycopg2.connect(postgres_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("create database compose")
    handed = {
        "DATABASE_URL": postgres_url.replace("/postgres", "/compose").replace("@", ":secret@"),
        "BROKER_URL": redis_url.replace("/0", "/5"),
        "STORAGE_URL": str(folder / "storage"),
        "SECRET_KEY": SECRET_KEY,
        **dict.fromkeys(("API_KEY_SECRET", "WEBHOOK_URL", "WEBHOOK_SECRET", "METRICS_TOKEN"), ""),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "PROXY_SSL_HEADER": "X-Forwarded-Proto",
        "HSTS_SECONDS": "2592000",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": "console:",
        "EMAIL_FROM": "unitscope@localhost",
        "STUCK_HOURS": "24",
        "SESSION_DAYS": "14",
        "LANGUAGE_CODE": "en",
        **{name: "" for name in COMPOSE["x-environment"] if name.startswith("KEEP_")},
        **{name: "unused" for name in COMPOSE["x-environment"] if name.startswith("AWS_")},
    }
    assert handed.keys() == COMPOSE["x-environment"].keys()
    image = {"DATA_DIR": str(folder), "STATIC_ROOT": str(folder / "static"), "HOSTNAME": "trial"}
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return {**os.environ, **handed, **image, **here}


def words(name: str, **replaced: str) -> list[str]:
    command = SERVICES[name]["command"]
    return [replaced.get(word, word) for word in command]


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(environment) -> dict[str, str]:
    """The environment once the image is built and `migrate` has run."""
    run(["python", "manage.py", "collectstatic", "--noinput"], environment)
    run(words("migrate"), environment)
    return environment


@contextmanager
def serving(
    command: list[str], environment: dict[str, str], log: Path, ready: Callable[[], bool]
) -> Iterator[None]:
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(ready, server, log)
        yield
    finally:
        stop(server)


def healthy(name: str, environment: dict[str, str], **replaced: str) -> bool:
    """Whether the service's own health check says so."""
    kind, *check = SERVICES[name]["healthcheck"]["test"]
    for old, new in {"$$": "$", **replaced}.items():
        check = [word.replace(old, new) for word in check]
    command = ["sh", "-c", check[0]] if kind == "CMD-SHELL" else check
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True).returncode == 0


def test_web_serves_pages_and_their_files(migrated, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    command = words("web", **{"0.0.0.0:8000": address})
    asks = {"127.0.0.1:8000": address}

    with serving(command, migrated, tmp_path / "log", lambda: healthy("web", migrated, **asks)):
        page = urllib.request.urlopen(f"http://{address}/").read().decode()
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
        assert styles
        for style in styles:
            with urllib.request.urlopen(f"http://{address}{style}") as answer:
                assert answer.headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("name", ["worker", "worker-reports"])
def test_a_worker_gets_ready_and_answers_its_health_check(migrated, tmp_path, name):
    log = tmp_path / "log"
    command = [*words(name), "--hostname", "celery@trial"]

    with serving(command, migrated, log, lambda: "ready." in log.read_text()):
        assert healthy(name, migrated)
        assert "annotator.tasks.dissect" in log.read_text()


def test_a_deployment_check_finds_nothing_to_say(migrated):
    behind_https = {**migrated, "PUBLIC_URL": "https://unitscope.example"}
    behind_https.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # which the tests' browser sets
    command = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    run(command, behind_https)


def test_redis_asks_for_its_password(tmp_path):
    port, log = free_port(), tmp_path / "log"
    kind, flag, script = SERVICES["redis"]["command"]
    environment = {**os.environ, "REDISCLI_AUTH": "secret"}
    command = [kind, flag, script.replace("$$", "$") + f" --port {port} --dir {tmp_path}"]
    asks = {"redis-cli": f"redis-cli -p {port}"}

    with serving(command, environment, log, lambda: healthy("redis", environment, **asks)):
        assert not healthy("redis", {**environment, "REDISCLI_AUTH": "wrong"}, **asks)


def test_beat_rings_the_schedule(migrated, tmp_path):
    log = tmp_path / "log"
    schedule = {"/tmp/beat": str(tmp_path / "beat")}
    command = words("beat", **schedule)

    with serving(command, migrated, log, lambda: healthy("beat", migrated, **schedule)):
        assert "beat: Starting" in log.read_text()
