"""Where the pages of a site are, as paths in its folder. An address depends on names alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from annotator.results.report.report import StudyReport

UNITS = "units"  # the folder of all networks, so that no name of one meets another file
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Addresses:
    """The addresses of a study's pages.

    Attributes:
        folders: layer id to the folder of the layer, units/NETWORK/LAYER.
    """

    folders: dict[int, str]

    def layer(self, layer_id: int, page: int = 1) -> str:
        """The address of one page of a layer's units, from 1."""
        name = "index" if page == 1 else f"page-{page}"
        return f"{self.folders[layer_id]}/{name}.html"

    def unit(self, layer_id: int, number: int) -> str:
        return f"{self.folders[layer_id]}/{number}.html"

    def strip(self, layer_id: int, number: int) -> str:
        """The picture that holds the tiles of a unit."""
        return f"{self.folders[layer_id]}/{number}.jpg"


def site_addresses(report: StudyReport) -> Addresses:
    """Give every layer of a report its folder in a site."""
    networks = folder_names(network.name for network in report.networks)
    folders = {}
    for network in report.networks:
        layers = folder_names(layer.name for layer in network.layers)
        for layer in network.layers:
            folders[layer.id] = f"{UNITS}/{networks[network.name]}/{layers[layer.name]}"
    return Addresses(folders)


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """Name a folder for each of some different names: what every file system and host can hold.

    Letters, digits, `.`, `_` and `-` stay. Names that would share a folder, also where upper and
    lower case are the same, get a part of their hash.

    >>> folder_names(["torchvision:alexnet", "_blocks.10"])
    {'torchvision:alexnet': 'torchvision-alexnet', '_blocks.10': '_blocks.10'}
    """
    plain = {name: UNSAFE.sub("-", name).strip(".-") or "-" for name in names}
    used = [folder.casefold() for folder in plain.values()]
    return {
        name: folder
        if used.count(folder.casefold()) == 1
        else f"{folder}-{sha256(name.encode()).hexdigest()[:8]}"
        for name, folder in plain.items()
    }


def root_of(address: str) -> str:
    """The way from a page to the folder of the site, as a prefix of relative links.

    >>> root_of("index.html"), root_of("units/alexnet/conv5/12.html")
    ('', '../../../')
    """
    return "../" * address.count("/")
