"""Notices: each state of a study is told once to its requesters, by e-mail, and to the webhook.

A notice is a row that lasts as long as the state. What cannot be sent is logged and tried
again, ever more seldom; who has got it does not get it twice.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMessage
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.template.loader import get_template
from django.utils.translation import gettext as _

from annotator.crowd.scheduling.progress import layer_counts, total
from annotator.crowd.watch.overview import Activity, activity
from annotator.models import AuditRow, Hit, Notice, Role, Study, Worker
from annotator.pay.budget import committed_cents
from annotator.pay.rewards import current_reward

AddressOf = Callable[..., str]  # of a page, by its name and the arguments of its URL
Deliver = Callable[[Mapping[str, Any]], None]  # sends an event; OSError if it does not arrive
Kind = Notice.Kind
log = logging.getLogger(__name__)

# Answers to review come and go while a study runs: mail about them comes at most once a day.
MIN_PAUSE = {Kind.REVIEW: timedelta(days=1)}
WEBHOOK = "webhook"  # among the accounts that have got a notice
MAX_WAIT = timedelta(hours=1)  # from one try to send a mail to the next
PAGES = {Kind.REVIEW: "review", Kind.DONE: "report"}  # where a mail leads
AT_REST = timedelta(days=14)  # without an answer: nobody waits for news of such a study


def tell(study: Study, at: datetime, address_of: AddressOf, deliver: Deliver | None = None) -> int:
    """Tell a study's requesters about the states that it has come to; returns the mails sent.

    Idempotent, from several processes too: a state is told once while it lasts.

    Args:
        deliver: sends an event to the webhook; None if there is none.
    """
    update_notices(study, states_of(study, at), at)
    unsent = Notice.objects.filter(study=study, is_sent=False, ended_at=None).order_by("pk")
    return sum(_send(notice, at, address_of, deliver) for notice in unsent if _is_due(notice, at))


def states_of(study: Study, at: datetime) -> set[str]:
    """The states that a study is in now, of those that its requesters are told about.

    None of simulated or imported answers, and none of a study at rest. A run that failed is one
    whether or not anybody answers yet.
    """
    return _crowd_states(study, at) | ({Kind.FAILED.value} if _has_failed(study, at) else set())


def _has_failed(study: Study, at: datetime) -> bool:
    """Whether a run or a publication has failed, and nobody has started it again since."""
    since = at - AT_REST
    newest = [jobs.order_by("-pk").first() for jobs in (study.runs, study.publications)]
    return any(job and job.status == "failed" and job.finished_at > since for job in newest)


def _crowd_states(study: Study, at: datetime) -> set[str]:
    if not Worker.objects.filter(study=study, kind=Worker.Kind.PERSON).exists():
        return set()
    now = activity(study, at)
    last = _last_change(study, now)
    if last is None or last < at - AT_REST:
        return set()
    filled, wanted = total(layer_counts(study))
    states = {Kind.REVIEW.value} if now.waiting else set()
    if wanted and filled == wanted:
        return states | {Kind.DONE.value}
    if filled < wanted and study.paused_at is None:
        if _is_spent(study):
            return states | {Kind.BUDGET.value}
        if last < at - timedelta(hours=settings.STUCK_HOURS):
            return states | {Kind.STUCK.value}
    return states


def _last_change(study: Study, now: Activity) -> datetime | None:
    """The latest of: an answer, HITs published, or something done about the study as a whole."""
    published = Hit.objects.filter(unit__layer__network__study=study)
    changed = AuditRow.objects.filter(study=study, assignment=None, worker=None)
    times = (
        now.last_at,
        published.aggregate(last=Max("published_at"))["last"],
        changed.exclude(action="look").aggregate(last=Max("at"))["last"],
    )
    return max((time for time in times if time), default=None)


def _is_spent(study: Study) -> bool:
    """Whether the budget has no room for another answer."""
    if study.budget_cents is None:
        return False
    return bool(committed_cents(study) + current_reward(study) > study.budget_cents)


def update_notices(study: Study, states: Collection[str], at: datetime) -> None:
    """End the notices of states that are over, and begin those of new ones."""
    lasting = Notice.objects.filter(study=study, ended_at=None)
    lasting.exclude(kind__in=states).update(ended_at=Now())
    lasting_kinds = set(lasting.values_list("kind", flat=True))
    for kind in sorted(set(states) - lasting_kinds):
        pause = MIN_PAUSE.get(Kind(kind), timedelta(0))
        recent = Notice.objects.filter(study=study, kind=kind, began_at__gt=at - pause)
        if not pause or not recent.exists():
            Notice.objects.get_or_create(study=study, kind=kind, ended_at=None)


def recipients(study: Study) -> QuerySet[AbstractBaseUser]:
    """The accounts to tell: requesters of a study with an address, who did not turn mail off."""
    accounts = get_user_model().objects.filter(is_active=True).exclude(email="")
    own = Q(memberships__study=study) | Q(memberships__study__isnull=True)
    is_requester = Q(is_staff=True) | (own & Q(memberships__role=Role.REQUESTER))
    return accounts.filter(is_requester).exclude(choices__wants_mail=False).distinct()


def _is_due(notice: Notice, at: datetime) -> bool:
    wait = min(timedelta(minutes=2**notice.try_count), MAX_WAIT) if notice.try_count else None
    return wait is None or notice.tried_at is None or notice.tried_at + wait <= at


def _send(notice: Notice, at: datetime, address_of: AddressOf, deliver: Deliver | None) -> int:
    """Send a notice to everybody who has not got it yet; returns the mails sent.

    A claim keeps a second process from sending it at the same moment.
    """
    mine = Notice.objects.filter(pk=notice.pk, try_count=notice.try_count, is_sent=False)
    if not mine.update(try_count=notice.try_count + 1, tried_at=at):
        return 0
    pks = [pk for pk in notice.sent_to if pk != WEBHOOK]
    accounts = recipients(notice.study).exclude(pk__in=pks).order_by("pk")
    sent, failed = _send_to(accounts, notice, address_of)
    sent_to = [*notice.sent_to, *sent]
    if deliver and WEBHOOK not in sent_to:
        if _deliver(notice, address_of, deliver):
            sent_to.append(WEBHOOK)
        else:
            failed = True
    Notice.objects.filter(pk=notice.pk).update(sent_to=sent_to, is_sent=not failed)
    return len(sent)


def _deliver(notice: Notice, address_of: AddressOf, deliver: Deliver) -> bool:
    """Send a notice to the webhook. False if it did not arrive."""
    study, kind = notice.study, Kind(notice.kind)
    event = {
        "id": f"notice-{notice.pk}",
        "event": kind.value,
        "study": study.name,
        "text": _subject(notice),
        "address": address_of(PAGES.get(kind, "study"), study.name),
        "at": notice.began_at.isoformat(),
    }
    try:
        deliver(event)
    except OSError as error:
        log.warning("Event %s of study %s is sent again later: %s", kind.value, study, error)
        return False
    return True


def _send_to(
    accounts: Iterable[AbstractBaseUser], notice: Notice, address_of: AddressOf
) -> tuple[list[int], bool]:
    """Send a notice to accounts, each a mail of its own.

    Returns:
        The accounts that got it, and whether any mail could not be sent.
    """
    sent, failed = [], False
    for account in accounts:
        try:
            message_of(notice, account, address_of).send()
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
            failed = True
            log.warning(
                "Mail about study %s (%s) could not be sent; it is tried again: %s",
                notice.study, notice.kind, error,
            )  # fmt: skip
        else:
            sent.append(account.pk)
    return sent, failed


def message_of(notice: Notice, account: AbstractBaseUser, address_of: AddressOf) -> EmailMessage:
    """The mail about a notice to one account: plain text with a link."""
    study, page = notice.study, PAGES.get(Kind(notice.kind), "study")
    context = {
        "notice": notice,
        "study": study,
        "address": address_of(page, study.name),
        "settings_address": address_of("my_work"),
    }
    text = get_template("mail/notice.txt").render(context)
    return EmailMessage(subject=_subject(notice), body=text, to=[account.email])


def _subject(notice: Notice) -> str:
    subjects = {
        Kind.DONE: _("Study %(study)s: all answers are in"),
        Kind.STUCK: _("Study %(study)s: no answers come in"),
        Kind.BUDGET: _("Study %(study)s: the budget is spent"),
        Kind.FAILED: _("Study %(study)s: a run failed"),
        Kind.REVIEW: _("Study %(study)s: answers wait for review"),
    }
    return subjects[Kind(notice.kind)] % {"study": notice.study.name}
