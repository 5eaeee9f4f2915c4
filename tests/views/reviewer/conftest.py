"""A study of three units that a careful and a careless worker answered.

What needs Django is imported late: pytest may load this file before Django is configured.
"""

import pytest


@pytest.fixture
def study(db):
    from tests.crowd.studies import published_study

    return published_study(layers=(("net", "conv", 3),))


@pytest.fixture
def answers(study):
    """Ana's careful answers about three units, then Zoe's, who leaves the catch images."""
    from annotator.models import Unit
    from tests.crowd.studies import workers
    from tests.views.reviewer.reviewed import answer

    ana, zoe = workers(study, "ana", "zoe")
    units = Unit.objects.filter(layer__network__study=study).prefetch_related("hits")
    careful = [answer(ana, unit, ["wheel", "tire", "car"][unit.number]) for unit in units]
    return [*careful, *(answer(zoe, unit, f"thing {unit.number}", [0]) for unit in units)]
