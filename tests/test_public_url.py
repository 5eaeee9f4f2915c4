"""PUBLIC_URL: the pages are where it says, with its path, and other addresses are named."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.test import Client
from django.urls import reverse

from annotator.public_url import PublicUrl, public_address
from tests.conftest import copy_migrated
from tests.house.reading import ROOT

PARSED = [  # (PUBLIC_URL, its origin, host and path)
    ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1", ""),
    ("https://a.example", "https://a.example", "a.example", ""),
    ("https://a.example:443/", "https://a.example", "a.example", ""),
    ("http://A.example:80/units", "http://a.example", "a.example", "/units"),
    ("https://a.example:8443/x/y/", "https://a.example:8443", "a.example", "/x/y"),
    ("http://[::1]:8000", "http://[::1]:8000", "[::1]", ""),
]
REFUSED = ["", "a.example", "//a.example", "ftp://a.example", "https://", "https://a.example?x=1",
           "https://a.example#x", "https://u:p@a.example", "https://a.example:port",
           "https://a.example:99999", "https://a.exa mple", "https://a.example//x", "http://[::1",
           "https://a.example/ü", "https://a.example/%2e"]  # fmt: skip


@pytest.mark.parametrize(("text", "origin", "host", "path"), PARSED)
def test_a_public_url_has_an_origin_a_host_and_a_path(text, origin, host, path):
    assert PublicUrl.of(text) == PublicUrl(origin, host, path)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address_of_pages_is_refused_in_a_sentence(text):
    with pytest.raises(ImproperlyConfigured, match="such as https://host.example/unitscope; got"):
        PublicUrl.of(text)


def test_no_command_starts_with_a_wrong_one(manage):
    done = manage("check", PUBLIC_URL="unitscope.example")

    assert done.returncode != 0
    assert done.stderr.startswith("PUBLIC_URL must be")
    assert "got 'unitscope.example'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_leaves_the_browser_has_the_path_once(settings):
    settings.PUBLIC_URL = "https://a.example/units"

    assert public_address("/units/hits/") == "https://a.example/units/hits/"


VISIT = """
import json, re, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
from annotator.models import Invitation
from annotator.public_url import public_address
from django.urls import reverse
from tests.crowd.studies import published_study

host, prefix, secure = sys.argv[1], sys.argv[2], sys.argv[3] == "https"
invitation = Invitation.objects.create(study=published_study())
link = public_address(reverse("enter", args=[invitation.token]))
out = {"link": link}
for name, before in (("kept", prefix), ("taken off", "")):
    client = Client(enforce_csrf_checks=True, HTTP_HOST=host)
    page = client.get(f"{before}/enter/{invitation.token}/")
    html = page.content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\\w+)"', html)[1]
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    style = styles[0].removeprefix(prefix) if not before else styles[0]
    form = {"csrfmiddlewaretoken": token, "answer": "yes", "version": "1"}
    origin = f"{'https' if secure else 'http'}://{host}"
    done = client.post(f"{before}/enter/{invitation.token}/", form, HTTP_ORIGIN=origin)
    to = done.headers["Location"]
    todo = client.get(to if before else to.removeprefix(prefix))
    cookie = client.cookies["sessionid"]
    out[name] = {
        "page": page.status_code, "style": client.get(style).status_code, "links": styles,
        "posted": [done.status_code, done.headers["Location"]], "todo": todo.status_code,
        "action": re.findall(r'action="([^"]+)"', todo.content.decode())[:1],
        "cookie": [cookie["path"], bool(cookie["secure"])],
    }
print(json.dumps(out))
"""


def visited(tmp_path, public_url, host, prefix, scheme):
    """What a browser meets at a service of its own with a PUBLIC_URL: as a proxy passes it on."""
    copy_migrated(tmp_path / "var")
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    environment |= {
        "DATA_DIR": str(tmp_path / "var"), "PUBLIC_URL": public_url, "DEBUG": "True",
        "DJANGO_SETTINGS_MODULE": "annotator.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-c", VISIT, host, prefix, scheme]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("django_db_setup")
def test_the_demo_works_through_an_https_tunnel_with_one_setting(tmp_path):
    visit = visited(tmp_path, "https://abc.tunnel.example", "abc.tunnel.example", "", "https")

    assert visit["link"].startswith("https://abc.tunnel.example/enter/")
    assert visit["kept"]["page"] == visit["kept"]["style"] == visit["kept"]["todo"] == 200
    assert visit["kept"]["posted"] == [302, "/hits/"]
    assert visit["kept"]["cookie"] == ["/", True]


@pytest.mark.usefixtures("django_db_setup")
def test_a_path_in_it_is_served_whether_or_not_a_proxy_takes_it_off(tmp_path):
    visit = visited(tmp_path, "http://lab.example/units", "lab.example", "/units", "http")

    assert visit["link"].startswith("http://lab.example/units/enter/")
    for way in ("kept", "taken off"):
        at = visit[way]
        assert at["page"] == at["style"] == at["todo"] == 200, way
        assert at["posted"] == [302, "/units/hits/"]
        assert all(link.startswith("/units/static/") for link in at["links"])
        assert at["action"] == ["/units/hits/next/"]
        assert at["cookie"] == ["/units", False]


def test_runserver_leaves_static_files_to_what_serves_them_below_the_path():
    command = load_command_class(get_commands()["runserver"], "runserver")

    options = command.create_parser("manage.py", "runserver").parse_args([])

    assert not options.use_static_handler


@pytest.fixture
def strict_client(db):
    return Client(enforce_csrf_checks=True)


ELSEWHERE = [  # (headers of a form, what the page names)
    ({"origin": "https://other.example"}, "https://other.example"),
    ({"origin": "https://testserver"}, "The two differ in http and https alone."),
    ({"origin": "null"}, "null"),
    ({"referer": "http://other.example/hits/?a=1"}, "http://other.example"),
    ({"origin": "https://\u202eevil.example<script>"}, "evil.example&lt;script&gt;"),
]


@pytest.mark.parametrize(("headers", "named"), ELSEWHERE)
def test_a_form_from_another_address_is_told_both_addresses(
    strict_client, settings, headers, named
):
    settings.PUBLIC_URL = "http://testserver"
    page = strict_client.post(reverse("next_hit"), headers=headers)
    html = page.content.decode()

    assert page.status_code == 403
    assert "This form came from another address" in html
    assert named in html
    assert "http://testserver" in html
    assert "PUBLIC_URL" in html
    assert "\u202e" not in html


@pytest.mark.parametrize("headers", [{}, {"origin": "http://testserver"}])
def test_a_form_without_its_cookie_is_told_so(strict_client, settings, headers):
    settings.PUBLIC_URL = "http://testserver"
    html = strict_client.post(reverse("next_hit"), headers=headers).content.decode()

    assert "Allow cookies for this site" in html


def test_a_host_that_is_not_served_is_named(client, settings):
    settings.ALLOWED_HOSTS = ["unitscope.example"]
    response = client.get("/", headers={"host": "other.example"})
    html = response.content.decode()

    assert response.status_code == 400
    assert "other.example" in html
    assert "ALLOWED_HOSTS" in html
