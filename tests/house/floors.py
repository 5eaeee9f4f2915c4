"""The rooms of the house, ground floor first: a room may import what lies below it, nothing else.

Each entry is a package and the floors of its modules and sub-packages. An import from one room to
another must go down. Rooms of one floor know nothing of each other.
"""

from tests.house.reading import Import

Floors = list[set[str]]

FLOORS: dict[str, Floors] = {
    "annotator": [
        {"interruptions", "free_text", "public_url", "side_process", "languages"},
        {"env", "celery", "database", "storage", "keyed_random", "concept_words"}
        | {"validation_errors", "neuronpedia_layout"},
        {"settings", "job_requests"},
        {"analysis_requests", "tokens"},
        {"models"},
        {"migrations", "dissection_reader", "pay"},
        {"crowd", "results", "publishers", "imports", "access_keys"},
        {"publishing", "simulation", "dissection_jobs", "retention", "outgoing"},
        {"tasks", "apps", "wsgi"},
        {"job_queue"},
        {"lab"},
        {"templatetags", "demo_studies", "operations"},
        {"views", "management"},
        {"api"},
        {"urls", "command_line"},
    ],
    "annotator.interruptions": [{"stopping", "broker", "companion", "postgresql"}, {"outages"}],
    "annotator.tokens": [{"hashing"}, {"sessions"}],
    "annotator.crowd": [
        {"errors", "audit", "quality"},
        {"reasons"},
        {"access"},
        {"scheduling"},
        {"answers"},
        {"review"},
        {"watch"},
    ],
    "annotator.results": [
        {"concepts"},
        {"loading"},
        {"stats"},
        {"report"},
        {"output"},
    ],
    "annotator.operations": [
        {"database_copy", "first_account", "log_lines"},
        {"backup"},
        {"doctor"},
    ],
    "annotator.views": [
        {"access", "media", "middleware", "refusals", "health", "rate_limits", "study_status"},
        {"metrics"},
        {"study_tabs", "next_step"},
        {"annotator", "reader"},
        {"requester", "lab"},
        {"reviewer"},
        {"home"},
    ],
    "dissect": [
        {"errors", "background", "machine", "quick_torchvision"},
        {"format"},
        {"storage"},
        {"images"},
        {"networks"},
        {"topk"},
        {"receptive_fields"},
        {"segmentation"},
        {"render"},
        {"analyses", "dissection", "demo"},
        {"front_door"},
        {"commands"},
        {"__main__"},
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


def climbing(package: str, among: list[Import]) -> list[str]:
    """The imports from a room of a package to one on the same floor or above."""
    climbs = []
    for one in among:
        by, of = child_of(package, one.by), child_of(package, one.of)
        floors = floor_of(package, by), floor_of(package, of)
        if by != of and None not in floors and floors[1] >= floors[0]:
            climbs.append(str(one))
    return climbs
