"""The demo world: pictures that the project draws itself, and small networks trained on them.

Everything in a picture is known: `classes.csv` names the concepts of seven folders of masks,
which together are DESIGN's six semantic groups. The pictures are drawings, so what is found on
them tests the machine; it is no evidence about vision.

    python -m dissect.demo render DIR --count 600 --seed 0     pictures and masks
    python -m dissect.demo train                               all networks, from nothing
    python -m dissect.demo accuracy                            what they reach

Rooms, ground floor first: `concepts` names, `textures` and `looks` give surfaces, `canvas` turns
shapes into pixels and labels, `indoors`, `outdoors` and `living` draw the things, `objects` lists
them, `scenes` arranges them, `folder` writes them; `networks` and `train` stand on top.
"""

from dissect.errors import DissectError


class DemoError(DissectError):
    """Something asked of the demo world cannot be done; the message says what instead."""
