"""What an answer counts: pictures that fit, of those that were shown and not hidden, by role."""

from collections.abc import Mapping

from annotator.crowd.answers.validation import AnswerForm, Says
from annotator.models import Exemplar

Role = Exemplar.Role
JUDGED = (Role.TOP, Role.HELD_OUT)  # of a naming HIT, of a verification; never both in one


def answer_counts(exemplars: Mapping[int, Exemplar], said: AnswerForm) -> dict[str, int]:
    """The counts of an answer by the names of Answer's fields; catch images are counted apart.

    Where nothing is in common nothing fits, and the repeats are no question: 0 of 0.

    Args:
        exemplars: what was shown and not hidden, by slot.
    """
    judged = _slots(exemplars, *JUDGED)
    repeats, random = _slots(exemplars, Role.REPEAT), _slots(exemplars, Role.RANDOM)
    nothing = said.says == Says.NOTHING
    return {
        "shown": len(judged),
        "fitting": 0 if nothing else len(judged - said.marked),
        "repeat_shown": 0 if nothing else len(repeats),
        "repeat_marked": 0 if nothing else len(repeats & said.marked),
        "random_shown": len(random),
        "random_fitting": len(random - said.marked),
    }


def _slots(exemplars: Mapping[int, Exemplar], *roles: str) -> set[int]:
    return {slot for slot, exemplar in exemplars.items() if exemplar.role in roles}
