"""Lines of the log: with the request and study that they belong to, as text or as JSON."""

import logging
import re
from contextvars import ContextVar

from django.db import InterfaceError, OperationalError
from django_guid import get_guid
from pythonjsonlogger.json import JsonFormatter

from annotator.storage.errors import StorageDown

TOKEN_IN_PATH = re.compile(r"(/(?:enter|take-back|password/[^/\s]+)/)[^/\s?]+")
OUTAGES = (OperationalError, InterfaceError, StorageDown)
study_of_request: ContextVar[str] = ContextVar("study_of_request", default="")


class WithRequest(logging.Filter):
    """Gives each record the identifier of the request and the study in its address, if any."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = get_guid() or ""
        record.study = study_of_request.get() if record.request_id else ""
        return True


class WithoutTraceOfOutage(logging.Filter):
    """Says in one line that database or storage are away: a traceback would say no more."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "django.request" and isinstance(error, OUTAGES):
            record.msg = "%s: %s"
            record.args = (record.getMessage(), " ".join(str(error).split()))
            record.exc_info = record.exc_text = None
        return True


class WithoutTokens(logging.Filter):
    """Takes the tokens of links out of a record: whoever reads the log could use them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.pop("request", None)  # as text it has the address
        if record.name.startswith("django."):
            text = record.getMessage()
            if TOKEN_IN_PATH.search(text):
                record.msg, record.args = TOKEN_IN_PATH.sub(r"\1...", text), ()
        return True


class TextLine(logging.Formatter):
    """A message for a person who reads a terminal, after its time and request if it has one."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if not getattr(record, "request_id", ""):
            return text
        context = " ".join(filter(None, (record.request_id, record.study)))
        return f"{self.formatTime(record)} {record.levelname} [{context}] {text}"


class JsonLine(JsonFormatter):
    """A record as one JSON object: time (UTC, ISO 8601), level, logger, message, request, study."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s %(study)s",
            rename_fields={"levelname": "level", "name": "logger", "request_id": "request"},
            timestamp="time",
        )
