"""Where the pages of a site are, as paths in its folder. They are made of slugs, which stay."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from annotator.results.report.report import StudyReport

UNITS = "units"  # the folder of all networks, so that no name of one meets another file


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
    """Give every layer of a report its folder in a site: the words of its address elsewhere."""
    networks = folder_names(network.slug for network in report.networks)
    folders = {}
    for network in report.networks:
        layers = folder_names(layer.slug for layer in network.layers)
        for layer in network.layers:
            folders[layer.id] = f"{UNITS}/{networks[network.slug]}/{layers[layer.slug]}"
    return Addresses(folders)


def folder_names(slugs: Iterable[str]) -> dict[str, str]:
    """Give each of some slugs a folder in the addresses of a site, no two alike.

    Slugs that differ in upper and lower case alone share a folder on some file systems, so they
    get a part of their hash.

    >>> folder_names(["alexnet", "_blocks.10"])
    {'alexnet': 'alexnet', '_blocks.10': '_blocks.10'}
    """
    slugs = list(slugs)
    used = Counter(slug.casefold() for slug in slugs)
    return {
        slug: slug
        if used[slug.casefold()] == 1
        else f"{slug}-{sha256(slug.encode()).hexdigest()[:8]}"
        for slug in slugs
    }


def root_of(address: str) -> str:
    """The way from a page to the folder of the site, as a prefix of relative links.

    >>> root_of("index.html"), root_of("units/alexnet/conv5/12.html")
    ('', '../../../')
    """
    return "../" * address.count("/")
