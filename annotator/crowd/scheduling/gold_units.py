"""Gold units: units with a known answer, for training, qualification or control.

GoldUnitError(ValueError): one sentence that names the line and the value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.free_text import tidy, whole_number_text
from annotator.keyed_random import KeyedPairs
from annotator.models import Answer, KnownAnswer, Study, Unit
from annotator.models.answer import Group
from annotator.models.gold import USES

COLUMNS = ("network", "layer", "unit", "concepts", "group", "use")


class GoldUnitError(ValueError):
    """A known answer does not fit the study."""


def save_gold_units(study: Study, lines: Iterable[tuple[int, Mapping[str, str]]], by: Actor) -> int:
    """Save the known answers of units: all lines, or none. Earlier ones are replaced.

    Args:
        lines: (line number, values by the names of COLUMNS). `concepts` are all right names,
            separated by semicolons; `group` is 1 to 6. One of the two may be empty.

    Returns:
        The number of units.

    Raises:
        GoldUnitError: a value is missing or wrong, the study has no such unit, or the unit has
            answers that would enter or leave the results.
    """
    with transaction.atomic():
        rows = [_save(study, number, values, by) for number, values in lines]
    return len(rows)


def remove_gold_unit(known: KnownAnswer, by: Actor) -> None:
    """Delete the known answer of a gold unit, which is then a unit like any other.

    Raises:
        GoldUnitError: its answers would enter the results.
    """
    study = known.unit.layer.network.study
    with transaction.atomic():
        if known.use != "control":
            _refuse_if_answered(known.unit, "")
        note(study, by, "known unit forgotten", unit=known.unit_id, use=[known.use, None])
        known.delete()


def _save(study: Study, number: int, values: Mapping[str, str], by: Actor) -> KnownAnswer:
    where = _("Line %(number)s: ") % {"number": number}
    if missing := [name for name in COLUMNS if name not in values]:
        raise GoldUnitError(
            _("A column %(column)r is missing; there must be %(columns)s.")
            % {"column": missing[0], "columns": COLUMNS}
        )
    unit, use = _unit(study, values, where), values["use"].strip().casefold()
    if use not in USES:
        raise GoldUnitError(
            _("%(where)suse must be one of %(uses)s; got %(use)r.")
            % {"where": where, "uses": ", ".join(USES), "use": use}
        )
    concepts = [tidy(name).casefold() for name in values["concepts"].split(";")]
    concepts = [name for name in dict.fromkeys(concepts) if name]
    group = _group(values["group"].strip(), where)
    if not concepts and group is None:
        raise GoldUnitError(
            _("%(where)snothing is known: give concepts, a group, or both.") % {"where": where}
        )
    before = KnownAnswer.objects.filter(unit=unit).first()
    was_counted = before is None or before.for_control
    if was_counted != (use == "control"):
        _refuse_if_answered(unit, where)
    uses = {f"for_{name}": name == use for name in USES}
    known, _is_new = KnownAnswer.objects.update_or_create(
        unit=unit, defaults=uses | {"concepts": concepts, "group": group}
    )
    note(study, by, "known unit", unit=unit.pk, use=[before and before.use, use])
    return known


def _unit(study: Study, values: Mapping[str, str], where: str) -> Unit:
    number = whole_number_text(values["unit"].strip())
    if not number:
        raise GoldUnitError(
            _("%(where)sunit must be a whole number from 0, got %(unit)r.")
            % {"where": where, "unit": values["unit"]}
        )
    unit = Unit.objects.filter(
        layer__network__study=study,
        layer__network__name=values["network"].strip(),
        layer__name=values["layer"].strip(),
        number=int(number),
    ).first()
    if unit is None:
        raise GoldUnitError(
            _("%(where)sstudy %(study)s has no unit %(number)s of %(layer)s of %(network)s.")
            % {
                "where": where,
                "study": study,
                "number": number,
                "layer": values["layer"],
                "network": values["network"],
            }
        )
    return unit


def _group(text: str, where: str) -> int | None:
    group = int(whole_number_text(text) or 0) if text else None
    if group is not None and group not in Group.values:
        raise GoldUnitError(
            _("%(where)sgroup must be 1 to 6 or empty, got %(text)r.")
            % {"where": where, "text": text}
        )
    return group


def _refuse_if_answered(unit: Unit, where: str) -> None:
    if Answer.objects.filter(assignment__unit=unit).exists():
        raise GoldUnitError(
            _(
                "%(where)sunit %(number)s of %(layer)s has answers already, which would "
                "enter or leave the results; choose a unit that nobody has answered."
            )
            % {"where": where, "number": unit.number, "layer": unit.layer}
        )


def control_turn(draws: KeyedPairs, number: int) -> int:
    """When the next gold unit comes to a worker as a control: after how many HITs of the queue.

    One is among the first 2 HITs, one among the next 3, one among the next 4, and so on. The key
    draws the place within each stretch.

    Args:
        draws: keyed for one worker.
        number: of the control unit, from 0.
    """
    start = 2 * number + number * (number - 1) // 2
    return start + draws.pair(f"turn {number}")[0] * (number + 2) // 2**64


@dataclass(frozen=True)
class Practice:
    """The units of a study for training, and for qualification."""

    training: frozenset[int]
    qualification: frozenset[int]


def practice_units(study: Study) -> Practice:
    """Load the gold units of a study's training and qualification, in one query."""
    rows = KnownAnswer.objects.filter(
        unit__layer__network__study=study, unit__hits__kind="naming"
    ).exclude(unit__hits__status="disposed")
    uses = list(rows.values_list("unit_id", "for_training", "for_qualification"))
    return Practice(
        training=frozenset(unit for unit, training, _ in uses if training),
        qualification=frozenset(unit for unit, _, qualification in uses if qualification),
    )
