"""The units that a table of answers is about: found in the study, or made."""

from collections.abc import Iterable, Mapping

from annotator.imports.answer_table import ForeignAnswer
from annotator.imports.errors import ImportRefused
from annotator.models import Layer, Network, Study, Unit

UnitName = tuple[str, str, int]  # network, layer, unit


def units_of(
    study: Study, answers: Iterable[ForeignAnswer], source: Mapping[str, str]
) -> dict[UnitName, Unit]:
    """The unit of every answer, by name. What the study lacks is made, in the table's order.

    Args:
        source: kept with each network: the file, its SHA-256, and what its workers are.

    Raises:
        ImportRefused: the table was imported before, or names a layer or unit that a dissected
            network does not have.
    """
    first_lines: dict[UnitName, int] = {}
    for answer in answers:
        first_lines.setdefault((answer.network, answer.layer, answer.unit), answer.line)
    networks = _networks(study, dict.fromkeys(name[0] for name in first_lines), source)
    layers = _layers(networks, first_lines)
    units = _existing(layers)
    new = []
    for name, line in first_lines.items():
        if name not in units:
            _check_makeable(networks[name[0]], f"unit {name[2]} of {name[1]}", line)
            layer = layers[name[0], name[1]]
            new.append(Unit(layer=layer, number=name[2], maximum=0, threshold=0, saturated=False))
    units |= {_name(unit): unit for unit in Unit.objects.bulk_create(new)}
    _count_units(new)
    return {name: units[name] for name in first_lines}


def _networks(study: Study, names: Iterable[str], source: Mapping[str, str]) -> dict[str, Network]:
    there = {network.name: network for network in study.networks.all()}
    position = max((network.position for network in there.values()), default=-1) + 1
    for name in names:
        if name not in there:
            there[name] = Network(study=study, name=name, spec="imported", position=position)
            position += 1
        network = there[name]
        sources = network.manifest.setdefault("imported", [])
        if any(earlier["sha256"] == source["sha256"] for earlier in sources):
            raise ImportRefused(f"{source['file']} is already in study {study.name!r}.")
        sources.append(dict(source))
        network.save()
    return there


def _layers(
    networks: Mapping[str, Network], first_lines: Mapping[UnitName, int]
) -> dict[tuple[str, str], Layer]:
    found = Layer.objects.filter(network__in=networks.values()).select_related("network")
    there = {(layer.network.name, layer.name): layer for layer in found}
    for (network, name, _), line in first_lines.items():
        if (network, name) not in there:
            _check_makeable(networks[network], f"layer {name!r}", line)
            position = sum(1 for key in there if key[0] == network)
            there[network, name] = Layer.objects.create(
                network=networks[network],
                name=name,
                position=position,
                unit_count=0,
                map_height=0,
                map_width=0,
            )
    return there


def _check_makeable(network: Network, what: str, line: int) -> None:
    if network.dissection:
        raise ImportRefused(
            f"Line {line}: {network.name} was dissected in this study and has no {what}."
        )


def _existing(layers: Mapping[tuple[str, str], Layer]) -> dict[UnitName, Unit]:
    units = Unit.objects.filter(layer__in=layers.values()).select_related("layer__network")
    return {_name(unit): unit for unit in units}


def _name(unit: Unit) -> UnitName:
    return unit.layer.network.name, unit.layer.name, unit.number


def _count_units(new: Iterable[Unit]) -> None:
    """Bring the counts of layers that got units up to date."""
    for layer in {unit.layer_id: unit.layer for unit in new}.values():
        layer.unit_count = layer.units.count()
        layer.save(update_fields=["unit_count"])
