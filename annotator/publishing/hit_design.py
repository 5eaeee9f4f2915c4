"""How the HITs of a study are made: catch images, repeats, view. All HITs of a study are alike.

NotPublishable: the study cannot be published as requested.
"""

from copy import copy

from django.utils.translation import gettext as _

from annotator.crowd.answers.validation import MAX_SLOTS
from annotator.models import Hit, Study

MAX_REPEATS = 3  # the best images of a unit may be repeated
RANDOM_COUNT = 20  # random images of a verification HIT


class NotPublishable(Exception):
    """The study cannot be published as requested; the message says what to do instead."""


def refuse_other_settings(
    study: Study, catch: int | None, repeats: int | None, view: str | None
) -> None:
    """Refuse a HIT design other than that of the study's published HITs. Changes nothing.

    Raises:
        NotPublishable: as the functions that set them; None is no change.
    """
    trial = copy(study)
    if catch is not None:
        _apply_catch_count(trial, catch)
    if repeats is not None:
        _apply_repeat_count(trial, repeats)
    if view is not None:
        _apply_tile_view(trial, view)


def set_catch_count(study: Study, count: int) -> None:
    """Set in the design of a study's HITs how many catch images each naming HIT has.

    Raises:
        NotPublishable: the count is negative, or HITs with another number are published.
    """
    _apply_catch_count(study, count)
    study.save(update_fields=["catch_count"])


def _apply_catch_count(study: Study, count: int) -> None:
    if count < 0:
        raise NotPublishable(_("--catch must be at least 0, got %(count)s.") % {"count": count})
    _apply_count(study, "catch_count", count, "--catch", f"{study.catch_count} catch images")


def set_repeat_count(study: Study, count: int) -> None:
    """Set in the design of a study's HITs how many positive controls each naming HIT has.

    Raises:
        NotPublishable: the count is out of range, or HITs with another number are published.
    """
    _apply_repeat_count(study, count)
    study.save(update_fields=["repeat_count"])


def _apply_repeat_count(study: Study, count: int) -> None:
    if not 0 <= count <= MAX_REPEATS:
        raise NotPublishable(
            _("--repeats must be from 0 to %(max_repeats)s, got %(count)s.")
            % {"max_repeats": MAX_REPEATS, "count": count}
        )
    _apply_count(study, "repeat_count", count, "--repeats", f"{study.repeat_count} repeats")


def _apply_count(study: Study, column: str, count: int, option: str, current: str) -> None:
    """Change a count that all naming HITs share, so that it does not identify HITs; not saved."""
    published = Hit.objects.filter(unit__layer__network__study=study, kind=Hit.Kind.NAMING)
    if count != getattr(study, column) and published.exists():
        raise NotPublishable(
            _(
                "Study %(study)s has published HITs with %(current)s, and all HITs of a "
                "study have the same number. Use %(option)s %(value)s, or publish another "
                "study."
            )
            % {
                "study": study,
                "current": current,
                "option": option,
                "value": getattr(study, column),
            }
        )
    setattr(study, column, count)
    refuse_too_many_pictures(study)


def set_tile_view(study: Study, view: str) -> None:
    """Set in the design of a study's HITs what their tiles show: a TileView, before publishing.

    Raises:
        NotPublishable: HITs with the other view are published: answers to both do not compare.
    """
    _apply_tile_view(study, view)
    study.save(update_fields=["tile_view"])


def _apply_tile_view(study: Study, view: str) -> None:
    published = Hit.objects.filter(unit__layer__network__study=study)
    if view != study.tile_view and published.exists():
        raise NotPublishable(
            _(
                "Study %(study)s has published HITs with --view %(tile_view)s, and answers "
                "to different views are never compared. Use --view %(tile_view)s, or publish "
                "another study."
            )
            % {"study": study, "tile_view": study.tile_view}
        )
    study.tile_view = view


def refuse_too_many_pictures(study: Study, verified: int = 0) -> None:
    """Refuse HITs with more pictures than an answer can name.

    Args:
        verified: pictures of a verification HIT, whose slots come after those of naming HITs.
    """
    controls = MAX_REPEATS if verified else study.repeat_count
    count = study.top_count + study.catch_count + controls + verified
    if count > MAX_SLOTS:
        raise NotPublishable(
            _(
                "A HIT has at most %(max_slots)s pictures, and those of study %(study)s would have "
                "%(count)s: %(top_count)s top images, %(catch_count)s catch images and %(others)s "
                "others. Publish with a smaller --catch, or dissect with a smaller --top."
            )
            % {
                "max_slots": MAX_SLOTS,
                "study": study,
                "count": count,
                "top_count": study.top_count,
                "catch_count": study.catch_count,
                "others": controls + verified,
            }
        )
