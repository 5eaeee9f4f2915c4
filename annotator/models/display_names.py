"""Short names of networks and layers for readers, and the words that stand for them in addresses.

>>> network_display_name("torchvision:alexnet", "torchvision:alexnet", "trained")
'alexnet'
>>> network_display_name("shop.nets:scene_net, untrained", "shop.nets:scene_net", "untrained")
'scene net, untrained'
>>> layer_display_name("encoder.layers.encoder_layer_3.mlp.0")
'mlp.0'
>>> layer_display_name("_blocks.10._project_conv.static_padding")
'static padding 10'
>>> slug_of("scene network, seed 1", kind="network")
'scene-network-seed-1'
"""

import re
from collections.abc import Container
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _

MAX_DEFAULT_LETTERS = 20  # of a name that is made from a spec
MAX_LETTERS = 40  # of a name that a requester chooses
# What stands beside the network's name, if the name does not say it already.
CONDITIONS = {
    "untrained": "untrained",
    "directions": "directions",
    "random directions": "rotated",
    "random images": "random",
}
# First words of other addresses below /results/STUDY/: no network may have them.
RESERVED_SLUGS = frozenset(
    ("bundle.zip", "concepts", "data", "datasheet.md", "definitions", "figures", "layers")
    + ("make-again", "methods", "named", "paper", "paper.md", "report.html", "results.json")
    + ("search", "tables", "units")
)


class BadDisplayName(ValueError):
    """A display name cannot be used; its text is one sentence that says why."""


def checked_display_name(name: str) -> str:
    """A display name with single spaces.

    Raises:
        BadDisplayName: it is empty, too long, or has letters that cannot be seen.
    """
    name = " ".join(name.split())
    if not name:
        raise BadDisplayName(_("A display name has at least one letter."))
    if len(name) > MAX_LETTERS:
        raise BadDisplayName(
            _("%(name)r... has %(name_count)s letters: a display name has %(max_letters)s at most.")
            % {"name": name[:MAX_LETTERS], "name_count": len(name), "max_letters": MAX_LETTERS}
        )
    if not name.isprintable():
        raise BadDisplayName(
            _("%(name)r has letters that cannot be seen: leave them out.") % {"name": name}
        )
    return name


class DisplayName(models.Model):
    """What readers see instead of a spec or a module path, and what stands for it in addresses.

    A row that is saved without them gets both.
    """

    within: ClassVar[str]  # the column of what it belongs to, in which names differ

    display_name = models.CharField(
        max_length=MAX_LETTERS, blank=True, help_text="What readers see; by default from its name."
    )
    slug = models.CharField(
        max_length=64, blank=True, help_text="Stands for it in addresses; never changes."
    )

    name: str

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str) -> None:
        """Set the display name and save it; the slug stays.

        Raises:
            BadDisplayName: it cannot be used; its text says why.
        """
        name = checked_display_name(name)
        if self._siblings().filter(display_name=name).exists():
            kind = type(self).__name__.lower()
            raise BadDisplayName(
                _("Another %(kind)s is already called %(name)r: take another name.")
                % {"kind": kind, "name": name}
            )
        self.display_name = name
        self.save(update_fields=["display_name"])

    def _siblings(self) -> models.QuerySet:
        rows = type(self)._default_manager.exclude(pk=self.pk)
        return rows.filter(**{self.within: getattr(self, self.within)})

    def default_name(self, used: Container[str]) -> str:
        """The display name that is made from its name, and is none of the used ones."""
        raise NotImplementedError

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not (self.display_name and self.slug):
            others = self._siblings()
            used = set(others.values_list("display_name", flat=True))
            self.display_name = self.display_name or self.default_name(used)
            used = set(others.values_list("slug", flat=True))
            kind = type(self).__name__.lower()
            self.slug = self.slug or slug_of(self.display_name, kind, used)
        super().save(*args, **kwargs)


def network_display_name(name: str, spec: str, condition: str, used: Container[str] = ()) -> str:
    """Make a display name for a network from its spec: at most 20 letters, none of the used.

    Args:
        name: the requester's name for the network, or one that starts with the spec.
        condition: a Network.Condition, such as `untrained`.
    """
    base = _without_module(spec if spec and name.startswith(spec) else name)
    word = CONDITIONS.get(condition, "")
    ending = f", {word}" if word and word not in base.lower() else ""
    return _unused(base, ending, used)


def layer_display_name(name: str, used: Container[str] = ()) -> str:
    """A short display name for a layer, of at most 20 letters: the end of its module path in words.

    If the end has no number, the last number before it follows: of which block it is the end.
    """
    parts = name.replace("_", " ").split(".")
    parts = [part.strip() or part for part in parts]
    number = ""
    while len(parts) > 1 and len(".".join(parts)) > MAX_DEFAULT_LETTERS:
        number = next(iter(re.findall(r"\d+", parts.pop(0))[-1:]), number)
    base = ".".join(parts)
    has_number = any(letter.isdecimal() for letter in base)
    return _unused(base, f" {number}" if number and not has_number else "", used)


def slug_of(name: str, kind: str, used: Container[str] = ()) -> str:
    """The slug of a display name, for addresses: letters, digits and . _ - alone.

    Args:
        kind: `network` or `layer`: the slug of a name without any such letter.
        used: slugs of other networks of the study, or other layers of the network.
    """
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or kind
    number, free = 1, slug
    while free in used or free in RESERVED_SLUGS:
        number += 1
        free = f"{slug}-{number}"
    return free


def _without_module(spec: str) -> str:
    """The last word of a spec: the name of a model, or of a factory in plain words."""
    source, colon, model = spec.partition(":")
    if not colon or not model:
        return spec
    if ".py:" in spec:
        source, _, model = spec.rpartition(":")  # a file; its path may have colons
    if source in ("torchvision", "timm"):
        return model
    if source == "places365":
        return f"{source} {model}"
    is_module = source.endswith(".py") or all(map(str.isidentifier, source.split(".")))
    is_factory = is_module and all(map(str.isidentifier, model.split(".")))
    return model.rpartition(".")[2].replace("_", " ") if is_factory else spec


def _unused(base: str, ending: str, used: Container[str]) -> str:
    number, name = 1, _shortened(base, ending)
    while name in used:
        number += 1
        name = _shortened(base, f"{ending} {number}")
    return name


def _shortened(base: str, ending: str) -> str:
    """Both together in 20 letters; the middle of the base is left out if need be."""
    room = MAX_DEFAULT_LETTERS - len(ending)
    if len(base) > room:
        start = room // 2
        base = f"{base[:start]}…{base[len(base) - (room - 1 - start) :]}"
    return base + ending
