"""Who answered, and what they were paid."""

from django.utils.translation import gettext_noop as _

WHO_ANSWERED = {
    "people": (
        _("People"),
        _(
            "People who submitted at least one answer that names a unit, whether it counts "
            "or not. Training and qualification are not counted; simulated and imported "
            "workers are nobody."
        ),
    ),
    "people_details": (
        _("Details of people"),
        _(
            "Country of residence, language and age group as a market's table gives "
            "them, and the kind of device at the first answer; only of people who agreed to "
            "a consent text that says so. Values that fewer than 5 people have are combined "
            'into "other", so no number is of fewer than 5.'
        ),
    ),
    "people_pay": (
        _("Hourly pay"),
        _(
            "Of one person: everything that the ledger has for them (rewards, practice, "
            "top-ups to the minimum, bonuses, what was taken back), over the time that the "
            "person worked on everything submitted (with the page in view and in use; where "
            "that is not known, from accepting to submitting). Shown are the 5, 50 and 95 % "
            "quantiles over people; nothing for fewer than 5."
        ),
    ),
    "people_ai": (
        _("Use of AI tools"),
        _(
            "Answers to one question after the last set: did you use an AI tool? No answer "
            'changes the pay, and no answer is excluded for it. The rule "without ai" leaves '
            "out the answers of those who said yes."
        ),
    ),
    "people_dates": (
        _("First and last answer"),
        _(
            "Days (UTC) on which the first and the last answer were submitted, whether they "
            "count or not. Answers imported from a table have no day."
        ),
    ),
    "people_rates": (
        _("Rates of returns and exclusions"),
        _("Returned / accepted assignments, and answers that are excluded / submitted ones."),
    ),
}
