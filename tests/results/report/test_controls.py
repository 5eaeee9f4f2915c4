"""Chance controls: their order among the networks, and their labels."""

from dataclasses import dataclass

from annotator.results.report.control_labels import (
    chart_labels,
    control_names,
    grouped_with_controls,
    labels_in_prose,
)


@dataclass(frozen=True)
class Network:
    name: str
    condition: str = "trained"
    control_of: str | None = None

    @property
    def display_name(self) -> str:
        return self.name


def test_a_control_follows_its_network_and_nothing_else_moves():
    a, b = Network("a"), Network("b")
    of_a, of_b = Network("x", "untrained", "a"), Network("y", "untrained", "b")
    of_absent = Network("z", "untrained", "gone")

    assert grouped_with_controls([a, b, of_absent, of_b, of_a]) == [
        a,
        of_a,
        b,
        of_b,
        of_absent,
    ]
    assert control_names([a, of_a, of_absent]) == {"x"}


def test_a_control_is_called_by_its_kind_and_no_two_are_called_alike():
    a, b = Network("a"), Network("b")
    one, two = (
        Network("seed 1", "random directions", "a"),
        Network("seed 2", "random directions", "a"),
    )

    assert chart_labels([a, one]) == {"a": "a", "seed 1": "random directions"}
    assert chart_labels([a, b, one])["seed 1"] == "random directions, control of a"
    assert len(set(chart_labels([a, one, two]).values())) == 3


def test_a_sentence_always_says_whose_control_it_is():
    a, b, control = Network("a"), Network("b"), Network("seed 1", "random directions", "a")

    assert labels_in_prose([a, control])["seed 1"] == "random directions, a chance control of a"
    assert labels_in_prose([a, b, control])["seed 1"] == "random directions, control of a"
