"""Objects in S3, or in storage that speaks its protocol: the only module here that knows boto3.

Endpoint, region and credentials are read by boto3: AWS_ENDPOINT_URL_S3, AWS_DEFAULT_REGION,
AWS_ACCESS_KEY_ID and so on. A request that gets no answer is retried for a minute, which is shorter
than any lease, and then raises StoreError.
"""

import logging
import time
from collections.abc import Collection, Iterator
from typing import Any

from dissect.errors import BadDissection, BadSetting, StoreError

PATIENCE_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5  # then twice as long each time
MAX_PAUSE_SECONDS = 8.0
PAGE = 1000  # objects in one answer; S3 gives no more
TRANSIENT = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling"}
NOT_THERE = {"NoSuchKey", "404", "NotFound"}

log = logging.getLogger(__name__)


def is_s3(place: str) -> bool:
    return place.startswith("s3://")


def split_url(url: str) -> tuple[str, str]:
    """Split s3://bucket/key into bucket and key.

    Raises:
        BadSetting: it names no bucket.
    """
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise BadSetting(f"{url!r} names no bucket: s3://BUCKET/PREFIX is wanted.")
    return bucket, key


class Bucket:
    """The objects of a bucket below a prefix, as a store and as a place of images.

    Keys are relative to the prefix. Threads may share one. Every method may raise StoreError: the
    bucket is missing, refuses, or has not answered for PATIENCE_SECONDS.
    """

    threads = 16  # each waits for the network, not for a core

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.bucket, prefix = split_url(self.url)
        self.prefix = f"{prefix}/" if prefix else ""
        self.client = _client()

    def __str__(self) -> str:
        return self.url

    def put(self, name: str, content: bytes) -> None:
        """Write an object; S3 never shows a part of it."""
        self._ask("put_object", Key=self.prefix + name, Body=content)

    def get(self, name: str) -> bytes:
        content = self.read(name)
        if content is None:
            raise BadDissection(f"There is no {self.url}/{name}.")
        return content

    def read(self, name: str) -> bytes | None:
        """The bytes of an object; None where there is none."""
        answer = self._ask("get_object", Key=self.prefix + name)
        return None if answer is None else bytes(answer["Body"])

    def has(self, name: str) -> bool:
        return self._ask("head_object", Key=self.prefix + name) is not None

    def remove(self, name: str) -> None:
        self._ask("delete_object", Key=self.prefix + name)

    def below(self) -> Iterator[tuple[str, int]]:
        """All keys with their sizes in bytes, sorted."""
        after, more = "", True
        while more:
            page, more = self._page(after)
            yield from page
            after = page[-1][0] if page else after

    def sizes(self, keys: Collection[str]) -> Iterator[tuple[str, int]]:
        """The keys that exist among some, with their sizes.

        Only the pages of the listing that hold a key are read: at most one for each key, and one
        for a thousand keys that follow each other.
        """
        wanted = sorted(keys)
        position, after, more = 0, "", True
        while more and position < len(wanted):
            after = max(after, _just_before(wanted[position]))
            page, more = self._page(after)
            yield from ((key, size) for key, size in page if key in keys)
            after = page[-1][0] if page else after
            while position < len(wanted) and wanted[position] <= after:
                position += 1

    def _page(self, after: str) -> tuple[list[tuple[str, int]], bool]:
        """A page of the listing after a key, and whether there are more."""
        options = {"StartAfter": self.prefix + after} if after else {}
        answer = self._ask("list_objects_v2", Prefix=self.prefix, MaxKeys=PAGE, **options)
        if answer is None:
            raise StoreError(f"{self.url} cannot be listed.")
        cut = len(self.prefix)
        objects = answer.get("Contents", [])
        page = [(item["Key"][cut:], int(item["Size"])) for item in objects]
        return page, bool(answer["IsTruncated"] and page)

    def _ask(self, question: str, **options: Any) -> Any:
        """The answer to a request, retried while there is none; None: no such object."""
        started, pause = time.monotonic(), FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = getattr(self.client, question)(Bucket=self.bucket, **options)
                if question == "get_object":
                    answer["Body"] = answer["Body"].read()  # here, where it may fail and be retried
                return answer
            except _errors() as error:
                if _code(error) in NOT_THERE:
                    return None
                if not _is_transient(error):
                    raise StoreError(self._sentence(error)) from error
                if time.monotonic() + pause > started + PATIENCE_SECONDS:
                    raise StoreError(self._unanswered(error), may_pass=True) from error
            log.warning("%s does not answer; asking again in %.1f seconds.", self, pause)
            time.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    def _unanswered(self, error: Exception) -> str:
        return (
            f"{self.url} did not answer for {PATIENCE_SECONDS:.0f} seconds ({error}). What is "
            "stored stays: ask again when it does, and the work goes on from there."
        )

    def _sentence(self, error: Exception) -> str:
        where = f"{self.url} at {self.client.meta.endpoint_url}"
        code, kind = _code(error), type(error).__name__
        if code == "NoSuchBucket":
            return (
                f"There is no bucket {self.bucket!r} at {self.client.meta.endpoint_url}: check its "
                "name and AWS_ENDPOINT_URL_S3."
            )
        if "Credential" in kind:
            return (
                f"There are no credentials for {where} ({error}): set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
            )
        if code:
            return f"{where} refuses ({code}): check the credentials, the region and what they may."
        return f"{where} cannot be used: {' '.join(str(error).split()) or kind}"


def _just_before(key: str) -> str:
    """A key a little smaller: a listing that starts after it soon comes to the key.

    Keys are ordered by UTF-8, as Python orders strings. Any smaller key would do; this one leaves
    few between.
    """
    last = ord(key[-1])
    return key[:-1] + (f"{chr(last - 1)}~" if 0x21 < last < 0x7F else "")


def _client() -> Any:
    try:
        from boto3.session import Session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise StoreError("boto3 is needed to read s3:// places: pip install boto3.") from error
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 2},  # the rest is _ask's
        connect_timeout=5,
        read_timeout=20,
        max_pool_connections=64,
    )
    try:
        return Session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:  # a profile or an endpoint that makes no sense
        raise StoreError(f"S3 cannot be used: {error}.") from error


def _errors() -> tuple[type[Exception], ...]:
    from botocore import exceptions as known

    return known.BotoCoreError, known.ClientError


def _code(error: Exception) -> str:
    """S3's own code of an error; empty for other errors."""
    response = getattr(error, "response", None) or {}  # None where a connection broke
    return str(response.get("Error", {}).get("Code", ""))


def _is_transient(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    from botocore import exceptions as known

    if isinstance(error, known.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429 or _code(error) in TRANSIENT
    network = (known.HTTPClientError, known.ConnectionError, known.IncompleteReadError)
    return isinstance(error, network) and not isinstance(error, known.SSLError)
