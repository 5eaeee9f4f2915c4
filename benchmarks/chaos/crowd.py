"""People who come by a market's link and answer over HTTP, and try again as browsers do."""

import random
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

PATIENCE_SECONDS = 180.0  # for which somebody tries a page again
RETRY_SECONDS = 0.5
SETS = 4  # that a person does at most
WORDS = ["sky", "grass", "dog", "wheel", "red stripes", "eyes", "water", "window", "letters"]
AGREED = {"answer": "yes", "version": "2", "is_adult": "yes", "shares": "yes"}
SUBMITTED = ("Your answer was submitted", "That first answer was kept")


class GaveUp(Exception):
    """A page did not come for three minutes, or was refused."""


@dataclass
class Accepted:
    """What the service has confirmed to people, and how it behaved; threads add to it.

    Attributes:
        answers: (key of the assignment, remark, concept) of each that was said to be submitted.
        refused: the sentences with which others were refused.
        statuses: of every response; 0 where there was none.
        pictures: statuses of responses to requests for pictures.
        seconds: (time.monotonic(), seconds) of each response to a form that was answered.
        gave_up: pages that did not come, or were refused.
    """

    answers: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    pictures: Counter[int] = field(default_factory=Counter)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    people: int = 0


class Person:
    """Somebody with a browser, who does some sets and stops."""

    def __init__(self, link: str, number: int, accepted: Accepted, pause: float) -> None:
        self.address, self.accepted, self.pause = link.split("/enter/")[0], accepted, pause
        query = f"PROLIFIC_PID={number:024x}&STUDY_ID={'a' * 24}&SESSION_ID={number:024x}"
        self.entry, self.number, self.draw = f"{link}?{query}", number, random.Random(number)
        self.browser = requests.Session()

    def take_part(self, ended: threading.Event) -> None:
        page = self.ask("GET", self.entry)
        if "is_adult" in page.text:
            self.ask("POST", self.entry, AGREED)
        for count in range(SETS):
            page = self.ask("POST", f"{self.address}/hits/next/", {})
            if ended.is_set() or page.url.rstrip("/").endswith("/hits") or "/hits/" not in page.url:
                break
            self._answer(page.url.partition("?")[0], page.text, f"{self.number}-{count}")
        self.ask("POST", f"{self.address}/stop/", {})

    def _answer(self, url: str, page: str, remark: str) -> None:
        """Look at pictures, save a draft, and submit; sometimes by two presses at once."""
        for picture in self.draw.sample(
            sorted(set(re.findall(r'src="(/pictures/[^"]+)"', page)))[:5], 2
        ):
            self._look_at(self.address + picture)
        slots = re.findall(r'name="marked" value="(\d+)"', page)
        form = {
            "concept": self.draw.choice(WORDS), "group": "3", "says": "concept", "remark": remark,
            "marked": self.draw.sample(slots, 1), "then": "stop",
        }  # fmt: skip
        time.sleep(self.draw.uniform(0, self.pause))
        if self.draw.random() < 0.2:
            with ThreadPoolExecutor(2) as presses:
                pages = list(presses.map(lambda _: self.ask("POST", url, form), range(2)))
        else:
            pages = [self.ask("POST", url, form)]
        if any(sentence in page.text for page in pages for sentence in SUBMITTED):
            self.accepted.answers.append((url.split("/")[-2], remark, str(form["concept"])))
        else:
            self.accepted.refused.append(_message(pages[-1].text))

    def _look_at(self, url: str) -> None:
        try:
            response = self.browser.get(url, timeout=15)
        except requests.RequestException:
            self.accepted.pictures[0] += 1
        else:
            self.accepted.pictures[response.status_code] += 1

    def ask(self, method: str, url: str, form: dict | None = None) -> requests.Response:
        """Send a request until it is answered, as a browser that tries again does.

        Raises:
            GaveUp: it was not for three minutes, or it was refused.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, start = 0, time.monotonic()
            try:
                response = self._send(method, url, form)
                status = response.status_code
            except requests.RequestException:
                pass
            self.accepted.statuses[status] += 1
            if status == 200:
                self.accepted.seconds.append((start, time.monotonic() - start))
                return response
            if time.monotonic() > until or 400 <= status < 429:
                raise GaveUp(f"{method} {url} answered {status}")
            time.sleep(RETRY_SECONDS)

    def _send(self, method: str, url: str, form: dict | None) -> requests.Response:
        if form is None:
            return self.browser.request(method, url, timeout=60)
        token = {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken", "")}
        return self.browser.request(method, url, data=form | token, timeout=60)


def _message(page: str) -> str:
    """The first message on a page, or its heading."""
    match = re.search(r'class="message[^"]*"[^>]*>(.*?)</', page, re.S) or re.search(
        r"<h1[^>]*>(.*?)</h1>", page, re.S
    )
    return " ".join(match[1].split()) if match else page[:80]


def answer_until(
    ended: threading.Event, link: str, accepted: Accepted, at_once: int, pause: float
) -> list[threading.Thread]:
    """Start threads in which one person after another takes part, until an event is set."""
    numbers, lock = iter(range(1, 1_000_000)), threading.Lock()

    def come_one_by_one() -> None:
        while not ended.is_set():
            with lock:
                number = next(numbers)
                accepted.people += 1
            try:
                Person(link, number, accepted, pause).take_part(ended)
            except Exception as error:  # a page that nobody expects is to stand in the report
                accepted.gave_up.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=come_one_by_one, daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    return threads
