"""How networks are compared, what chance gives, and what the second round verifies."""

from django.utils.translation import gettext_noop as _

NETWORKS_AND_PLANS = {
    "comparison": (
        _("Difference of two networks"),
        _(
            "The number of the first network minus that of the second. Shown only where both "
            "networks were dissected on the same list of images and asked about by the same "
            "HIT design, and their units were offered in one queue to the same workers; "
            "otherwise they stand side by side. Imported answers that do not say who gave them "
            "are compared by a test over units. One pair of weights supports a statement about "
            "these weights, not about training."
        ),
    ),
    "comparison_interval": (
        _("Interval of a difference over workers"),
        _(
            "95 % interval over workers, each with all their answers about both networks. It is "
            "about exactly these units, so p, which is about units like these, may disagree. Of "
            "mean precision alone."
        ),
    ),
    "comparison_interval_over_units": (
        _("Interval of a difference over units and workers"),
        _(
            "95 % interval of what other units and other workers of the same kinds would give. It "
            "answers the same question as p. Where the answers do not say who gave them it is over "
            "units alone. None where a side has fewer than 8 units that count."
        ),
    ),
    "comparison_p": (
        _("p of a difference"),
        _(
            "How often network labels drawn at random make a difference as large, in standard "
            "errors of the draw (Chung and Romano 2011). Each answer is measured against the "
            "mean of its worker, and the answers of a unit stay together. There are 1,999 draws,"
            " or 100 for each number of the family if those are more. Adjusted by Holm: planned "
            "differences among planned ones alone, the others over all layers and groups of the "
            "two networks that were not planned. There is none where a side has fewer than 8 "
            "units with such answers."
        ),
    ),
    "crowd_overlap": (
        _("Overlap of two crowds"),
        _(
            "How far both networks were judged by one crowd. With n1 and n2 answers of a worker "
            "about the two, and N1 and N2 of all: the sum over workers of n1 n2 / (n1 + n2), "
            "divided by N1 N2 / (N1 + N2). 1 where every worker answered about both in the "
            "study's mix, 0 where nobody answered about both. Below 0.5 the networks are not "
            "compared."
        ),
    ),
    "test_over_units": (
        _("Test over units"),
        _(
            "Of imported answers that do not say who gave them. Answers are taken as they are "
            "instead of against the mean of their worker, so that a difference between the "
            "crowds, or between the pictures they were shown, is taken for one between the "
            "networks."
        ),
    ),
    "units_with_object": (
        _("Units with an object answer above"),
        _(
            "Share of the answered units with at least one answer of the group Objects whose "
            "precision is strictly above the threshold. It grows with the number of answers "
            "that a unit has."
        ),
    ),
    "control": (
        _("Chance controls"),
        _(
            "Random directions (a rotation of the layer's channels), random images with "
            "regions borrowed from a unit, and an untrained network, mixed unannounced into "
            "the same queue. What people find in these they find anywhere."
        ),
    ),
    "chance_level": (
        _("Chance"),
        _(
            "The same number over the units of a chance control of the network: random "
            "directions, random images or an untrained network. What people find there they "
            "find anywhere."
        ),
    ),
    "runs_interval": (
        _("Interval over training runs"),
        _(
            "95 % interval of the mean over training runs of one kind of network, by Student's "
            "t with runs - 1 degrees of freedom; of a difference of two kinds, by Welch's. At "
            "least 3 runs a kind: one pair of weights supports a statement about these weights, "
            "not about training."
        ),
    ),
    "excess": (
        _("Excess over chance"),
        _("The layer's number minus that of a chance control of the same layer."),
    ),
    "excess_interval": (
        _("Interval of an excess"),
        _(
            "95 % interval of the layer's number minus its chance level, studentised, over the "
            "units and the workers of both: the control's units are a sample of all random "
            "directions or images. Not above chance: the interval is not wholly above 0. None "
            "where a side has fewer than 8 units that count."
        ),
    ),
    "plan": (
        _("Plan against done"),
        _(
            "The newest plan that was frozen with `preregister`, its hash and date, and for "
            "each of its points what was done. A hypothesis is supported where every layer "
            "that it names shows the planned difference with an adjusted p below .05."
        ),
    ),
    "planned": (
        _("Planned"),
        _(
            "A hypothesis of the preregistered plan. Everything else is marked as chosen "
            "after seeing the data."
        ),
    ),
}

SECOND_ROUND = {
    "verified": (
        _("Verified precision"),
        _(
            "Mean over the answers of a second round: pictures that fit / pictures shown, "
            "over held-out top images that nobody saw when the unit was named. Its workers "
            "had not answered about the unit, and were told the concept. To name a unit and "
            "to score it on the same pictures flatters."
        ),
    ),
    "same_pictures": (
        _("Named and scored on the same pictures"),
        _(
            "The workers who found the concept in these pictures also said which of them fit, "
            "which flatters. Held-out precision and lift of a second round do not: fresh "
            "workers look for the concept in pictures that nobody saw when the unit was named."
        ),
    ),
    "base_rate": (
        _("Base rate"),
        _(
            "The same over random images mixed among the held-out ones: how often workers "
            "see the concept in any image."
        ),
    ),
    "lift": (
        _("Lift"),
        _(
            "How many times as often the concept is seen in held-out as in random images: "
            "the geometric mean over answers. Half a picture is added to each count, because "
            "often none of a few random images fits. Of a layer: the geometric mean over its "
            "units."
        ),
    ),
    "lift_interval": (
        _("Interval of a lift"),
        _(
            "95 % interval on the log scale. Of a unit: plus and minus t s / sqrt(k), where "
            "s is the standard deviation between workers on one concept, pooled over the "
            "layer. Of a layer, and of a ratio of two lifts: over workers, each with all "
            "their answers."
        ),
    ),
    "q_lift": (
        _("Claim: a lift above 1"),
        _(
            "One-sided p, adjusted by Benjamini and Hochberg over all concepts from the same "
            "source, people's consensus or one method."
        ),
    ),
    "machine_agreement": (
        _("Agreement of a machine"),
        _(
            "Share of the units that both have one merged concept, out of units that the "
            "method named and people have a consensus on. Next to it: units whose two names "
            "share a word."
        ),
    ),
    "machine_ratio": (
        _("Machine's lift over people's"),
        _(
            "The machine's geometric mean lift divided by people's, over the units both of "
            "whose names were verified, by different workers. Above 1, the machine's names "
            "fit better."
        ),
    ),
}
