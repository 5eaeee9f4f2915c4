"""The proxies of deploy/, in front of gunicorn: https, limits, and browsers that are slow."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.services import free_port, stop, wait_until

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
HOST = "unitscope.example"
SLOW = 40  # browsers at a time; gunicorn has 4 threads here
TOKEN = "a-token-that-no-log-may-have"


class Service:
    """gunicorn behind a proxy, which speaks http and https on two free ports."""

    def __init__(self, direct, plain, secure, folder):
        self.direct, self.plain, self.secure, self.folder = direct, plain, secure, folder


def _trusting():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def nginx(service):
    """The command of nginx with deploy/nginx.conf, its values replaced by the test's."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    folder = service.folder
    text = (ROOT / "deploy/nginx.conf").read_text()
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{service.direct}",
        "listen 80;": f"listen 127.0.0.1:{service.plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{service.secure} ssl;",
        "/etc/ssl/unitscope.pem": f"{folder}/cert.pem",
        "/etc/ssl/unitscope.key": f"{folder}/key.pem",
        "/var/log/nginx/": f"{folder}/",
    }.items():
        assert old in text
        text = text.replace(old, new)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in paths)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}} http {{ {temporary}\n{text} }}"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    return command


def caddy(service):
    """The command of Caddy with deploy/Caddyfile, its values replaced by the test's."""
    program = shutil.which("caddy")
    if not program:
        pytest.skip("caddy is not installed: apt-get install caddy")
    folder = service.folder
    own = f"tls {folder}/cert.pem {folder}/key.pem"
    ports = f"{{\n    admin off\n    http_port {service.plain}\n    https_port {service.secure}"
    text = (
        (ROOT / "deploy/Caddyfile").read_text().replace("{\n    servers", f"{ports}\n    servers")
    )
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service.direct}")
    text = text.replace(f"\n{HOST} {{", f"\n{HOST} {{\n    {own}")
    version = subprocess.run([program, "version"], capture_output=True, text=True).stdout
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < (2, 7):  # Debian 12 has 2.6
        text = text.replace("request_buffers 3MB", "buffer_requests\n        max_buffer_size 3MB")
    (folder / "Caddyfile").write_text(text)
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def service(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    made = Service(free_port(), free_port(), free_port(), folder)
    subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    keys = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *keys, *subject]
    subprocess.run(openssl, check=True, capture_output=True)
    command = request.param(made)
    environment = {
        **os.environ, "DATA_DIR": str(folder / "var"), "PUBLIC_URL": f"https://{HOST}",
        "PROXY_SSL_HEADER": "X-Forwarded-Proto", "HOME": str(folder),
    }  # fmt: skip
    for words in (["migrate"], ["collectstatic", "--noinput"]):
        manage = [sys.executable, ROOT / "manage.py", *words]
        subprocess.run(manage, check=True, capture_output=True, env=environment, cwd=ROOT)
    web = ["gunicorn", "annotator.wsgi", "--bind", f"127.0.0.1:{made.direct}", "--threads", "4"]
    commands = [[sys.executable, "-m", *web], command]
    with ExitStack() as stack:
        for words, port in zip(commands, (made.direct, made.secure), strict=True):
            log = folder / f"{port}.log"
            file = stack.enter_context(log.open("w"))
            server = subprocess.Popen(words, stdout=file, stderr=file, env=environment, cwd=ROOT)
            stack.callback(stop, server)
            wait_until(lambda port=port: _listens(port), server, log)
        yield made


def _listens(port):
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def slow_browsers(port, is_secure, stack):
    """Browsers that have begun to send a form, and send no more of it."""
    for _ in range(SLOW):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        if is_secure:
            one = stack.enter_context(_trusting().wrap_socket(one, server_hostname=HOST))
        one.sendall(
            f"POST /sign-in/ HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n"
            "\r\nusername=".encode()
        )


def answer_seconds(service, port, is_secure):
    """Seconds until a page comes while slow browsers are connected; None after ten."""
    with ExitStack() as stack:
        slow_browsers(port, is_secure, stack)
        time.sleep(1)
        began = time.monotonic()
        try:
            fetch(port, is_secure, "/sign-in/", timeout=10)
        except OSError:
            return None
        return time.monotonic() - began


def fetch(port, is_secure, path, body=b"", timeout=20.0, method="GET"):
    """The head of an answer, as text."""
    with ExitStack() as stack:
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=timeout))
        if is_secure:
            one = stack.enter_context(_trusting().wrap_socket(one, server_hostname=HOST))
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
        head += f"Accept: text/html\r\nContent-Length: {len(body)}\r\n"
        head += "" if is_secure else "X-Forwarded-Proto: https\r\n"
        one.sendall(f"{head}\r\n".encode())
        with suppress(OSError):  # refused before all of it was read
            one.sendall(body)
        answer = b""
        while b"\r\n\r\n" not in answer and (part := one.recv(4096)):
            answer += part
        return answer.partition(b"\r\n\r\n")[0].decode("latin-1")


def test_a_page_comes_by_https_and_says_that_it_always_will(service):
    head = fetch(service.secure, True, "/sign-in/")

    assert " 200" in head.splitlines()[0]
    assert "strict-transport-security: max-age=" in head.lower()
    assert "default-src 'self'" in head


def test_by_http_one_is_sent_to_https_but_health_checks_are_answered(service):
    head = fetch(service.plain, False, "/sign-in/")

    assert re.match(r"HTTP/1.1 30[18]", head)
    assert f"location: https://{HOST}" in head.lower()
    assert " 200" in fetch(service.plain, False, "/healthz").splitlines()[0]
    assert " 404" in fetch(service.secure, True, "/metrics").splitlines()[0]


def test_a_form_of_more_than_three_megabytes_is_refused(service):
    small = fetch(service.secure, True, "/sign-in/", b"a" * 1_000_000, method="POST")
    large = fetch(service.secure, True, "/sign-in/", b"a" * 3_300_000, method="POST")

    assert " 403" in small.splitlines()[0]  # by the service: it has no CSRF token
    # Caddy 2.6, which cannot buffer and refuse at once, says 502.
    assert not large or large.split()[1] in ("413", "502")


def test_slow_browsers_keep_the_proxy_waiting_and_nobody_else(service):
    through, direct = (
        answer_seconds(service, port, is_secure)
        for port, is_secure in ((service.secure, True), (service.direct, False))
    )
    print(f"seconds with {SLOW} slow browsers: through the proxy {through}, directly {direct}")

    assert through is not None
    assert direct is None, "without a proxy they hold every thread"


def test_no_log_has_the_token_of_a_link(service):
    fetch(service.secure, True, f"/enter/{TOKEN}/?PROLIFIC_PID=5")
    fetch(service.plain, False, f"/enter/{TOKEN}/")
    time.sleep(0.5)

    logs = [path.read_text(errors="replace") for path in service.folder.glob("*.log")]
    assert logs
    assert not any(TOKEN in log for log in logs)
