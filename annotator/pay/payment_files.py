"""Payment files: the payments of a batch as the CSV that its market takes."""

import csv
import io
from collections.abc import Iterable

from annotator.free_text import without_formula
from annotator.pay.payouts import LOCAL, Payment

PROLIFIC = "prolific"


def as_csv(market: str, due: Iterable[Payment]) -> str:
    """Format payments as the CSV that a market takes; for local workers, as a list to pay by hand.

    What the market pays by itself is taken off; a line of nothing is left out.

    Prolific's bulk bonus payment takes lines of participant and amount without a header, all of
    people who took part in one study there.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    if market == LOCAL:
        writer.writerow(["worker", "account", "email", "amount"])
    elif market != PROLIFIC:
        writer.writerow(["participant_id", "amount"])
    for payment in due:
        names = [payment.key, payment.account, payment.email]
        cells = names if market == LOCAL else [payment.number]
        if cents := payment.rest_cents:
            amount = f"{cents // 100}.{cents % 100:02}"
            writer.writerow([*map(without_formula, cells), amount])
    return table.getvalue()
