"""What every number of a report means, in words. docs/results.md says the same at length.

A page links each number to its definition here, and JSON carries the rules beside the numbers.
"""

from dataclasses import dataclass

from annotator.results.answers import Crowd

SIMULATED = "simulated workers"
RENDERED = "simulated workers, rendered pictures: a test of the machine, not evidence about vision"


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    title: str
    rule: str


def definitions(threshold: float) -> dict[str, Definition]:
    """The definitions by key, in the order in which a reader meets them."""
    t = f"{threshold:g}"
    return {
        key: Definition(key, title.format(t=t), rule.format(t=t))
        for key, (title, rule) in _RULES.items()
    }


def rules(threshold: float) -> dict[str, str]:
    """The rule of each number by key, for JSON."""
    return {key: found.rule for key, found in definitions(threshold).items()}


def simulation_notice(crowd: Crowd, study_name: str) -> str | None:
    """What everything made from simulated answers says; None for people's answers."""
    if crowd != "simulated":
        return None
    return RENDERED if study_name in ("demo", "demo-seeds") else SIMULATED


_RULES = {
    "workers": (
        "Workers",
        "Different workers among the answers that count; none is said where an imported table "
        "does not tell who gave which answer.",
    ),
    "units_answered": (
        "Units answered",
        "Units of the layer with at least one answer that counts, of all units that it has.",
    ),
    "nothing_share": (
        "Nothing in common",
        "Share of the counted answers that say the images have nothing in common. Their "
        "precision is 0, and they have no group.",
    ),
    "two_things_share": (
        "Two things",
        "Share of the counted answers that see two things; the first-named one counts.",
    ),
    "denominator": (
        "What a share is of",
        "The number of answers or units that the shares of a row are shares of; in brackets the "
        "sum of their weights, each answer weighing 1/k of its unit's k counted answers.",
    ),
    "detector_classes": (
        "Classes of object detectors",
        "The different consensus concepts of the layer's object detectors, the one with most "
        "units first, with its number of units.",
    ),
    "counted": (
        "Answers that count",
        "Submitted and approved answers. Excluded, blind to concept and precision: surplus, "
        "soft-rejected and rejected answers, those of excluded workers, and those of which no "
        "picture could be judged. Where units without a majority group get more answers, every "
        "unit is judged by its first ones.",
    ),
    "variants": (
        "With and without doubtful answers",
        "The same numbers without answers that have a signal against them, with those that "
        "reviewers excluded, and with those that came after a unit's first. Which answers count "
        "is decided blind to concept and precision in each.",
    ),
    "flow": (
        "Flow of exclusions",
        "Accepted assignments are returned, expired, still open or submitted; submitted answers "
        "are excluded, by the first reason that applies, or analysed.",
    ),
    "return_rate": (
        "Return rate of a unit",
        "Share of its accepted assignments that workers gave back. Units that are returned "
        "often are probably the hard ones, so what is said of them is said by fewer.",
    ),
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
    "planned": (
        "Planned",
        "A hypothesis of the preregistered plan. Everything else is marked as chosen after "
        "seeing the data.",
    ),
    "plan": (
        "Plan against done",
        "The newest plan that was frozen with `preregister`, by its hash and date, and for each "
        "of its points what was done. A hypothesis is supported where every layer it names shows "
        "the planned difference with an adjusted p below .05.",
    ),
    "control": (
        "Chance controls",
        "Random directions (a rotation of the layer's channels), random images with regions "
        "borrowed from a unit, and an untrained network, mixed unannounced into the same queue: "
        "what people find in them is what they find in anything.",
    ),
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
    "answer_precision": (
        "Precision of an answer",
        "Fitting / shown, over the top images that were really shown. Catch images are not in it. "
        '"Nothing in common" counts as 0; "two things" counts for the first-named.',
    ),
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
        "contributes to the mean, each answer compared with the others about its unit. Fewer than "
        "10 workers: shown, but unreliable. None where answers do not say who gave them.",
    ),
    "mean_precision_of_one_thing": (
        'Mean precision without "nothing" and "two things"',
        "The same mean over the answers that name one thing only.",
    ),
    "share_of_units_above": (
        "Units above {t}",
        "Share of answered units whose precision (mean of their answers) is strictly above {t}.",
    ),
    "curve": (
        "Share above every threshold",
        "Share of answered units whose precision is strictly above a threshold, and share of "
        "counted answers whose own is, for 101 thresholds from 0 to 1. Where two curves cross, "
        "which layer is ahead depends on the threshold.",
    ),
    "share_of_answers_above": (
        "Answers above {t}",
        "Share of counted answers whose own precision is strictly above {t}.",
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
    "concept": (
        "Concept",
        "What at least two answers, and more than half, call the unit; otherwise it has no "
        "consensus, though a word that nobody differs from is shown. Raw words are one concept "
        "where they differ only in case, spacing, article, spelling or plural, or where a "
        "researcher merged them, blind to network, layer and precision.",
    ),
    "merge_version": (
        "Version of the merged words",
        "How often words were merged, or a merge undone, before this report was made. Raw words "
        "stay, and every version can be made again.",
    ),
    "detectors": (
        "Object detectors",
        "Units with a consensus concept, the group Objects by strict majority, and a precision "
        "under that concept strictly above {t}. Classes are their different concepts.",
    ),
    "precision_under_consensus": (
        "Precision under the consensus",
        "Mean precision of the answers that share the consensus concept.",
    ),
    "group": (
        "Group of a unit",
        "The semantic group that more than half of its answers chose; otherwise no majority.",
    ),
    "fit_share": (
        "Fit share of an image",
        "Share of a unit's counted answers that left the image unmarked, among those whose worker "
        'saw it: a picture that was hidden, or did not load, was not judged. "Nothing in common" '
        "leaves none unmarked.",
    ),
}
