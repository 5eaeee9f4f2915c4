"""What is said of two networks, of chance, and of plans."""

RULES = {
    "comparison": (
        "Difference of two networks",
        "The first network's number less the second's. Shown only where both were dissected on "
        "the same list of images, asked about by the same HIT design, and their units were "
        "offered in one queue to the same workers; otherwise they stand side by side. One pair "
        "of weights supports a statement about these weights, not about training.",
    ),
    "comparison_interval": (
        "Interval of a difference",
        "95 %, over workers with all their answers about both networks, these units being all "
        "there are.",
    ),
    "comparison_p": (
        "p of a difference",
        "How often network labels drawn at random make a difference as large, of 2,000 draws. "
        "Answers are measured against the mean of their worker; a unit keeps its answers. "
        "Adjusted by Holm over all layers and groups of the two networks.",
    ),
    "control": (
        "Chance controls",
        "Random directions (a rotation of the layer's channels), random images with regions "
        "borrowed from a unit, and an untrained network, mixed unannounced into the same queue: "
        "what people find in them is what they find in anything.",
    ),
    "plan": (
        "Plan against done",
        "The newest plan that was frozen with `preregister`, by its hash and date, and for each "
        "of its points what was done. A hypothesis is supported where every layer it names shows "
        "the planned difference with an adjusted p below .05.",
    ),
    "planned": (
        "Planned",
        "A hypothesis of the preregistered plan. Everything else is marked as chosen after "
        "seeing the data.",
    ),
}
