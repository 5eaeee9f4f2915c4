"""200 annotators at once over HTTP, with gunicorn as in docker-compose.yml, and PostgreSQL.

Every annotator takes a HIT, opens its page, saves a draft and submits, EACH times, without pauses.
There are as many places as answers, but the browser that measures pictures holds one of them, so
annotators compete for the last ones.
"""

import json
import re
import subprocess
import sys
import time
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

from benchmarks.installation import installation
from benchmarks.row import Row, at_least, at_most
from benchmarks.world import ROOT
from tests import services

ANNOTATORS, PLACES, EACH = 200, 5, 2
ANSWER = {"concept": "green ball", "group": "5", "second_group": "", "says": "concept"}
DRAFT = {"concept": "ball", "group": 5, "says": "concept", "marked": [3], "view": "region",
         "views": ["region"]}  # fmt: skip


def measure(annotators: int = ANNOTATORS) -> list[Row]:
    """The rows. `python -m benchmarks.serving 20` is a quick run that stores nothing."""
    with installation() as here:
        numbers = (annotators + 1, annotators * EACH // PLACES, PLACES)
        cookies = here.words("benchmarks.serving_study", *numbers)
        with here.gunicorn() as port:
            pictures = _pictures(port, cookies[-1])
            with ThreadPoolExecutor(annotators) as pool:
                workers = [Annotator(port, cookie) for cookie in cookies[:-1]]
                list(pool.map(Annotator.work, workers))
        return [*pictures, *_rows(workers, _stored_counts(here.environment))]


class Annotator:
    """A scripted browser: it keeps the seconds of its requests and the statuses of responses."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.seconds: dict[str, list[float]] = {"hit": [], "empty": []}
        self.codes: Counter[int] = Counter()
        self.submitted = 0
        self.csrf, self.csrf_cookie, self.location = "", "", ""

    def work(self) -> None:
        self.request("GET", "/empty/", "empty")
        page = self.request("GET", "/hits/")
        self.csrf = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]
        for _ in range(EACH):
            hit = self.redirect("/hits/next/", {})
            if hit == "/hits/":
                break  # no HIT is left for this annotator
            self.request("GET", hit, "hit")
            self.request("GET", "/empty/", "empty")
            body = json.dumps({"revision": 0, "content": DRAFT})
            self.request("POST", f"{hit}draft/", body=body)
            self.redirect(hit, ANSWER | {"then": "stop", "marked": "3"})
            self.submitted += 1

    def redirect(self, path: str, form: dict[str, str]) -> str:
        self.request("POST", path, body=urllib.parse.urlencode(form))
        return self.location

    def request(self, method: str, path: str, kind: str = "", body: str = "") -> str:
        """Send a request and return the response's text; its seconds are kept under `kind`."""
        headers = {
            "Cookie": f"{self.cookie}; {self.csrf_cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.csrf,
        }
        start = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, body=body or None, headers=headers)
        response = connection.getresponse()
        text = response.read().decode()
        if kind:
            self.seconds[kind].append(time.perf_counter() - start)
        connection.close()
        self.codes[response.status] += 1
        for cookie in response.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("csrftoken="):
                self.csrf_cookie = cookie.partition(";")[0]
        self.location = response.headers.get("Location", "")
        return text


COUNTS = """
import django
django.setup()
import json
from django.db.models import Count
from annotator.models import Answer, Assignment, Hit, Place
print(json.dumps({
    "answers": Answer.objects.count(),
    "surplus": Answer.objects.filter(is_surplus=True).count(),
    "max_per_hit": max(Answer.objects.values("assignment__hit").annotate(n=Count("pk"))
                .values_list("n", flat=True)),
    "filled": Place.objects.filter(is_filled=True).count(),
    "twice": Assignment.objects.values("worker", "unit").annotate(n=Count("pk"))
             .filter(n__gt=1).count(),
}))
"""


def _stored_counts(environment: dict[str, str]) -> dict[str, int]:
    process = subprocess.run(
        [sys.executable, "-c", COUNTS], cwd=ROOT, env=environment, check=True, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    return json.loads(process.stdout)


def _rows(annotators: list[Annotator], stored: dict[str, int]) -> list[Row]:
    sent = sum(each.submitted for each in annotators)
    codes = sum((each.codes for each in annotators), Counter())
    failed = sum(count for code, count in codes.items() if code >= 500)
    print(f"{sent} answers, statuses {dict(codes)}, stored {stored}", file=sys.stderr)
    hit, empty = (
        p95([s for each in annotators for s in each.seconds[kind]]) for kind in ("hit", "empty")
    )
    fullest = stored["max_per_hit"] / PLACES
    once = stored["answers"] / sent if stored["filled"] == stored["answers"] else 0
    at_once = f"{len(annotators)} annotators at once"
    return [
        at_least(f"answers stored in places of their own / sent, {at_once}", once, 1),
        at_most(f"answers stored / sent, {at_once}", stored["answers"] / sent, 1),
        at_most(f"most answers of a unit / its places, {at_once}", fullest, 1),
        at_most(f"5xx / all answers of the server, {at_once}", failed / codes.total(), 0),
        at_most(f"p95 of the HIT page / of an empty view, {at_once}", hit / empty, 10),
    ]


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))]


LOADING = """async () => {
  const images = [...document.querySelectorAll("#pictures .base")];
  await Promise.all(images.map((image) => image.decode()));
  const seconds = performance.now() / 1000;
  const [page] = performance.getEntriesByType("navigation");
  const bytes = performance.getEntriesByType("resource").map((each) => each.transferSize);
  return [images.length, seconds, bytes.reduce((a, b) => a + b, page.transferSize)];
}"""


def _pictures(port: int, cookie: str) -> list[Row]:
    """Seconds until every picture of a HIT is decoded in Chromium, and the bytes sent for it."""
    from playwright.sync_api import sync_playwright

    address, (name, value) = f"http://127.0.0.1:{port}", cookie.split("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.chromium_program(), args=["--no-sandbox", "--disable-gpu"]
        )
        loads: list[Any] = []
        for _ in range(3):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": name, "value": value, "url": address}])
            page = context.new_page()
            page.goto(f"{address}/hits/")
            page.locator("main form button").first.click()
            page.wait_for_selector("#pictures")
            loads.append(page.evaluate(LOADING))
            context.close()
        browser.close()
    count, seconds, sent = sorted(loads, key=lambda load: load[1])[1]  # the median
    assert count == 63
    return [
        at_most("seconds until 63 pictures are decoded in Chromium / 1.5", seconds / 1.5, 1),
        at_most("bytes of a HIT page with its 63 pictures / 1.5 MB", sent / 1.5e6, 1),
    ]


if __name__ == "__main__":
    for row in measure(*map(int, sys.argv[1:])):
        print(row)
