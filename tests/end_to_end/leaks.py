"""What a browser receives of every picture of a HIT besides its pixels, and whether that tells."""

import io
import math
import re
from typing import NamedTuple

import numpy as np
from django.core.signals import request_finished
from django.db import close_old_connections
from django.urls import reverse
from PIL import Image as Pillow
from scipy import ndimage
from scipy.stats import rankdata

from dissect.format.masks import decode_sheet

TILE = re.compile(r'<li class="tile.*?</li>', re.DOTALL)
NAME = re.compile(r"[0-9a-f]{64}")


class Browser:
    """Opens HIT pages and records, for every picture, everything but its pixels.

    It also counts how often a picture comes back in other HITs.
    """

    def __init__(self, client):
        self.client = client
        self.rows, self.names, self.hits = [], [], []
        self.files = {}

    def open(self, assignment):
        page = self.client.get(reverse("hit", args=[assignment.key])).content.decode()
        tiles = TILE.findall(page)
        regions = self.regions(assignment.hit)
        crops = self.crops(assignment.hit)
        for number, markup in enumerate(tiles):
            slot = int(re.search(r'value="(\d+)"', markup).group(1))
            tile_name, zoom_name = NAME.findall(markup)[0], NAME.findall(markup)[-1]
            (tile, tile_sharpness), (zoom, _) = self.file(tile_name), self.file(zoom_name)
            self.names.append((zoom_name, tile_name))
            self.hits.append(assignment.hit_id)
            self.rows.append(
                [
                    number,
                    slot,
                    *map(int, re.search(r"column-(\d+) row-(\d+)", markup).groups()),
                    len(re.sub(r"\d+", "", NAME.sub("", markup))),  # without names and numbers
                    int(tile_name[:8], 16),
                    int(zoom_name[:8], 16),
                    *tile,
                    *zoom,
                    *shape_of(regions[slot]),
                    *likeness(regions, slot),
                    *tile_sharpness,
                    *crops[slot],
                ]
            )
        return self

    def fetch(self, address):
        """The response and its content, with its file closed."""
        response = self.client.get(address)
        content = b"".join(response.streaming_content)
        # The end of a request closes the database connection, which the test still needs.
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)
        return response, content

    def file(self, name):
        """Size, headers and encoder tables of a picture, and how sharp it is."""
        if name not in self.files:
            response, content = self.fetch(reverse("picture", args=[f"{name}.jpg"]))
            headers = "".join(f"{k}{v}" for k, v in sorted(response.headers.items()))
            headers = headers.replace(name, "")  # which has a number of its own
            picture = Pillow.open(io.BytesIO(content))
            tables = sum(sum(table) for table in picture.quantization.values())
            marks = len(re.sub(r"\d", "", headers)), len(picture.info), tables, picture.width
            self.files[name] = (len(content), *marks), sharpness(picture)
        return self.files[name]

    def regions(self, hit):
        """(slots, side, side) bool, from the sheet as it is sent."""
        _, content = self.fetch(reverse("sheet", args=[hit.masks]))
        return decode_sheet(content, hit.mask_columns)

    def crops(self, hit):
        """{slot: left, top and side of its crop, and corner of its inset}, from the style sheet."""
        _, content = self.fetch(reverse("sheet_style", args=[hit.style_name]))
        rules = dict(re.findall(r"\.slot-(\d+)\{(.*?)\}", content.decode()))
        return {
            int(slot): list(map(float, re.findall(r"--(?:left|top|side|corner):([^;]+)", rule)))
            for slot, rule in rules.items()
        }

    def features(self):
        """(pictures, features): what was recorded, and in how many HITs each picture comes.

        The last two are the counts of the whole picture and of the tile.
        """
        repeated = []
        for names in zip(*self.names, strict=True):
            _, inverse, counts = np.unique(names, return_inverse=True, return_counts=True)
            repeated.append(counts[inverse])
        return np.column_stack([np.array(self.rows, dtype=float), *repeated])


def sharpness(picture):
    """How far the pixels of a picture differ from those beside them, and from the next but one.

    An enlarged picture differs less from pixel to pixel.
    """
    grey = np.asarray(picture.convert("L"), dtype=float)
    near, far = (np.abs(grey[:, by:] - grey[:, :-by]).mean() for by in (1, 2))
    return near, near / max(far, 1e-9)


def shape_of(region):
    """Area, edge length, center, extent and number of pieces of a region."""
    ys, xs = np.nonzero(region)
    edge = (region[1:] != region[:-1]).sum() + (region[:, 1:] != region[:, :-1]).sum()
    pieces = ndimage.label(region[::4, ::4])[1]
    return (
        region.mean(),
        edge,
        ys.mean(),
        xs.mean(),
        np.ptp(ys),
        np.ptp(xs),
        pieces,
        region[[0, -1]].mean() + region[:, [0, -1]].mean(),  # at the border
    )


def likeness(regions, slot):
    """The largest IoU of a region with another of its page, and how many others equal it."""
    flat = regions[:, ::4, ::4].reshape(len(regions), -1)
    intersection = (flat & flat[slot]).sum(axis=1)
    union = np.maximum(1, (flat | flat[slot]).sum(axis=1))
    others = np.delete(intersection / union, slot)
    return others.max(), (others == 1).sum()


class Pictures(NamedTuple):
    """All pictures of all HITs of a study.

    Attributes:
        features: (pictures, features) what a browser receives besides the pixels.
        catch: (pictures,) bool, which are catch images.
        hits, layers: (pictures,) the HIT and the layer of each.
    """

    features: np.ndarray
    catch: np.ndarray
    hits: np.ndarray
    layers: np.ndarray


def excess(pictures, parts, rng, shuffles=100):
    """How far a classifier is above chance on pictures it has not learned, in standard errors.

    It is a logistic regression on the features, on their ranks within the HIT, and on the squares
    of those, so that extreme values count as well. Each part is judged by what was learned from the
    others. Chance is what the same scores reach if the catch labels are shuffled within each HIT.
    Without a leak the result has a standard deviation of about 1: from .95 to 1.25 over keys.

    Args:
        parts: (pictures,) the part of each. If parts are layers, no leak means 0: what a layer says
            of its own units is no cue to others. Catch images are matched over a layer, so one half
            of its HITs misleads about the other, and no leak means somewhat less than 0.
    """
    features, catch, hits, _ = pictures
    within = np.empty_like(features)
    for hit in np.unique(hits):
        rows = hits == hit
        within[rows] = rankdata(features[rows], axis=0) / rows.sum() - 0.5
    scores = np.empty(len(catch))
    for part in np.unique(parts):
        known = parts != part
        learned = np.column_stack([standardised(features, known), within, within**2])
        scores[~known] = logistic(learned, catch, known)[~known]
    by_chance = [_advantage(scores, permuted(catch, hits, rng), parts) for _ in range(shuffles)]
    return _advantage(scores, catch, parts) - np.mean(by_chance)


def halves(hits):
    """(pictures,): in which half of the HITs each is."""
    return np.unique(hits, return_inverse=True)[1] % 2


def _advantage(scores, catch, parts):
    each = [parts == part for part in np.unique(parts)]
    return sum(standard_errors(scores[own], catch[own]) for own in each) / math.sqrt(len(each))


def permuted(catch, hits, rng):
    """Which pictures would be catch images if the pictures of each HIT were shuffled."""
    shuffled = catch.copy()
    for hit in np.unique(hits):
        rows = np.flatnonzero(hits == hit)
        shuffled[rows] = rng.permutation(catch[rows])
    return shuffled


def standardised(features, known):
    spread = features[known].std(axis=0)
    return (features - features[known].mean(axis=0)) / np.where(spread > 0, spread, 1)


def logistic(features, catch, known, ridge=1.0):
    """(pictures,): scores of a ridge logistic regression, fitted by Newton's method on `known`."""
    x = np.column_stack([np.ones(len(features)), features])
    fitted, y = x[known], catch[known].astype(float)
    weights = np.zeros(x.shape[1])
    penalty = ridge * np.eye(x.shape[1])
    for _ in range(12):
        probability = 1 / (1 + np.exp(-np.clip(fitted @ weights, -30, 30)))
        gradient = fitted.T @ (y - probability) - penalty @ weights
        hessian = (fitted * (probability * (1 - probability))[:, None]).T @ fitted + penalty
        weights += np.linalg.solve(hessian, gradient)
    return x @ weights


def standard_errors(scores, catch):
    """How far the area under the ROC curve is above one half (Mann-Whitney test)."""
    n, m = catch.sum(), (~catch).sum()
    area = (rankdata(scores)[catch].sum() - n * (n + 1) / 2) / (n * m)
    return (area - 0.5) / np.sqrt((n + m + 1) / (12 * n * m))
