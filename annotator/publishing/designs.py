"""What all HITs of a study have alike, set before the first of them is published."""

from annotator.models import Hit, Study
from annotator.publishing.errors import NotPublishable
from annotator.publishing.repeats import MOST_REPEATS


def set_catch_count(study: Study, count: int) -> None:
    """Catch images of every HIT.

    Raises:
        NotPublishable: HITs with another number are out, or it is no number.
    """
    if count < 0:
        raise NotPublishable(f"--catch must be at least 0, got {count}.")
    _set(study, "catch_count", count, f"{study.catch_count} catch images", "--catch")


def set_repeat_count(study: Study, count: int) -> None:
    """Positive controls of every HIT.

    Raises:
        NotPublishable: HITs with another number are out, or there are not so many.
    """
    if not 0 <= count <= MOST_REPEATS:
        raise NotPublishable(f"--repeats is from 0 to {MOST_REPEATS}, got {count}.")
    _set(study, "repeat_count", count, f"{study.repeat_count} repeats", "--repeats")


def _set(study: Study, field: str, count: int, have: str, option: str) -> None:
    published = Hit.objects.filter(unit__layer__network__study=study, kind=Hit.Kind.NAMING)
    if count != getattr(study, field) and published.exists():
        raise NotPublishable(
            f"HITs of study {study} with {have} are published; all of a study's HITs have the "
            f"same number: take {option} {getattr(study, field)}, or another study."
        )
    setattr(study, field, count)
    study.save(update_fields=[field])
