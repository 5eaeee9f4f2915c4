"""Which answers count, and how well the pictures of units and layers fit."""

from django.utils.translation import gettext_noop as _

ANSWERS = {
    "workers": (
        _("Workers"),
        _(
            "Number of different workers among the answers that count. Not shown where an "
            "imported table does not say who gave which answer."
        ),
    ),
    "units_answered": (
        _("Units answered"),
        _("Units of the layer with at least one answer that counts, out of all its units."),
    ),
    "dead": (
        _("Dead units"),
        _(
            "Units to which all images give one score: they never fire, or put out one "
            "value. Which images are their top ones is arbitrary, so they are not published "
            "unless that is asked for. They stay in the number of units that a layer has."
        ),
    ),
    "dense": (
        _("Dense latents"),
        _(
            "Latents of a sparse autoencoder with a score above 0 for more than half of the "
            "images. They are not published unless that is asked for, and stay in the number "
            "of units."
        ),
    ),
    "broad": (
        _("Broad units"),
        _(
            "Units for which more than half of the images exceed half of the highest score. "
            "That is a mark alone: they are published like others. Where there are more than "
            "4,096 images, the share is of a fixed random sample of that many."
        ),
    ),
    "counted": (
        _("Answers that count"),
        _(
            "Submitted and approved answers. Some are excluded, without looking at their "
            "concept or precision: surplus answers, soft-rejected and rejected answers, "
            "answers of excluded workers, and answers none of whose pictures could be "
            "judged. Where units without a majority group get more answers, every unit is "
            "judged by its first ones."
        ),
    ),
    "variants": (
        _("With and without doubtful answers"),
        _(
            "The same numbers four more times: without the workers who have a signal against "
            "them, without those who said that they used an AI tool, with the answers that "
            "reviewers excluded, and with the answers that came after a unit's first ones. "
            "No rule looks at concept or precision."
        ),
    ),
    "flow": (
        _("Flow of exclusions"),
        _(
            "Every accepted assignment was returned, expired, is still open, or was "
            "submitted. Every submitted answer was either excluded, under the first reason "
            "that applies, or analysed."
        ),
    ),
    "return_rate": (
        _("Return rate of a unit"),
        _(
            "Share of its accepted assignments that workers returned. Units that are often "
            "returned are probably hard ones, and fewer workers judged them."
        ),
    ),
    "nothing_share": (
        _("Nothing in common"),
        _(
            "Share of the counted answers that say the images have nothing in common. Their "
            "precision is 0, and they have no group."
        ),
    ),
    "two_things_share": (
        _("Two things"),
        _("Share of the counted answers that name two things. The first one counts."),
    ),
    "answer_precision": (
        _("Precision of an answer"),
        _(
            "Pictures that fit / pictures shown, over the top images that the worker really "
            'saw. Catch images do not enter. "Nothing in common" counts as 0; "two things" '
            "counts for the first thing named."
        ),
    ),
    "fit_share": (
        _("Fit share of an image"),
        _(
            "Share of a unit's counted answers that left the image unmarked, among workers "
            "who saw it: a picture that was hidden or did not load was not judged. An answer "
            'of "nothing in common" marks every image.'
        ),
    ),
    "disputed": (
        _("Disputed image"),
        _(
            "Some of the counted answers that judged the image marked it as not fitting, and "
            "others did not."
        ),
    ),
    "scores": (
        _("Scores of the top images"),
        _(
            "An image scores by the highest activation of the unit anywhere in it, unless the "
            "study was dissected by sums. The marked quantile is the activation that .5 % of the"
            " unit's cells exceed, over every cell of every image, or over 262,144 cells drawn "
            "from up to 4,096 images where there are more."
        ),
    ),
    "overlap": (
        _("Overlap of top images"),
        _(
            "Jaccard overlap: images that are top images of both units, divided by those "
            "that are top images of either. Beside it stands what two random choices of as "
            "many images would have on average."
        ),
    ),
}

PRECISION = {
    "precision": (
        _("Precision of a unit"),
        _(
            "Mean precision of its counted answers. The top images are all there is to "
            "judge, so the uncertainty is between workers, never between images."
        ),
    ),
    "precision_interval": (
        _("Interval of a unit"),
        _(
            "95 % interval over workers: precision plus and minus t s / sqrt(k) on the "
            "arcsine scale, cut to [0, 1]. k is the number of answers; s is the standard "
            "deviation between workers on one unit, pooled over the layer, and not below "
            "that of judging each picture at random. Where every answer of the layer is 0, "
            "or every one 1, it is Clopper and Pearson's over the k workers. A single answer "
            "has no interval. Three answers are enough to compare layers, not units."
        ),
    ),
    "shrunken": (
        _("Shrunken precision"),
        _(
            "The unit's precision drawn towards the mean of its layer. The distance is "
            "multiplied by the reliability of the unit's mean, which the Spearman-Brown "
            "formula gives from ICC(1) and the number of answers. Rankings use it because "
            "the top of many units is partly luck."
        ),
    ),
    "q_above": (
        _("q of precision above {t}"),
        _(
            "Tested is whether the unit's precision, the mean over all its answers, is "
            "strictly above {t}: one-sided p with the deviation of the unit's interval, "
            "adjusted by Benjamini and Hochberg over all units of the report. About 5 % of "
            "the claims with q below .05 are expected to be false; q near 1 says that the "
            "data do not support the claim, not that the precision is low."
        ),
    ),
    "mean_precision": (
        _("Mean precision of a layer"),
        _("Mean of the precision of its answered units."),
    ),
    "mean_precision_interval": (
        _("Interval of a layer"),
        _(
            "95 % interval over workers, each with all their answers: t times the deviation "
            "of what each worker contributes to the mean, every answer being compared with "
            "the others about its unit. The deviation is not below what answers differ by "
            "when their units and workers are taken off, nor below that of judging each "
            "picture at random. t has fewer degrees of freedom where a few workers gave most "
            "of the answers. Where every answer is 0, or every one 1, the interval is Clopper "
            "and Pearson's over workers, unreliable below 30; otherwise it is unreliable with "
            "fewer than 10 workers. Not shown where answers do not say who gave them."
        ),
    ),
    "mean_precision_of_one_thing": (
        _('Mean precision without "nothing" and "two things"'),
        _("The same mean over the answers that name exactly one thing."),
    ),
    "share_of_units_above": (
        _("Units above {t}"),
        _("Share of the answered units whose precision is strictly above {t}."),
    ),
    "share_of_answers_above": (
        _("Answers above {t}"),
        _("Share of the counted answers whose own precision is strictly above {t}."),
    ),
    "curve": (
        _("Share above every threshold"),
        _(
            "Share of the answered units, and share of the counted answers, whose precision "
            "is strictly above a threshold, for 101 thresholds from 0 to 1. Where two curves "
            "cross, the threshold decides which layer is ahead."
        ),
    ),
}
