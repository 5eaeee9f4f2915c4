"""Studies of many units, with all their answers or none, written straight into the tables."""

from django.db import connection

from annotator.models import (
    Answer,
    Assignment,
    Hit,
    HitType,
    Image,
    Layer,
    Network,
    Place,
    Study,
    Unit,
    Worker,
)

NETWORKS, LAYERS = 2, 5
TOPS, CATCHES, ANSWERS, WORKERS = 60, 3, 5, 60
WORDS = ["dog", "dogs", "wheel", "brown dog", "grass", "sky", "text", "face", "window", "car"]

EXEMPLARS = """
INSERT INTO annotator_exemplar
    (unit_id, image_id, role, rank, score, peak_y, peak_x, mask, coverage, slot,
     box_left, box_top, box_side, tile)
SELECT unit.id, image.id, CASE WHEN n < %(tops)s THEN 'top' ELSE 'catch' END,
    CASE WHEN n < %(tops)s THEN n + 1 END, 1, 0, 0, 0, 0.5, n,
    0, 0, 1, ''
FROM annotator_unit unit JOIN annotator_layer layer ON layer.id = unit.layer_id
JOIN annotator_network network ON network.id = layer.network_id
CROSS JOIN generate_series(0, %(tops)s + %(catches)s - 1) n
JOIN annotator_image image ON image.study_id = network.study_id
    AND image.place = (unit.number * 7 + n) %% %(images)s
WHERE network.study_id = %(study)s
"""
MARKS = """
INSERT INTO annotator_mark (answer_id, exemplar_id)
SELECT answer.id, exemplar.id
FROM annotator_answer answer
JOIN annotator_assignment assignment ON assignment.id = answer.assignment_id
JOIN annotator_worker worker ON worker.id = assignment.worker_id
JOIN annotator_exemplar exemplar ON exemplar.unit_id = assignment.unit_id AND exemplar.role = 'top'
    AND exemplar.rank > answer.fitting
WHERE worker.study_id = %(study)s
"""


def crowded_study(name: str, unit_count: int) -> Study:
    """A study of `unit_count` units, each with 63 images and five answers that mark 18 of them."""
    study = Study.objects.create(name=name, top_count=TOPS, assignments_wanted=ANSWERS)
    images = 2000
    Image.objects.bulk_create(
        Image(study=study, place=n, path=f"{n}.jpg", tile=f"{n:064x}.jpg", zoom=f"{n:064x}.jpg")
        for n in range(images)
    )
    units = make_units(study, unit_count // (NETWORKS * LAYERS))
    parameters = {"study": study.pk, "tops": TOPS, "catches": CATCHES, "images": images}
    with connection.cursor() as cursor:
        cursor.execute(EXEMPLARS, parameters)
        answer_units(study, units)
        cursor.execute(MARKS, parameters)
        cursor.execute("ANALYZE")
    return study


OPEN_EXEMPLARS = """
INSERT INTO annotator_exemplar
    (unit_id, image_id, role, rank, score, peak_y, peak_x, mask, coverage, slot,
     box_left, box_top, box_side, tile)
SELECT unit.id, image.id, CASE WHEN image.place < %(tops)s THEN 'top' ELSE 'catch' END,
    CASE WHEN image.place < %(tops)s THEN image.place + 1 END, 1, 0, 0, image.place, 0.5,
    image.place, 0, 0, 1, image.tile
FROM annotator_unit unit JOIN annotator_layer layer ON layer.id = unit.layer_id
JOIN annotator_network network ON network.id = layer.network_id
JOIN annotator_image image ON image.study_id = network.study_id
WHERE network.study_id = %(study)s
"""


def open_study(name: str, layers: int, units_of_layer: int, places: int) -> Study:
    """A published study that nobody has answered, on any database; 63 images a HIT.

    The files of the pictures are named, not made.
    """
    study = Study.objects.create(
        name=name, top_count=TOPS, catch_count=CATCHES, assignments_wanted=places, worker_share=1
    )
    Image.objects.bulk_create(
        Image(study=study, place=n, path=f"{n}.jpg", tile=f"{n:064x}.jpg", zoom=f"{n:064x}.jpg")
        for n in range(TOPS + CATCHES)
    )
    units = make_units(study, units_of_layer, networks=2, layers=layers // 2)
    with connection.cursor() as cursor:
        cursor.execute(OPEN_EXEMPLARS, {"study": study.pk, "tops": TOPS})
    terms = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    hits = Hit.objects.bulk_create(
        Hit(unit=unit, hit_type=terms, masks=f"{unit.pk:064x}.png") for unit in units
    )
    Place.objects.bulk_create(Place(hit=hit, number=n + 1) for hit in hits for n in range(places))
    return study


def make_units(
    study: Study, units_of_layer: int, networks: int = NETWORKS, layers: int = LAYERS
) -> list[Unit]:
    units: list[Unit] = []
    for n in range(networks):
        network = Network.objects.create(
            study=study, name=f"network {n}", spec="", position=n, weights_sha256="", dissection=""
        )
        for depth in range(layers):
            layer = Layer.objects.create(
                network=network,
                name=f"layer{depth}",
                position=depth,
                unit_count=units_of_layer,
                map_height=7,
                map_width=7,
            )
            units += Unit.objects.bulk_create(
                Unit(layer=layer, number=number, maximum=1, threshold=0.5, saturated=False)
                for number in range(units_of_layer)
            )
    return units


def answer_units(study: Study, units: list[Unit]) -> None:
    terms = HitType.objects.create(study=study, title="Name it", reward_cents=80)
    hits = Hit.objects.bulk_create(Hit(unit=unit, hit_type=terms, masks="") for unit in units)
    places = Place.objects.bulk_create(
        Place(hit=hit, number=n + 1, is_filled=True) for hit in hits for n in range(ANSWERS)
    )
    workers = Worker.objects.bulk_create(Worker(study=study) for _ in range(WORKERS))
    assignments = Assignment.objects.bulk_create(
        Assignment(
            hit_id=place.hit_id,
            unit_id=hits[n // ANSWERS].unit_id,
            worker=workers[(n + n // ANSWERS) % WORKERS],
            place=place,
            claim_number=1,
            status="submitted",
        )
        for n, place in enumerate(places)
    )
    Answer.objects.bulk_create(
        Answer(
            assignment=assignment,
            concept=WORDS[(n // ANSWERS * 3 + n % ANSWERS // 3) % len(WORDS)],
            group=1 + (n // ANSWERS + n % ANSWERS // 4) % 6,
            shown=TOPS,
            fitting=42 + (n * 7 + n // ANSWERS) % 13 - 6,
            catch_shown=CATCHES,
            catch_marked_at_first=CATCHES,
        )
        for n, assignment in enumerate(assignments)
    )
