"""manage.py pay STUDY"""

from collections.abc import Collection
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import payout_batches
from annotator.models import LedgerEntry, PayoutBatch, Study, Worker
from annotator.pay import payment_files, payouts
from annotator.pay.money import dollars
from annotator.pay.top_up import owe_shortfalls

STEPS = ["create", "list", "csv", "cancel", "sent", "confirmed", "failed"]


class Command(BaseCommand):
    help = (
        "Say whom to pay how much, as CSV in the form of a market, and keep track of payments. "
        "Without a step, print what waits; `create` puts it into a batch, which is then sent, "
        "and confirmed or failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("step", nargs="?", choices=STEPS)
        parser.add_argument(
            "--market", help="only people of this market; `local`: those of none, paid by hand"
        )
        parser.add_argument(
            "--link", type=int, metavar="NUMBER", help="only people of this market link"
        )
        parser.add_argument("--batch", type=int, metavar="NUMBER", help="as `list` prints it")
        parser.add_argument("--worker", nargs="+", metavar="KEY", help="only these of the batch")
        parser.add_argument("--reference", default="", help="the market's number of the payment")

    def handle(self, *, study: str, step: str | None, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}.")
        of_study = {None: self._waiting, "create": self._create, "list": self._list}
        if step in of_study:
            of_study[step](row, options["market"], options["link"])
            return
        try:
            self._change(_batch(row, options["batch"]), str(step), options)
        except payout_batches.PayoutError as error:
            raise CommandError(str(error)) from error

    def _waiting(self, study: Study, market: str | None, link: int | None) -> None:
        owe_shortfalls(study)
        waiting = payouts.waiting_payments(study)
        if channel := _one_channel(waiting, market, link):
            self.stdout.write(payment_files.as_csv(channel.market, waiting[channel]), ending="")
        totals = payouts.totals(study)
        self.stderr.write(
            f"Not in a batch {dollars(totals.waiting)}, in a batch {dollars(totals.prepared)}, "
            f"sent {dollars(totals.sent)}, confirmed {dollars(totals.confirmed)}; "
            f"{dollars(totals.total)} in all."
        )
        if totals.difference:
            self.stderr.write(
                f"The ledger has {dollars(totals.difference)} more for answers than they earned."
            )

    def _create(self, study: Study, market: str | None, link: int | None) -> None:
        owe_shortfalls(study)
        channel = _one_channel(payouts.waiting_payments(study), market, link)
        batch = channel and payout_batches.create_batch(
            study, channel.market, COMMAND, channel.link
        )
        if batch is None:
            self.stderr.write("Nothing waits to be paid.")
            return
        self._csv(batch)
        self.stderr.write(f"Batch {batch.pk} has these payments. Mark it as sent when it is.")

    def _list(self, study: Study, market: str | None, link: int | None) -> None:
        batches = study.payout_batches.order_by("pk")
        batches = batches.filter(market=market) if market else batches
        for batch in batches.filter(link=link) if link else batches:
            due = payouts.batch_payments(batch)
            cents = dollars(sum(payment.cents for payment in due))
            states = "confirmed" if batch.confirmed_at else "sent" if batch.sent_at else "prepared"
            self.stdout.write(
                f"{batch.pk}\t{batch.market}\t{states}\t{len(due)}\t{cents}\t{batch.link_id or ''}"
            )

    def _csv(self, batch: PayoutBatch) -> None:
        due = payouts.batch_payments(batch)
        self.stdout.write(payment_files.as_csv(batch.market, due), ending="")

    def _change(self, batch: PayoutBatch, step: str, options: dict[str, Any]) -> None:
        if step == "csv":
            self._csv(batch)
        elif step == "cancel":
            payout_batches.cancel_batch(batch, COMMAND)
            self.stderr.write("The batch was canceled; its payments wait again.")
        elif step == "sent":
            is_new = payout_batches.mark_sent(batch, COMMAND, options["reference"])
            self.stderr.write("The batch is sent." if is_new else "The batch was sent before.")
        else:
            workers = _workers(batch, options["worker"])
            count = payout_batches.settle(batch, LedgerEntry.State(step), COMMAND, workers)
            self.stderr.write(f"{step}: {count} payments changed.")


def _one_channel(
    waiting: Collection[payouts.Channel], market: str | None, link: int | None
) -> payouts.Channel | None:
    """The channel that is meant; None if nothing waits there."""
    meant = [
        channel
        for channel in waiting
        if market in (None, channel.market) and link in (None, channel.link)
    ]
    if len(meant) > 1:
        names = " or ".join(
            f"--link {each.link} ({each.market})" if each.link else f"--market {each.market}"
            for each in meant
        )
        raise CommandError(f"People of several market links are to be paid: say {names}.")
    return meant[0] if meant else None


def _batch(study: Study, number: int | None) -> PayoutBatch:
    if number is None:
        raise CommandError("Say which batch: --batch NUMBER.")
    batch = study.payout_batches.filter(pk=number).first()
    if batch is None:
        raise CommandError(f"The study has no batch {number}.")
    return batch


def _workers(batch: PayoutBatch, keys: list[str] | None) -> list[Worker] | None:
    if keys is None:
        return None
    workers = list(Worker.objects.filter(study=batch.study_id, key__in=keys))
    if unknown := sorted(set(keys) - {worker.key for worker in workers}):
        raise CommandError(f"The study has no worker {unknown[0]!r}; nothing was changed.")
    return workers
