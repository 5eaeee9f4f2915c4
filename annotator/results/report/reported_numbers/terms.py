"""What pages define that is no number of a report, and definitions that several numbers share."""

from django.utils.translation import gettext_noop as _

from annotator.results.report.reported_numbers.entries import (
    AGREEMENT,
    ANSWERS,
    GROUPS_AND_CONCEPTS,
    NETWORKS_AND_PLANS,
    SECOND_ROUND,
    Definition,
)

# Shared by numbers.
COUNTED = Definition(
    ANSWERS,
    _("Answers that count"),
    _(
        "Submitted and approved answers. Some are excluded, without looking at their "
        "concept or precision: surplus answers, soft-rejected and rejected answers, "
        "answers of excluded workers, and answers none of whose pictures could be "
        "judged. Where units without a majority group get more answers, every unit is "
        "judged by its first ones."
    ),
    key="counted",
)
SHARE_INTERVAL = Definition(
    GROUPS_AND_CONCEPTS,
    _("Interval of a share"),
    _(
        "95 % interval of a share of units, or of a group among answers or units: "
        "Jeffreys' binomial interval at an effective number of units (Korn and "
        "Graubard), the number of units with a weight or fewer. It is over units and "
        "workers: the variance is what units differ by, and what leaving out several "
        "answers of one worker changes together, beyond what answers of different "
        "workers do. Where answers do not say who gave them it is over units alone."
    ),
    key="share_interval",
)
AGREEMENT_INTERVAL = Definition(
    AGREEMENT,
    _("Interval of an agreement"),
    _(
        "95 % interval: percentiles over workers drawn again with all their answers; "
        "a worker who is drawn twice is not compared with the copy. Not shown where "
        "answers do not say who gave them, or where every draw gives the same value."
    ),
    key="agreement_interval",
)

LAYER_NAME = "The layer's name: torch's dotted module path."

# On pages alone.
TERMS: list[Definition] = [
    Definition(
        ANSWERS,
        _("Precision of an answer"),
        _(
            "Pictures that fit / pictures shown, over the top images that the worker "
            'really saw. Catch images do not enter. "Nothing in common" counts as 0; "two '
            'things" counts for the first thing named.'
        ),
        key="answer_precision",
    ),
    Definition(
        ANSWERS,
        _("Fit share of an image"),
        _(
            "Share of a unit's counted answers that left the image unmarked, among "
            "workers who saw it: a picture that was hidden or did not load was not "
            'judged. An answer of "nothing in common" marks every image.'
        ),
        key="fit_share",
    ),
    Definition(
        ANSWERS,
        _("Disputed image"),
        _(
            "Some of the counted answers that judged the image marked it as not fitting, "
            "and others did not."
        ),
        key="disputed",
    ),
    Definition(
        ANSWERS,
        _("Scores of the top images"),
        _(
            "An image scores by the highest activation of the unit anywhere in it, unless "
            "the study was dissected by sums. The marked quantile is the activation that "
            ".5 % of the unit's cells exceed, over every cell of every image, or over "
            "262,144 cells drawn from up to 4,096 images where there are more."
        ),
        key="scores",
    ),
    Definition(
        ANSWERS,
        _("Overlap of top images"),
        _(
            "Jaccard overlap: images that are top images of both units, divided by those "
            "that are top images of either. Beside it stands what two random choices of "
            "as many images would have on average."
        ),
        key="overlap",
    ),
    Definition(
        NETWORKS_AND_PLANS,
        _("Test over units"),
        _(
            "Of imported answers that do not say who gave them. Answers are taken as they "
            "are instead of against the mean of their worker, so that a difference "
            "between the crowds, or between the pictures they were shown, is taken for "
            "one between the networks."
        ),
        key="test_over_units",
    ),
    Definition(
        SECOND_ROUND,
        _("Named and scored on the same pictures"),
        _(
            "The workers who found the concept in these pictures also said which of them "
            "fit, which flatters. Held-out precision and lift of a second round do not: "
            "fresh workers look for the concept in pictures that nobody saw when the unit "
            "was named."
        ),
        key="same_pictures",
    ),
]
