"""The closing question, asked once when a worker stops: did you use an AI tool?

Nothing that decides about workers, their answers or their pay reads the answer.
"""

from django.db.models import Exists

from annotator.models import Answer, ClosingAnswer, Worker

# What a form may send, and what is stored: None for a worker who would rather not say.
ANSWERS: dict[str, bool | None] = {"no": False, "yes": True, "not said": None}


def is_due(worker: Worker) -> bool:
    """Whether to ask: a person who submitted an answer and has not answered the question."""
    if worker.kind != Worker.Kind.PERSON:
        return False
    answers = Answer.objects.filter(assignment__worker=worker)
    asked = ClosingAnswer.objects.filter(worker=worker)
    return answers.exclude(Exists(asked)).exists()


def close_with(worker: Worker, used_ai: bool | None) -> None:
    """Store a worker's answer to the closing question. Idempotent: the first answer stays."""
    ClosingAnswer.objects.get_or_create(worker=worker, defaults={"used_ai": used_ai})
