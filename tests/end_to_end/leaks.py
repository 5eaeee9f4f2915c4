"""What a browser gets of every picture of a HIT but its content, and what can be told from it."""

import io
import re

import numpy as np
from django.core.signals import request_finished
from django.db import close_old_connections
from django.urls import reverse
from PIL import Image as Pillow
from scipy import ndimage
from scipy.stats import rankdata

TILE = re.compile(r'<li class="tile.*?</li>', re.DOTALL)
NAME = re.compile(r"[0-9a-f]{64}")


class Browser:
    """Opens HIT pages and notes, for every picture, whatever is not its pixels.

    Pages that it has seen before count: a picture may come back in another HIT.
    """

    def __init__(self, client):
        self.client = client
        self.rows, self.names, self.hits = [], [], []
        self.files = {}

    def open(self, assignment):
        page = self.client.get(reverse("hit", args=[assignment.key])).content.decode()
        tiles = TILE.findall(page)
        regions = self.regions(assignment.hit)
        for number, tile in enumerate(tiles):
            slot = int(re.search(r'value="(\d+)"', tile).group(1))
            tile_name, zoom_name = NAME.findall(tile)[0], NAME.findall(tile)[-1]
            self.names.append(tile_name)
            self.hits.append(assignment.hit_id)
            self.rows.append(
                [
                    number,
                    slot,
                    *map(int, re.search(r"column-(\d+) row-(\d+)", tile).groups()),
                    len(re.sub(r"\d+", "", tile)),  # the markup, but for its numbers
                    int(tile_name[:8], 16),
                    int(zoom_name[:8], 16),
                    *self.file(tile_name),
                    *self.file(zoom_name),
                    *shape_of(regions[slot]),
                    *likeness(regions, slot),
                ]
            )
        return self

    def fetch(self, address):
        """The answer with all of its content, and its file closed."""
        answer = self.client.get(address)
        content = b"".join(answer.streaming_content)
        # The end of a request closes the database, which here is still open for the test.
        request_finished.disconnect(close_old_connections)
        answer.close()
        request_finished.connect(close_old_connections)
        return answer, content

    def file(self, name):
        """Size, headers and encoder's tables of a picture."""
        if name not in self.files:
            answer, content = self.fetch(reverse("picture", args=[f"{name}.jpg"]))
            headers = "".join(f"{k}{v}" for k, v in sorted(answer.headers.items()))
            picture = Pillow.open(io.BytesIO(content))
            tables = sum(sum(table) for table in picture.quantization.values())
            marks = len(re.sub(r"\d", "", headers)), len(picture.info), tables, picture.width
            self.files[name] = (len(content), *marks)
        return self.files[name]

    def regions(self, hit):
        """(slots, side, side) bool, from the sheet as it is sent."""
        _, content = self.fetch(reverse("sheet", args=[hit.masks]))
        sheet = np.asarray(Pillow.open(io.BytesIO(content))) != 0
        side = sheet.shape[1] // hit.mask_columns
        cells = sheet.reshape(-1, side, hit.mask_columns, side).swapaxes(1, 2)
        return cells.reshape(-1, side, side)

    def features(self):
        """(pictures, features): all of them, and in how many HITs each picture was seen."""
        names = np.array(self.names)
        _, inverse, counts = np.unique(names, return_inverse=True, return_counts=True)
        return np.column_stack([np.array(self.rows, dtype=float), counts[inverse]])


def shape_of(region):
    """Area, edge, center, extent and pieces of a region."""
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
    """How much the most similar other region of the page is like one, and how many equal it."""
    flat = regions[:, ::4, ::4].reshape(len(regions), -1)
    both = (flat & flat[slot]).sum(axis=1)
    either = np.maximum(1, (flat | flat[slot]).sum(axis=1))
    others = np.delete(both / either, slot)
    return others.max(), (others == 1).sum()


def advantage(features, catch, hits):
    """How far a classifier is above chance on HITs that it never saw, in standard errors.

    Logistic regression over the features, over their ranks within the HIT, and over both squared,
    so that being extreme is seen too; the best of the three, and of each feature alone.

    Args:
        features: (pictures, features).
        catch: (pictures,) bool, what is to be told. hits: (pictures,), which HIT each is of.
    """
    known = np.isin(hits, np.unique(hits)[::2])
    within = np.empty_like(features)
    for hit in np.unique(hits):
        rows = hits == hit
        ranks = np.apply_along_axis(rankdata, 0, features[rows])
        within[rows] = ranks / rows.sum() - 0.5
    plain = standardised(features, known)
    both = np.column_stack([plain, within, within**2])
    scores = [logistic(each, catch, known) for each in (plain, within, both)]
    return max(standard_errors(score[~known], catch[~known]) for score in scores)


def standardised(features, known):
    spread = features[known].std(axis=0)
    return (features - features[known].mean(axis=0)) / np.where(spread > 0, spread, 1)


def logistic(features, catch, known, ridge=1.0):
    """(pictures,): scores of a logistic regression, fitted by Newton's method on what is known."""
    x = np.column_stack([np.ones(len(features)), features])
    fitted, y = x[known], catch[known].astype(float)
    weights = np.zeros(x.shape[1])
    penalty = ridge * np.eye(x.shape[1])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-np.clip(fitted @ weights, -30, 30)))
        slope = fitted.T @ (y - chance) - penalty @ weights
        curve = (fitted * (chance * (1 - chance))[:, None]).T @ fitted + penalty
        weights += np.linalg.solve(curve, slope)
    return x @ weights


def standard_errors(scores, catch):
    """Mann and Whitney: how far the area under the curve is above one half."""
    one, other = catch.sum(), (~catch).sum()
    area = (rankdata(scores)[catch].sum() - one * (one + 1) / 2) / (one * other)
    return (area - 0.5) / np.sqrt((one + other + 1) / (12 * one * other))
