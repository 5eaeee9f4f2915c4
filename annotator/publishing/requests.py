"""What is to be published, as one typed request: of the page, of the command and of the job.

A request is validated where it is made, stored as JSON in `Publication.request`, and read back by
the worker as the same model.
"""

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import chain, zip_longest
from typing import Annotated, Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from annotator.crowd.answers.validation import MAX_SLOTS
from annotator.job_requests import Request
from annotator.models import Layer, Study, Unit
from annotator.pay.money import MAX_CENTS
from annotator.publishing.draws import draw
from annotator.publishing.hit_design import MAX_REPEATS, NotPublishable

MAX_ANSWERS = 100  # a unit; a larger number is a typing mistake
PILOT_UNITS = 10  # of all layers together: enough answers to measure how long a HIT takes
Cents = Annotated[int, Field(ge=0, le=MAX_CENTS)]


class PublishRequest(Request):
    """What to publish and on which terms. None leaves a setting of the study as it is.

    Attributes:
        assignments: answers for each unit.
        reward, hourly: cents for a HIT, or for an hour; at most one of them.
        catch, repeats: catch images and positive controls of a HIT.
        verify: `consensus`, or the method whose names a second round verifies; None: a first one.
        with_dead: dead units and dense latents too.
        layers: names, or network/layer; empty: all.
        sample: units of each layer, drawn by `seed`. pilot: a few units of all layers instead.
    """

    assignments: Annotated[int, Field(ge=1, le=MAX_ANSWERS)] | None = None
    reward: Cents | None = None
    hourly: Cents | None = None
    publisher: str = "local"
    catch: Annotated[int, Field(ge=0, le=MAX_SLOTS)] | None = None
    catch_policy: Literal["silent", "block"] | None = None
    min_judged: Annotated[float, Field(ge=0, le=1)] | None = None
    repeats: Annotated[int, Field(ge=0, le=MAX_REPEATS)] | None = None
    view: Literal["full", "crop"] | None = None
    verify: str | None = None
    with_dead: bool = False
    layers: tuple[str, ...] = ()
    sample: Annotated[int, Field(ge=1, le=10**6)] | None = None
    pilot: bool = False
    seed: Annotated[int, Field(ge=0, le=2**53)] = 0

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        if self.reward is not None and self.hourly is not None:
            raise ValueError("--reward is the pay of a HIT, --hourly of an hour: take one of them.")
        if self.pilot and self.sample is not None:
            raise ValueError(f"--pilot takes {PILOT_UNITS} units in all: take it, or --sample.")
        return self

    @property
    def takes_all(self) -> bool:
        """Whether no units are chosen: all of the study are meant."""
        return not (self.layers or self.sample or self.pilot)


def chosen_units(study: Study, request: PublishRequest) -> set[int] | None:
    """The units that a request asks for, by pk; None is all of the study.

    A sample does not depend on what is published already, so the same request asks for the same
    units, and a larger sample of the same seed contains the smaller one.

    Raises:
        NotPublishable: the study has no layer of that name.
    """
    if request.takes_all:
        return None
    layers = _layers(study, request.layers)
    units = Unit.objects.filter(layer__in=layers).select_related("layer__network")
    if not (request.sample or request.pilot):
        return set(units.values_list("pk", flat=True))
    by_layer: dict[int, list[Unit]] = {layer.pk: [] for layer in layers}
    for unit in units if request.with_dead else units.live():
        by_layer[unit.layer_id].append(unit)
    for of_layer in by_layer.values():
        of_layer.sort(key=lambda unit: draw(study, f"publish {request.seed}", unit))
    if request.pilot:
        in_turn = chain.from_iterable(zip_longest(*by_layer.values()))
        return {unit.pk for unit in list(filter(None, in_turn))[:PILOT_UNITS]}
    return {unit.pk for of_layer in by_layer.values() for unit in of_layer[: request.sample]}


def _layers(study: Study, names: Iterable[str]) -> list[Layer]:
    """The layers of a study, in its order; only those of some names if there are any."""
    rows = Layer.objects.filter(network__study=study).select_related("network")
    by_name = defaultdict(list)
    layers = list(rows.order_by("network__position", "position"))
    for layer in layers:
        by_name[layer.name].append(layer)
        by_name[layer_name(layer)].append(layer)
    for name in names:
        if name not in by_name:
            near = get_close_matches(name, by_name, n=1)
            hint = (
                _("did you mean %(name)r?") % {"name": near[0]}
                if near
                else _("there are %(names)s.") % {"names": ", ".join(by_name)}
            )
            raise NotPublishable(
                _("Study %(study)s has no layer %(name)r: %(hint)s")
                % {"study": study, "name": name, "hint": hint}
            )
    wanted = {layer.pk for name in names for layer in by_name[name]}
    return [layer for layer in layers if not names or layer.pk in wanted]


def layer_name(layer: Layer) -> str:
    """What a request to publish calls a layer of a network."""
    return f"{layer.network.name}/{layer.name}"
