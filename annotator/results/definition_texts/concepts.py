"""What units are called, and whether workers agree."""

from django.utils.translation import gettext_noop as _

GROUPS_AND_CONCEPTS = {
    "denominator": (
        _("What a share is of"),
        _(
            "Number of answers or units that the shares of a row are taken of. In brackets "
            "stands the sum of their weights: each answer weighs 1/k of its unit's k counted "
            "answers."
        ),
    ),
    "group": (
        _("Group of a unit"),
        _(
            "The semantic group that more than half of its answers chose; otherwise it has "
            "no majority."
        ),
    ),
    "groups": (
        _("Groups above {t}"),
        _(
            "Share of each semantic group among the answers with precision strictly above "
            "{t}. Each answer weighs 1/k of its unit's k counted answers; the denominator is "
            "the sum of these weights."
        ),
    ),
    "groups_of_all_answers": (
        _("Groups of all answers"),
        _(
            "The same weighted shares over every counted answer that has a group, whatever "
            "its precision."
        ),
    ),
    "groups_by_majority": (
        _("Groups of units above {t}, by strict majority"),
        _(
            "Share of each group among the units with precision strictly above {t}. The "
            "group of a unit is the one that more than half of its answers chose; the rest "
            'is "no majority".'
        ),
    ),
    "dawid_skene": (
        _("Groups by Dawid and Skene"),
        _(
            "Share of each group among the units with precision strictly above {t}. The "
            "group of a unit is the most probable one under a model that estimates how often "
            "each worker is right about each group (Dawid and Skene 1979). With fewer than 5 "
            "answers per unit the model is weakly identified: compare it with the majority. "
            "Not shown where answers do not say who gave them."
        ),
    ),
    "concept": (
        _("Concept"),
        _(
            "What at least two answers, and more than half, call the unit; otherwise the "
            "unit has no consensus. A word that no answer differs from is shown all the "
            "same. Words count as one concept if they differ only in case, spacing, article, "
            "spelling or plural, or if a researcher merged them without seeing network, "
            "layer or precision."
        ),
    ),
    "merge_version": (
        _("Version of the merged words"),
        _(
            "How many times, before this report was made, somebody merged words, kept words "
            "apart, or undid either. The words as typed are kept, and every version can be "
            "made again."
        ),
    ),
    "precision_under_consensus": (
        _("Consensus precision"),
        _(
            "Mean precision of the answers that give the consensus concept. A unit counts as "
            "an object detector by this number, not by its precision, which is the mean over "
            "all its answers."
        ),
    ),
    "consensus_interval": (
        _("Interval of a consensus precision"),
        _(
            "95 % interval over workers, made as the interval of a unit, with the number of "
            "answers that give the consensus concept as k."
        ),
    ),
    "supported": (
        _("Supported or uncertain"),
        _(
            "Tested is whether the consensus precision is strictly above {t}: one-sided p "
            "with the deviation of the unit's interval, adjusted by Benjamini and Hochberg "
            "over all units of the report that have a consensus. Supported: the adjusted p "
            "is below .05. Uncertain: it is not, which is usual with three answers, even "
            "where the number itself is above {t}: the interval is of one unit alone, the "
            "claim is one of many."
        ),
    ),
    "detectors": (
        _("Object detectors"),
        _(
            "Units with a consensus concept, the group Objects by strict majority, and a "
            "consensus precision strictly above {t}. Their classes are their different "
            "concepts."
        ),
    ),
    "detector_share": (
        _("Share of object detectors"),
        _(
            "Object detectors out of the answered units of a layer. The findings name each "
            "network's deepest layer that has answers, by the order in which layers were "
            "given."
        ),
    ),
    "share_interval": (
        _("Interval of a share"),
        _(
            "95 % interval of a share of units, or of a group among answers or units: exact "
            "binomial (Clopper and Pearson) at an effective number of units (Korn and "
            "Graubard), the number of units with a weight or fewer. It is over units and "
            "workers: the variance is what units differ by, and what leaving out several "
            "answers of one worker changes together. Where answers do not say who gave them "
            "it is over units alone."
        ),
    ),
    "detector_classes": (
        _("Classes of object detectors"),
        _(
            "The different consensus concepts of the layer's object detectors with their "
            "numbers of units, the most frequent first."
        ),
    ),
}

AGREEMENT = {
    "unanimous_share": (
        _("All answers choose one group"),
        _(
            "Share of the units whose answers all chose the same group, out of units with at "
            "least two answers."
        ),
    ),
    "raw": (
        _("Raw agreement"),
        _("Mean over units of the share of pairs of answers that choose the same group."),
    ),
    "alpha_nominal": (
        _("Krippendorff's alpha, nominal"),
        _(
            "Agreement on groups beyond chance, where two groups are the same or different. "
            "It collapses where nearly all answers choose one group: compare raw agreement "
            "and AC1."
        ),
    ),
    "alpha_ordinal": (
        _("Krippendorff's alpha, ordinal"),
        _(
            "The same, where two groups are nearer or farther in their order from simple "
            "elements to scenes."
        ),
    ),
    "ac1": (
        _("Gwet's AC1"),
        _("Agreement on groups beyond a chance that stays small where one group dominates."),
    ),
    "icc_1": (
        _("ICC(1)"),
        _(
            "Reliability of one answer's precision: the share of its variance that is "
            "between units."
        ),
    ),
    "icc_k": (
        _("ICC(k)"),
        _("Reliability of a unit's mean precision, at the layer's usual number of answers."),
    ),
    "marks_raw": (
        _("Raw agreement on marks"),
        _(
            "Mean over pictures of the share of pairs of answers that judge the picture "
            "alike, among answers that share a merged concept: a worker who sees something "
            "else marks other pictures."
        ),
    ),
    "marks_alpha": (
        _("Krippendorff's alpha of marks"),
        _(
            "Agreement beyond chance on which pictures fit, among answers that share a "
            "concept. It collapses where most pictures fit: compare raw agreement and AC1."
        ),
    ),
    "marks_ac1": (
        _("Gwet's AC1 of marks"),
        _("The same beyond a chance that stays small where most pictures fit."),
    ),
    "agreement_interval": (
        _("Interval of an agreement"),
        _(
            "95 % interval: percentiles over workers drawn again with all their answers; a "
            "worker who is drawn twice is not compared with the copy. Not shown where "
            "answers do not say who gave them, or where every draw gives the same value."
        ),
    ),
}
