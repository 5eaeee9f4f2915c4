"""The trace of a worker's time: what counts, and that nothing is counted twice or lost."""

import pytest

MODULE = "hit/time-trace.js"
# Does what a list of [word, argument] says, and gives back what "take" and "takeAll" gave.
STEPS = """
const trace = new module.TimeTrace("page", 0);
const page = { isHidden: false, view: () => "region", inView: ["3"] };
const taken = [];
for (const [word, argument] of given) {
  if (word === "tick") trace.tick(argument, page);
  else if (word === "hidden tick") trace.tick(argument, { ...page, isHidden: true });
  else if (word === "take") taken.push(trace.take());
  else if (word === "takeAll") taken.push(...trace.takeAll());
  else if (word === "putBack") trace.putBack(taken.at(-1));
  else trace[word](argument);
}
return taken;
"""


@pytest.fixture
def taken(call):
    return lambda *steps: call.script(
        MODULE, STEPS, [step if isinstance(step, tuple) else (step, None) for step in steps]
    )


@pytest.mark.parametrize(
    ("steps", "seconds"),
    [
        ([("tick", 250), ("tick", 500)], 0.5),
        ([("tick", 250), ("tick", 60_000)], 0.25),  # idle
        ([("tick", 250), ("input", 59_000), ("tick", 60_000)], 1.25),  # the computer slept
        ([("hidden tick", 500), ("tick", 1000)], 0.5),  # the page was hidden
        ([("tick", 1000), ("hidden tick", 1500), ("tick", 1750)], 1.25),
    ],
)
def test_time_counts_while_the_page_is_shown_and_used(taken, steps, seconds):
    (part,) = taken(*steps, "take")

    assert part["active_seconds"] == seconds
    assert part["seen_ms"] == {"3": seconds * 1000}
    assert part["views"] == ["region"]


@pytest.mark.parametrize(
    "steps", [[], [("tick", 249)], [("hidden tick", 5000)], ["comeBack"], [("input", 5)]]
)
def test_nothing_worth_sending_is_not_sent(taken, steps):
    assert taken(*steps, "take") == [None]


def test_leaving_the_page_counts_once_until_it_is_back(taken):
    steps = ["leave", "leave", "comeBack", "leave", "paste", ("mark", 7), ("mark", 2)]

    (part,) = taken(*steps, "take")

    assert part["focus_lost_count"] == 2
    assert part["paste_count"] == 1
    assert part["mark_order"] == [7, 2]


def test_each_part_has_what_was_added_since_the_last_and_a_name_of_its_own(taken):
    first, second = taken(("mark", 1), "take", ("mark", 2), "take")

    assert (first["part"], first["mark_order"]) == ("page.1", [1])
    assert (second["part"], second["mark_order"]) == ("page.2", [2])


def test_a_part_that_may_not_have_arrived_is_sent_again_as_it_was(taken):
    first, again, other = taken(
        ("mark", 1), "take", "putBack", ("mark", 2), "take", "take"
    )  # fmt: skip

    assert again == first
    assert other["mark_order"] == [2]


def test_with_the_answer_goes_all_that_was_not_received(taken):
    _, first, rest = taken(("mark", 1), "take", "putBack", ("mark", 2), "takeAll")

    assert (first["mark_order"], rest["mark_order"]) == ([1], [2])
    assert len({first["part"], rest["part"]}) == 2
