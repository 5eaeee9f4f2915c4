"""Which answers count, and what one of them says."""

RULES = {
    "workers": (
        "Workers",
        "Different workers among the answers that count; none is said where an imported table "
        "does not tell who gave which answer.",
    ),
    "units_answered": (
        "Units answered",
        "Units of the layer with at least one answer that counts, of all units that it has.",
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
    "nothing_share": (
        "Nothing in common",
        "Share of the counted answers that say the images have nothing in common. Their "
        "precision is 0, and they have no group.",
    ),
    "two_things_share": (
        "Two things",
        "Share of the counted answers that see two things; the first-named one counts.",
    ),
    "answer_precision": (
        "Precision of an answer",
        "Fitting / shown, over the top images that were really shown. Catch images are not in it. "
        '"Nothing in common" counts as 0; "two things" counts for the first-named.',
    ),
    "fit_share": (
        "Fit share of an image",
        "Share of a unit's counted answers that left the image unmarked, among those whose worker "
        'saw it: a picture that was hidden, or did not load, was not judged. "Nothing in common" '
        "leaves none unmarked.",
    ),
}
