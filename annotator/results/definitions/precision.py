"""How well the pictures of a unit fit what it was called, and of a layer's units."""

RULES = {
    "precision": (
        "Precision of a unit",
        "Mean over its counted answers. The top images are the whole population, so uncertainty "
        "is between workers, never between images.",
    ),
    "precision_interval": (
        "Interval of a unit",
        "95 %, over workers: precision plus and minus t s / sqrt(k) on the arcsine scale, cut to 0 "
        "and 1, where s is the deviation between workers on one unit, pooled over the layer. None "
        "for a single answer. Three answers separate layers, not units.",
    ),
    "shrunken": (
        "Shrunken precision",
        "A unit's precision drawn to its layer's mean by the share of it that is noise: "
        "reliability r times the distance stays, r by Spearman and Brown from ICC(1) and the "
        "unit's number of answers. Rankings use it, since of many units the first is first by "
        "luck too.",
    ),
    "q_above": (
        "Claim: above {t}",
        "One-sided p of precision strictly above {t}, with the deviation of the unit's interval, "
        "adjusted by Benjamini and Hochberg over all units: of the claims with q below .05 about "
        "5 % are false.",
    ),
    "mean_precision": (
        "Mean precision of a layer",
        "Mean over its answered units of each unit's precision.",
    ),
    "mean_precision_interval": (
        "Interval of a layer",
        "95 %, over workers with all their answers: t times the deviation of what each worker "
        "contributes to the mean, each answer compared with the others about its unit. t "
        "has fewer degrees of freedom where a few workers gave most answers, or noise explains "
        "much of what workers contribute. Fewer than 10 workers: shown, but unreliable. "
        "None where answers do not say who gave them.",
    ),
    "mean_precision_of_one_thing": (
        'Mean precision without "nothing" and "two things"',
        "The same mean over the answers that name one thing only.",
    ),
    "share_of_units_above": (
        "Units above {t}",
        "Share of answered units whose precision (mean of their answers) is strictly above {t}.",
    ),
    "share_of_answers_above": (
        "Answers above {t}",
        "Share of counted answers whose own precision is strictly above {t}.",
    ),
    "curve": (
        "Share above every threshold",
        "Share of answered units whose precision is strictly above a threshold, and share of "
        "counted answers whose own is, for 101 thresholds from 0 to 1. Where two curves cross, "
        "which layer is ahead depends on the threshold.",
    ),
}
