"""What units were called."""

RULES = {
    "denominator": (
        "What a share is of",
        "The number of answers or units that the shares of a row are shares of; in brackets the "
        "sum of their weights, each answer weighing 1/k of its unit's k counted answers.",
    ),
    "group": (
        "Group of a unit",
        "The semantic group that more than half of its answers chose; otherwise no majority.",
    ),
    "groups": (
        "Groups above {t}",
        "Share of each semantic group among the answers with precision strictly above {t}; each "
        "answer weighs 1/k of its unit's k counted answers. The denominator is the sum of weights.",
    ),
    "groups_of_all_answers": (
        "Groups of all answers",
        "The same weighted shares over every counted answer that has a group, whatever its "
        "precision.",
    ),
    "groups_by_majority": (
        "Groups of units above {t}, by strict majority",
        "Share of each group among the units with precision strictly above {t}; a unit's group is "
        'the one that more than half of its answers chose, else it counts as "no majority".',
    ),
    "dawid_skene": (
        "Groups by Dawid and Skene",
        "Share of each group among the units with precision strictly above {t}, a unit's group "
        "being the most probable one if each worker is right about each group as often as the "
        "answers tell (Dawid and Skene 1979). With fewer than 5 answers a unit it is weakly "
        "identified: read it beside the majority. None where answers do not say who gave them.",
    ),
    "concept": (
        "Concept",
        "What at least two answers, and more than half, call the unit; otherwise it has no "
        "consensus, though a word that nobody differs from is shown. Raw words are one concept "
        "where they differ only in case, spacing, article, spelling or plural, or where a "
        "researcher merged them, blind to network, layer and precision.",
    ),
    "merge_version": (
        "Version of the merged words",
        "How often words were merged, or kept apart, or that was undone, before this report was "
        "made. Raw words stay, and every version can be made again.",
    ),
    "precision_under_consensus": (
        "Precision under the consensus",
        "Mean precision of the answers that share the consensus concept.",
    ),
    "detectors": (
        "Object detectors",
        "Units with a consensus concept, the group Objects by strict majority, and a precision "
        "under that concept strictly above {t}. Classes are their different concepts.",
    ),
    "detector_classes": (
        "Classes of object detectors",
        "The different consensus concepts of the layer's object detectors, the one with most "
        "units first, with its number of units.",
    ),
}
