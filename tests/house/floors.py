"""The rooms of the house, ground floor first: a room may import what lies below it, nothing else.

Each entry is a package and the floors of its modules and sub-packages. An import from one room to
another must go down. Rooms of one floor know nothing of each other.
"""

Floors = list[set[str]]

FLOORS: dict[str, Floors] = {
    "annotator": [
        {"env", "celery", "embedded", "tables", "storage"},
        {"settings"},
        {"models"},
        {"migrations", "seam", "drawing", "truth", "regions"},
        {"crowd", "results", "publishers", "dissecting", "importing", "studies", "keys"},
        {"publishing", "simulating", "reporting"},
        {"tasks", "apps", "wsgi"},
        {"asking"},
        {"templatetags", "demo"},
        {"views", "management"},
        {"api"},
        {"urls"},
    ],
}


def child_of(package: str, module: str) -> str:
    """The room of a package that a module is in, or is; empty if it is in none."""
    if not module.startswith(f"{package}."):
        return ""
    return module.removeprefix(f"{package}.").partition(".")[0]


def floor_of(package: str, room: str) -> int | None:
    for number, rooms in enumerate(FLOORS[package]):
        if room in rooms:
            return number
    return None
