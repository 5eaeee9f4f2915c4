"""The names of everything that a demo picture can show, at every level.

A level is a folder of masks. Index 0 of a level means that nothing of that level is there (a sky
has no part); the other indices count from 1 in the order of these tuples.
"""

COLORS = (
    "black", "gray", "white", "red", "orange", "yellow",
    "green", "blue", "purple", "pink", "brown",
)  # fmt: skip
ORIENTATIONS = ("horizontal lines", "vertical lines", "rising lines", "falling lines")
TEXTURES = (
    "smooth", "wood", "planks", "bricks", "tiles", "striped cloth", "checked cloth",
    "dotted cloth", "knit", "leaves", "grass", "sand", "waves", "clouds", "metal", "glass",
    "stone", "hide",
)  # fmt: skip
SURFACES = (
    # Of backgrounds.
    "wall", "floor", "ceiling", "sky", "hills", "grassland", "sandy ground", "bare soil",
    "pavement", "road", "water", "backdrop",
    # Of things, by their form.
    "flat front", "flat top", "slim bar", "round body", "leafy mass",
)  # fmt: skip
SCENES = (
    "bedroom", "living room", "kitchen", "bathroom", "office",
    "street", "beach", "farm", "forest", "park",
)  # fmt: skip

#: Every object and its parts. Objects may share a part: a car and a tractor have wheels.
OBJECTS: dict[str, tuple[str, ...]] = {
    "bed": ("headboard", "mattress", "pillow", "blanket", "leg"),
    "sofa": ("backrest", "cushion", "armrest", "leg"),
    "table": ("tabletop", "leg"),
    "chair": ("backrest", "seat", "leg"),
    "wardrobe": ("cabinet body", "door", "handle", "leg"),
    "lamp": ("lampshade", "pole", "foot"),
    "window": ("frame", "pane", "curtain"),
    "picture": ("frame", "painting"),
    "mirror": ("frame", "mirror glass"),
    "shelf": ("frame", "board", "book"),
    "plant": ("pot", "leaf"),
    "rug": ("weave", "fringe"),
    "screen": ("display", "casing", "foot"),
    "stove": ("stove body", "door", "knob", "burner", "pane"),
    "fridge": ("door", "handle", "foot"),
    "sink": ("cupboard", "basin", "tap", "handle"),
    "bathtub": ("tub", "rim", "tap", "foot"),
    "toilet": ("tank", "lid", "bowl", "foot"),
    "clock": ("clock rim", "dial", "clock hand"),
    "bottle": ("bottle body", "bottle neck", "bottle cap", "label"),
    "person": ("head", "hair", "torso", "arm", "human leg"),
    "dog": ("animal body", "animal head", "ear", "tail", "animal leg"),
    "cow": ("animal body", "animal head", "ear", "horn", "tail", "animal leg"),
    "car": ("vehicle body", "pane", "wheel", "light", "bumper"),
    "bicycle": ("wheel", "bicycle frame", "seat", "handlebar"),
    "tractor": ("vehicle body", "cab", "pane", "wheel", "exhaust"),
    "boat": ("hull", "mast", "sail"),
    "house": ("facade", "roof", "door", "pane", "chimney"),
    "tree": ("trunk", "crown"),
    "bush": ("leaf", "berry"),
    "bench": ("backrest", "seat", "leg"),
    "fence": ("post", "rail"),
    "street lamp": ("pole", "light", "foot"),
    "traffic light": ("pole", "casing", "light"),
    "umbrella": ("canopy", "pole"),
    "ball": ("ball half", "stripe"),
    "tent": ("tent canvas", "entrance"),
    "slide": ("chute", "ladder", "rung"),
    "swing": ("swing frame", "rope", "seat"),
    "mushroom": ("mushroom cap", "stem", "spot"),
}
PARTS = tuple(dict.fromkeys(part for parts in OBJECTS.values() for part in parts))

#: Level (folder of masks) -> DESIGN's semantic group and the names, in the order of their indices.
LEVELS: dict[str, tuple[int, tuple[str, ...]]] = {
    "color": (1, COLORS),
    "orientation": (1, ORIENTATIONS),
    "texture": (2, TEXTURES),
    "surface": (3, SURFACES),
    "part": (4, PARTS),
    "object": (5, tuple(OBJECTS)),
    "scene": (6, SCENES),
}


def indices(level: str) -> dict[str, int]:
    """Number the demo world's concepts of a level; the indices start at 1."""
    return {name: place for place, name in enumerate(LEVELS[level][1], start=1)}


def class_rows() -> list[tuple[int, str, int, str]]:
    """List the demo world's concepts as rows of classes.csv: index, name, group, level."""
    return [
        (index, name, group, level)
        for level, (group, _) in LEVELS.items()
        for name, index in indices(level).items()
    ]
