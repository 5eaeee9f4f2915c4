"""What fresh workers saw of a concept, people's or a machine's."""

RULES = {
    "verified": (
        "Verified precision",
        "Mean over the answers of a second round, by workers who had not answered about the unit "
        "and were given the concept: fitting / shown over held-out top images, which nobody saw "
        "when the unit was named. Naming and scoring on the same pictures flatters.",
    ),
    "base_rate": (
        "Base rate",
        "The same over random images mixed among them: how often the concept is seen in anything.",
    ),
    "lift": (
        "Lift",
        "How many times as often the concept is seen in held-out as in random images: geometric "
        "mean over answers, half a picture added to each count, for of few random images often "
        "none fits. Of a layer: geometric mean over its units.",
    ),
    "lift_interval": (
        "Interval of a lift",
        "95 %, on the log scale. Of a unit: t s / sqrt(k), s the deviation between workers on one "
        "concept pooled over the layer. Of a layer, and of a ratio of two lifts: over workers "
        "with all their answers.",
    ),
    "q_lift": (
        "Claim: a lift above 1",
        "One-sided p, adjusted by Benjamini and Hochberg over all concepts verified alike.",
    ),
    "machine_agreement": (
        "Agreement of a machine",
        "Of the units that the method named and people have a consensus on, the share that both "
        "call by one merged concept; beside it the units whose two names share a word.",
    ),
    "machine_ratio": (
        "Machine's lift over people's",
        "Over the units of which both names were verified, by different workers: the machine's "
        "geometric mean lift divided by people's. Above 1 the machine's names fit better.",
    ),
}
