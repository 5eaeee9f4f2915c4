"""The demo world: pictures that it draws itself, and small networks trained on them.

Everything in a picture is known: `classes.csv` names the concepts of seven folders of masks, which
together are DESIGN's six semantic groups. The pictures are drawings, so findings on them test the
software; they are no evidence about vision.

    python -m dissect.demo render DIR --count 600 --seed 0     pictures and masks
    python -m dissect.demo train                               train all networks from scratch
    python -m dissect.demo accuracy                            print their accuracies

concepts    names of everything that a picture can show
surfaces    colors and textures
canvas      shapes painted into pixels and labels
indoor_things, outdoor_things   how things are drawn
objects     the list of things, and where they stand
backgrounds, light, scenes   whole pictures
folder      pictures and masks as files
networks, baselines, train   what is trained on them, and compared with
"""

from pathlib import Path

from dissect.errors import DissectError

WEIGHTS = Path(__file__).parent / "weights"


class DemoError(DissectError):
    """The demo world cannot do what was requested; the message says what to do instead."""
