"""Two tabs with one answer: what each changed is kept, and only a true conflict is one."""

import random

import pytest

MODULE = "hit/draft-merge.js"
FIELDS = ["concept", "group", "second_group", "says", "remark"]
BASE = {
    "concept": "ball", "group": 5, "second_group": None, "remark": "", "says": "concept",
    "view": "region", "views": ["region"], "marked": [1, 2],
}  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "conflicts"),
    [
        ({}, {}, {}, []),
        ({"concept": "green ball"}, {}, {"concept": "green ball"}, []),
        ({}, {"concept": "green ball"}, {"concept": "green ball"}, []),
        ({"group": 1}, {"remark": "blurred"}, {"group": 1, "remark": "blurred"}, []),
        ({"group": 1}, {"group": 2}, {"group": 1}, ["group"]),
        ({"group": 1}, {"group": 1}, {"group": 1}, []),
        ({"group": None}, {}, {"group": None}, []),
        ({"group": None}, {"group": 2}, {"group": None}, ["group"]),
        ({"says": "nothing"}, {"says": "two things"}, {"says": "nothing"}, ["says"]),
        ({"marked": [1, 2, 9]}, {"marked": [1, 2, 3]}, {"marked": [1, 2, 3, 9]}, []),
        ({"marked": [2]}, {"marked": [1, 2, 10]}, {"marked": [2, 10]}, []),
        ({"marked": []}, {"marked": [1]}, {"marked": []}, []),
        ({"view": "whole", "views": ["region", "whole"]}, {"view": "outline", "views": ["outline"]},
         {"view": "whole", "views": ["outline", "region", "whole"]}, []),
    ],
)  # fmt: skip
def test_what_one_tab_changed_wins_over_what_the_other_left(call, mine, theirs, merged, conflicts):
    result = call(MODULE, "merge", BASE, BASE | mine, BASE | theirs)

    assert result == {"merged": BASE | merged, "conflicts": conflicts}


def drawn(draw):
    """An answer of few values, so that many agree."""
    return {
        "concept": draw.choice(["", "ball"]), "group": draw.choice([None, 5]),
        "second_group": draw.choice([None, 1]), "remark": draw.choice(["", "?"]),
        "says": draw.choice(["concept", "nothing"]), "view": draw.choice(["region", "whole"]),
        "views": sorted(draw.sample(["outline", "region", "whole"], draw.randint(1, 3))),
        "marked": sorted(draw.sample(range(12), draw.randint(0, 4))),
    }  # fmt: skip


def definition(base, mine, theirs):
    """The merge, said slowly."""
    merged, conflicts = {"view": mine["view"]}, []
    for field in FIELDS:
        i_changed, they_changed = mine[field] != base[field], theirs[field] != base[field]
        merged[field] = mine[field] if i_changed else theirs[field]
        if i_changed and they_changed and mine[field] != theirs[field]:
            conflicts.append(field)
    merged["views"] = sorted({*mine["views"], *theirs["views"]})
    merged["marked"] = []
    for slot in range(12):
        before, here, there = (slot in one["marked"] for one in (base, mine, theirs))
        if (not before and (here or there)) or (before and here and there):
            merged["marked"].append(slot)
    return {"merged": merged, "conflicts": conflicts}


def test_merges_of_answers_drawn_at_random_follow_the_definition(call):
    draw = random.Random(0)
    cases = [[drawn(draw) for _ in range(3)] for _ in range(300)]

    results = call.script(MODULE, "return given.map((each) => module.merge(...each));", cases)

    assert results == [definition(*case) for case in cases]


def test_the_order_of_keys_is_no_change(call):
    assert call(MODULE, "isSame", BASE, dict(reversed(BASE.items())))
    assert not call(MODULE, "isSame", BASE, BASE | {"group": 4})
    assert not call(MODULE, "isSame", BASE, BASE | {"marked": [2, 1]})


@pytest.mark.parametrize(
    ("change", "is_changed"),
    [({}, False), ({"marked": [1]}, True), ({"remark": "?"}, True), ({"view": "whole"}, False),
     ({"views": ["region", "whole"]}, False), ({"second_group": 2}, True)],
)  # fmt: skip
def test_a_worker_looks_again_only_at_what_was_entered(call, change, is_changed):
    assert call(MODULE, "hasChanged", BASE, BASE | change) is is_changed
