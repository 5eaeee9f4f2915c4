"""Django storage in an S3 bucket: one request for each operation, errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from annotator.storage.errors import StorageDown

NOT_THERE = {"NoSuchKey", "404", "NotFound"}
# A page should not wait longer than this.
QUICK = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,
    read_timeout=20,
    max_pool_connections=32,
)


class Bucket(S3Storage):
    """Endpoint, region and credentials are boto3's own: AWS_ENDPOINT_URL_S3 and so on.

    All threads share one client, which is thread-safe. django-storages makes one for each thread:
    a tenth of a second of processor time, again in every thread of every new pool.
    """

    threads = 8  # that write at the same time; each waits for the network

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"client_config": QUICK, **options})

    def _open(self, name: str, mode: str = "rb") -> File:
        """The whole object, in memory: they are small, and it is one request."""
        if mode != "rb":
            raise ValueError(f"Objects are opened to be read; {name} was to be opened {mode!r}.")
        with self._errors_as_sentences(name):
            answer = self._client.get_object(Bucket=self.bucket_name, Key=self._key(name))
            return ContentFile(answer["Body"].read(), name=name)

    def _save(self, name: str, content: File) -> str:
        cleaned = clean_name(name)
        with self._errors_as_sentences(name):
            self._client.put_object(
                Bucket=self.bucket_name,
                Key=self._key(name),
                Body=content.read(),
                **self._get_write_parameters(cleaned, content),
            )
        return cleaned

    def exists(self, name: str) -> bool:
        return self._size(name) is not None

    def size(self, name: str) -> int:
        size = self._size(name)
        if size is None:
            raise FileNotFoundError(f"There is no s3://{self.bucket_name}/{self._key(name)}.")
        return size

    def delete(self, name: str) -> None:
        with self._errors_as_sentences(name):
            self._client.delete_object(Bucket=self.bucket_name, Key=self._key(name))

    def _size(self, name: str) -> int | None:
        """The size of an object in bytes; None if there is none."""
        try:
            with self._errors_as_sentences(name):
                answer = self._client.head_object(Bucket=self.bucket_name, Key=self._key(name))
        except FileNotFoundError:
            return None
        return int(answer["ContentLength"])

    @cached_property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _key(self, name: str) -> str:
        return self._normalize_name(clean_name(name))

    @contextmanager
    def _errors_as_sentences(self, name: str) -> Iterator[None]:
        """Turn boto3's errors about an object into FileNotFoundError or StorageDown."""
        where = f"s3://{self.bucket_name}/{self._key(name)}"
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in NOT_THERE:
                raise FileNotFoundError(f"There is no {where}.") from error
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise StorageDown(
                f"{where} cannot be used ({code}): check AWS_ENDPOINT_URL_S3, the bucket and its "
                "credentials.",
                may_pass=status >= 500 or status == 429,
            ) from error
        except BotoCoreError as error:
            raise StorageDown(
                f"{where} does not answer ({error}). What is stored stays; ask again when it does.",
                may_pass="Credential" not in type(error).__name__,
            ) from error
