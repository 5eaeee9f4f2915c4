"""Takes what a HIT page tells of how it is worked on."""

import json
import logging

from annotator.crowd.answers import traces
from annotator.crowd.errors import CrowdError
from annotator.models import Assignment

log = logging.getLogger(__name__)


def keep_trace(assignment: Assignment, told: object) -> None:
    """Keep a part of a trace, as data or JSON. Work is never refused for what is wrong with it."""
    if not told:
        return
    try:
        traces.save(assignment, json.loads(told) if isinstance(told, str | bytes) else told)
    except (ValueError, RecursionError, CrowdError) as error:
        log.info("trace of assignment %s not kept: %s", assignment.pk, error)
