"""What publishing would cost: HITs, answers, minutes and money, before anything is published.

The total is the pay of all answers, the debriefing of the people who are expected, and fees on
both. What nobody can know before is left out: top-ups of the slow, parts of sets, and bonuses.
"""

from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _

from annotator.crowd.access.sessions import planned_sets
from annotator.models import MarketLink, Study
from annotator.pay.budget import committed_cents, fee_cents, highest_fee
from annotator.pay.debriefing import promised_to_newcomers
from annotator.pay.money import dollars
from annotator.pay.rewards import hit_reward, planned_reward
from annotator.pay.top_up import MAX_TIMES
from annotator.pay.work_time import DEFAULT_MINUTES, measured_minutes
from annotator.publishing.hit_design import NotPublishable, refuse_other_settings
from annotator.publishing.plans import Plan, plan_naming, plan_verification
from annotator.publishing.requests import PublishRequest, chosen_units

SESSION_MINUTES = 20  # of people whom no market sends


@dataclass(frozen=True)
class Offer:
    """What a request would publish, and what it would cost at most.

    Attributes:
        minutes: of a HIT: the pilot's median, or assumed before one. is_measured: which of them.
        basis: where the reward comes from, as a phrase in brackets; empty if somebody set it.
        people: how many are expected, each with a session of sets.
        debriefing_cents: what each is promised for reading the debriefing.
        most_top_up_cents: what a HIT costs more if it takes MAX_TIMES the minutes.
        fee_percent: the highest fee of the study's markets.
        budget_left_cents: what the budget has left; None without a budget.
    """

    plan: Plan
    minutes: float
    is_measured: bool
    basis: str
    people: int
    debriefing_cents: int
    most_top_up_cents: int
    fee_percent: float
    budget_left_cents: int | None

    @property
    def hours(self) -> float:
        """Work of all people together."""
        return self.plan.places * self.minutes / 60

    @property
    def hourly_cents(self) -> int:
        """What a HIT of these minutes pays for an hour."""
        return round(self.plan.reward_cents * 60 / self.minutes)

    @property
    def debriefings_cents(self) -> int:
        """What reading the debriefing costs, fees left out."""
        return self.people * self.debriefing_cents

    @property
    def fee_cents(self) -> int:
        return fee_cents(self.plan.cost_cents + self.debriefings_cents, self.fee_percent)

    @property
    def total_cents(self) -> int:
        return self.plan.cost_cents + self.debriefings_cents + self.fee_cents

    @property
    def top_ups_cents(self) -> int:
        """What top-ups to the minimum hourly pay can add to the total at most, fees included."""
        most = self.plan.places * self.most_top_up_cents
        return most + fee_cents(most, self.fee_percent)

    @property
    def is_empty(self) -> bool:
        """Whether everything is published already."""
        return not self.plan.new_hits and not self.plan.places

    @property
    def beyond_budget_cents(self) -> int:
        """How much of the total the budget cannot pay; 0 without a budget."""
        if self.budget_left_cents is None:
            return 0
        return max(0, self.total_cents - self.budget_left_cents)


def offer_of(study: Study, request: PublishRequest) -> Offer:
    """Estimate what a request would publish of a study now, and its cost. Changes nothing.

    Raises:
        NotPublishable: nothing can be published like this, published HITs have other settings, or
            people would be paid too little.
    """
    refuse_other_settings(study, request.catch, request.repeats, request.view)
    reward_cents, basis = planned_reward(study, request.reward, request.hourly)
    measured, plan = measured_minutes(study), _plan(study, request, reward_cents)
    minutes = measured or DEFAULT_MINUTES
    least = hit_reward(study.min_hourly_cents, MAX_TIMES * minutes)
    offer = Offer(
        plan=plan,
        minutes=minutes,
        is_measured=measured is not None,
        basis=basis,
        people=_expected_people(study, plan),
        debriefing_cents=promised_to_newcomers(study),
        most_top_up_cents=max(0, least - plan.reward_cents),
        fee_percent=highest_fee(study),
        budget_left_cents=_budget_left(study),
    )
    if not offer.is_empty:
        _refuse_low_pay(study, offer)
    return offer


def _plan(study: Study, request: PublishRequest, reward_cents: int) -> Plan:
    assignments = request.assignments or study.assignments_wanted
    units = chosen_units(study, request)
    if request.verify:
        return plan_verification(
            study, assignments, reward_cents, request.verify, request.with_dead, units
        )
    return plan_naming(study, assignments, reward_cents, request.with_dead, units)


def _expected_people(study: Study, plan: Plan) -> int:
    """How many people answer what is planned, if each does one session of the shortest length.

    Not fewer than a HIT has answers, or than the most that one person may give allows.
    """
    links = MarketLink.objects.filter(invitation__study=study)
    minutes = min(links.values_list("session_minutes", flat=True), default=SESSION_MINUTES)
    sessions = ceil(plan.places / planned_sets(study, minutes))
    least = max(plan.assignments, ceil(1 / study.worker_share))
    return min(plan.places, max(sessions, least))


def _budget_left(study: Study) -> int | None:
    if study.budget_cents is None:
        return None
    return max(0, study.budget_cents - committed_cents(study))


def _refuse_low_pay(study: Study, offer: Offer) -> None:
    """Refuse pay below the study's minimum for an hour.

    Raises:
        NotPublishable: a HIT of so many minutes pays less.
    """
    enough = hit_reward(study.min_hourly_cents, offer.minutes)
    if offer.plan.reward_cents >= enough:
        return
    how = _("measured") if offer.is_measured else _("assumed")
    raise NotPublishable(
        _(
            "%(reward_cents)s for a HIT of %(minutes).1f minutes (%(how)s) is "
            "%(hourly_cents)s an hour, and study %(study)s pays at least "
            "%(min_hourly_cents)s: pay %(enough)s for a HIT or more, or change the "
            "minimum: `study %(study)s minimum`."
        )
        % {
            "reward_cents": dollars(offer.plan.reward_cents),
            "minutes": offer.minutes,
            "how": how,
            "hourly_cents": dollars(offer.hourly_cents),
            "study": study,
            "min_hourly_cents": dollars(study.min_hourly_cents),
            "enough": dollars(enough),
        }
    )
