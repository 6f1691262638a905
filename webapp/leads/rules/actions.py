"""What to do next with a lead, how soon, why, and whether it is about to be lost.

The action with the largest effect in the person's own model, where it is worth a point more than what the
stage's playbook says; waiting, following up and closing out by plain limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.core.jobs.when import DAYS
from webapp.core.text import number, plural
from webapp.leads.facts import Action, Priority, Stage, Tone
from webapp.leads.rules.timing import Hours, Window, best_time, usual_time

PLAYBOOK = {
    Stage.NEW: Action.CALL,
    Stage.CONTACTED: Action.EMAIL,
    Stage.QUALIFIED: Action.MEETING,
    Stage.PROPOSAL: Action.FOLLOW_UP,
    Stage.NEGOTIATION: Action.CALL,
}
CHOICES = (Action.CALL, Action.EMAIL, Action.MEETING, Action.SEND_LISTING)
LATE = (Stage.PROPOSAL, Stage.NEGOTIATION)
REST_DAYS = 2.0  # after an outreach, before the next
FOLLOW_UP_DAYS = 7.0  # a proposal may lie for so long
QUIET_DAYS = 30.0  # the limit of whoever has too few won leads
WON_NEEDED = 5  # for a limit of one's own
HOPELESS = 0.1  # a probability
WORTH = 1.0  # points that an action must bring beyond the playbook's
HIGH_WORTH, SOME_WORTH, LOW_WORTH = 0.6, 0.3, 0.1  # probability × value over the median
MOST_RATIO = 3.0  # one large deal does not outweigh all else
ONE_MORE = {
    Action.CALL: "One more call",
    Action.EMAIL: "One more e-mail that is opened",
    Action.MEETING: "One more meeting",
    Action.SEND_LISTING: "Another listing that is viewed",
}
DONE_BY = {Action.CALL: ("call", "call"), Action.MEETING: ("meeting", "meeting")}  # kind, word


@dataclass(frozen=True)
class Standing:
    """A lead as it stands; `value_ratio` is its value over the person's median.

    Days are since the last activity of any kind (since it began where there was none) and since the last
    outreach (None: none yet).
    """

    stage: Stage
    probability: float
    quiet_days: float
    outreach_days: float | None = None
    value_ratio: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    hours: Hours = field(default_factory=dict)


@dataclass(frozen=True)
class Patterns:
    """What the person's own closed leads say.

    `uplift` is by how many points one more such activity changes the probability, in the personal model;
    empty for the default. `longest_quiet_won_days` rests on `won` won leads. `hours` count answers by
    (weekday from Monday 0, hour).
    """

    uplift: Mapping[Action, float] = field(default_factory=dict)
    longest_quiet_won_days: float | None = None
    won: int = 0
    hours: Hours = field(default_factory=dict)

    @property
    def limit(self) -> tuple[float, bool]:
        """From how many quiet days on a lead is at risk, and whether that is the person's own experience."""
        if self.longest_quiet_won_days is None or self.won < WON_NEEDED:
            return QUIET_DAYS, False
        return self.longest_quiet_won_days, True


@dataclass(frozen=True)
class Circumstances:
    """When and for whom advice is given: the moment (aware), the company's zone, what the person prefers."""

    now: datetime
    zone: ZoneInfo
    window: Window | None = None
    tone: Tone = Tone.PROFESSIONAL


@dataclass(frozen=True)
class Advice:
    """What to do next, how soon, why, when; and whether the lead is about to be lost."""

    action: Action
    priority: Priority
    reasoning: str
    best_time: datetime
    at_risk: bool


def at_risk(lead: Standing, patterns: Patterns) -> bool:
    """Whether an open lead has been quiet for longer than the person's won leads ever were."""
    return not lead.stage.closed and lead.quiet_days > patterns.limit[0]


def advise(lead: Standing, patterns: Patterns, around: Circumstances) -> Advice | None:
    """Answer the next action; None for a lead that is decided."""
    if lead.stage.closed:
        return None
    risk = at_risk(lead, patterns)
    action = _chosen(lead, patterns, risk=risk)
    why = _why(lead, patterns, action, risk=risk)
    hours = _together(lead.hours, patterns.hours)
    begins = around.now
    if action is Action.WAIT:
        begins += timedelta(days=REST_DAYS - (lead.outreach_days or 0.0))
    sentences = [*why, *(_quiet_words(lead, patterns) if risk and action is not Action.CLOSE_OUT else [])]
    when = best_time(begins, around.zone, hours, around.window)
    if action not in {Action.WAIT, Action.CLOSE_OUT}:
        sentences += _hour_words(hours, around.window, when)
    return Advice(
        action=action,
        priority=_priority(lead, action, risk=risk),
        reasoning=sentences[0] if around.tone is Tone.CONCISE else " ".join(sentences),
        best_time=when,
        at_risk=risk,
    )


def _chosen(lead: Standing, patterns: Patterns, *, risk: bool) -> Action:
    if _is_hopeless(lead, risk=risk):
        return Action.CLOSE_OUT
    if _is_waiting(lead):
        return Action.WAIT
    if _is_lying(lead):
        return Action.FOLLOW_UP
    return _by_effect(lead, patterns)


def _is_hopeless(lead: Standing, *, risk: bool) -> bool:
    return risk and lead.probability < HOPELESS


def _is_waiting(lead: Standing) -> bool:
    since = lead.outreach_days
    return since is not None and since < REST_DAYS and lead.quiet_days >= since


def _is_lying(lead: Standing) -> bool:
    return lead.stage in LATE and lead.quiet_days >= FOLLOW_UP_DAYS


def _by_effect(lead: Standing, patterns: Patterns) -> Action:
    usual = PLAYBOOK[lead.stage]
    best = max(CHOICES, key=lambda one: patterns.uplift.get(one, 0.0))
    gain, plain = patterns.uplift.get(best, 0.0), patterns.uplift.get(usual, 0.0)
    return best if gain - plain >= WORTH and gain > 0 else usual


def _why(lead: Standing, patterns: Patterns, action: Action, *, risk: bool) -> list[str]:
    if _is_hopeless(lead, risk=risk):
        return [_hopeless(lead), *_quiet_words(lead, patterns)]
    if _is_waiting(lead):
        return [_waiting(lead.outreach_days or 0.0)]
    if _is_lying(lead):
        return [_lying(lead)]
    gain = patterns.uplift.get(action, 0.0)
    if gain > 0:
        return [_raises(action, gain), *_so_far(lead, action)]
    told = f"{action.label} is the usual next step for a lead that is {_stage_words(lead.stage)}"
    why = "your model sees no other step that is worth a point more" if patterns.uplift else _no_model()
    return [f"{told}; {why}.", *_so_far(lead, action)]


def _priority(lead: Standing, action: Action, *, risk: bool) -> Priority:
    if action in {Action.WAIT, Action.CLOSE_OUT}:
        return Priority.LOW
    worth = lead.probability * min(1.0 if lead.value_ratio is None else lead.value_ratio, MOST_RATIO)
    if risk:
        return Priority.URGENT if worth >= SOME_WORTH else Priority.HIGH
    if worth >= HIGH_WORTH:
        return Priority.HIGH
    return Priority.LOW if worth < LOW_WORTH else Priority.NORMAL


def _together(one: Hours, other: Hours) -> dict[tuple[int, int], int]:
    return {place: one.get(place, 0) + other.get(place, 0) for place in {*one, *other}}


def _raises(action: Action, points: float) -> str:
    return f"{ONE_MORE[action]} raises this lead by {_points(points)} in your model."


def _so_far(lead: Standing, action: Action) -> list[str]:
    if action not in DONE_BY:
        return []
    kind, word = DONE_BY[action]
    count = lead.counts.get(kind, 0)
    return [
        f"So far there {'was' if count == 1 else 'were'} {plural(count, word) if count else f'no {word}s'}."
    ]


def _no_model() -> str:
    return "there is no model of your own yet that would know better"


def _hopeless(lead: Standing) -> str:
    quiet = _days(lead.quiet_days)
    return f"At {_percent(lead.probability)} and after {quiet} of silence this lead is hardly won any more."


def _waiting(since: float) -> str:
    when = "today" if since < 1 else "yesterday"
    return f"You were in touch {when} and nothing has come back yet: give it {_days(REST_DAYS)}."


def _lying(lead: Standing) -> str:
    what = "proposal" if lead.stage is Stage.PROPOSAL else "negotiation"
    quiet, limit = _days(lead.quiet_days), _days(FOLLOW_UP_DAYS)
    return f"The {what} has been quiet for {quiet}; after {limit} it is time to ask."


def _quiet_words(lead: Standing, patterns: Patterns) -> list[str]:
    limit, own = patterns.limit
    digits = 1 if int(limit) == int(lead.quiet_days) else 0  # 21.2 is longer than 21.1: say so
    quiet = f"This one has been quiet for {_days(lead.quiet_days, digits)}"
    if own:
        won = plural(patterns.won, "won lead")
        return [f"{quiet}; your {won} were never quiet for longer than {_days(limit, digits)}."]
    few = f"while you have fewer than {WON_NEEDED} won leads"
    return [f"{quiet}, longer than the {_days(limit, digits)} that count {few}."]


def _hour_words(hours: Hours, window: Window | None, when: datetime) -> list[str]:
    usual = usual_time(hours)
    if window is not None or usual is None or usual[:2] != (when.weekday(), when.hour):
        return []
    weekday, hour, most, every = usual
    return [f"Answers came most often on {DAYS[weekday]}s from {hour} to {hour + 1} h ({most} of {every})."]


def _stage_words(stage: Stage) -> str:
    return {
        Stage.NEW: "new",
        Stage.CONTACTED: "contacted",
        Stage.QUALIFIED: "qualified",
        Stage.PROPOSAL: "at the proposal",
        Stage.NEGOTIATION: "in negotiation",
    }[stage]


def _days(days: float, digits: int = 0) -> str:
    return f"{number(days, digits)} days" if digits else plural(int(days), "day")


def _points(points: float) -> str:
    whole = round(points)
    return plural(whole, "point") if whole >= 1 else f"{number(points, 1)} points"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
