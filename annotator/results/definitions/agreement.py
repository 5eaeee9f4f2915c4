"""Whether workers say the same."""

RULES = {
    "unanimous_share": (
        "All answers choose one group",
        "Share of the units with two answers or more whose answers all chose the same group.",
    ),
    "raw": (
        "Raw agreement",
        "Mean over units of the share of pairs of answers that choose the same group.",
    ),
    "alpha_nominal": (
        "Krippendorff's alpha, nominal",
        "Agreement on groups beyond chance, a group being the same or another. It collapses where "
        "nearly all answers choose one group: see raw agreement and AC1 beside it.",
    ),
    "alpha_ordinal": (
        "Krippendorff's alpha, ordinal",
        "The same, groups being nearer or farther in their order from simple elements to scenes.",
    ),
    "ac1": (
        "Gwet's AC1",
        "Agreement on groups beyond a chance that stays small where one group dominates.",
    ),
    "icc_1": (
        "ICC(1)",
        "Reliability of one answer's precision: the share of its variance that is between units.",
    ),
    "icc_k": (
        "ICC(k)",
        "Reliability of a unit's mean precision, at the layer's usual number of answers.",
    ),
    "marks_raw": (
        "Raw agreement on marks",
        "Mean over pictures of the share of pairs of answers that judge the picture alike, among "
        "answers that share a merged concept: who sees another thing marks other pictures.",
    ),
    "marks_alpha": (
        "Krippendorff's alpha of marks",
        "Agreement on which pictures fit beyond chance, among answers that share a concept. It "
        "collapses where most pictures fit: see raw agreement and AC1 beside it.",
    ),
    "marks_ac1": (
        "Gwet's AC1 of marks",
        "The same beyond a chance that stays small where most pictures fit.",
    ),
    "agreement_interval": (
        "Interval of an agreement",
        "95 %: percentiles over workers drawn again with all their answers, nobody being compared "
        "with himself. None where answers do not say who gave them.",
    ),
}
