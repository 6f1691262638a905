"""What a model's page says in plain words: the verdict, the calibration, the drift, how it was judged."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.core.text import plural
from webapp.leads.accuracy import LEAST_FRESH, Drift
from webapp.leads.facts import ModelDeed
from webapp.leads.model_view import Figures, Opened, State
from webapp.leads.rules.metrics import Bin, Confusion, Estimate

FIGURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "auc": "Area under the curve (AUC)",
    "log_loss": "Log-loss",
    "brier": "Brier score",
    "calibration_error": "Calibration error",
}
MEANINGS = {
    "accuracy": "how often the likelier outcome came; more is better",
    "balanced_accuracy": "the same with won and lost leads weighing alike; more is better",
    "auc": "how often a won lead was put above a lost one; 0.5 is a coin",
    "log_loss": "the price of being sure and wrong, in nats; less is better",
    "brier": "the mean squared distance from what came; less is better",
    "calibration_error": "how far promised shares were from what came; less is better",
}
WAYS = {"personal": "This model", "default": "The default", "commoner": "The commoner"}
IN_PERCENT = {"accuracy", "balanced_accuracy", "calibration_error"}
WEIGHTS = {
    "score": "Lead score",
    "activity": "Activity",
    "recency": "Recency",
    "funnel_time": "Funnel time",
}


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.0f} %"


def said(name: str, number: float) -> str:
    """A figure as it is written."""
    return f"{100 * number:.1f} %" if name in IN_PERCENT else f"{number:.3f}"


def range_of(name: str, one: Estimate) -> str:
    """Its 95 % interval."""
    _, low, high = one
    if name in IN_PERCENT:
        return f"{100 * low:.0f} to {100 * high:.0f} %"
    return f"{low:.3f} to {high:.3f}"


def whose(state: State, *, own: bool) -> str:
    """How the model is called on its page."""
    return "Your own model" if own else f"{state.person.name}’s own model"


def verdict(state: State, figures: Figures | None, *, own: bool) -> str:
    """The one sentence or two that the page begins with; `figures` are of the version in force."""
    if state.number and figures is not None:
        said_ = f"{whose(state, own=own)} is in force. {_right(figures)}"
        return " ".join([said_, *_later(state), *_drifting(state)])
    if state.last_deed is not None and state.last_deed.deed is ModelDeed.RESET:
        deed = state.last_deed
        return f"The default is in force: {deed.by or 'staff'} set the own model aside. “{deed.reason}”"
    newest = state.newest
    if newest is not None:
        more = f" {state.progress.missing}" if state.progress.missing else ""
        why = why_not(newest.reason)
        return f"The default is in force. The last trained version {why}, so the default stays.{more}"
    if state.progress.missing:
        return f"The default is in force: {state.progress.missing}"
    return (
        f"The default is in force: {plural(state.progress.closed, 'closed lead')}, "
        f"{state.progress.won} of them won, are enough to train a model of {'your' if own else 'their'} own."
    )


def _right(figures: Figures) -> str:
    mine, low, high = figures["personal"]["accuracy"]
    return (
        f"On leads it had not seen it was right in {percent(mine)} of cases "
        f"({100 * low:.0f} to {percent(high)}), the default in {percent(figures['default']['accuracy'][0])}."
    )


def _later(state: State) -> list[str]:
    """What became of a training since the one in force."""
    newest = state.newest
    if newest is None or newest.number <= state.number or newest.adopted:
        return []
    return [f"The last trained version {why_not(newest.reason)}, so version {state.number} stays."]


def _drifting(state: State) -> list[str]:
    return ["It has done worse of late than it promised: train it again."] if state.drifting else []


def why_not(reason: str) -> str:
    """Why a version was rejected, without its numbers."""
    told = {
        "Not better than the default": "was not better than the default",
        "Not better than “always": "was not better than always saying the commoner outcome",
        "Worse than the version in force": "did worse on new leads than the one in force",
    }
    return next((words for begins, words in told.items() if reason.startswith(begins)), "was not better")


def promised(bins: Sequence[Bin]) -> str:
    """The fullest bins below and from one half on, as what came of what it says."""
    halves = [
        [one for one in bins if one.predicted >= 0.5],
        [one for one in bins if one.predicted < 0.5],
    ]
    fullest = [max(half, key=lambda one: one.leads) for half in halves if half]
    told = [f"it says {percent(one.predicted)}, about {100 * one.won:.0f} of 100 are won" for one in fullest]
    return f"When {'; when '.join(told)}."


def found_words(found: Confusion) -> str:
    """What the threshold finds and misses, of a hundred."""
    return (
        f"Called won from {percent(found.threshold)} on, {100 * found.hit_rate:.0f} of 100 won leads are "
        f"found, and {100 * found.false_rate:.0f} of 100 lost ones are taken for winners."
    )


def drift_words(drift: Drift) -> str:
    """Whether recent predictions are worse than was promised."""
    leads = plural(drift.leads, "lead")
    if drift.leads < LEAST_FRESH:
        return (
            f"{leads if drift.leads else 'No lead'} predicted by this version closed in the last 90 days; "
            f"from {LEAST_FRESH} on it is judged whether it drifts."
        )
    told = (
        f"on {leads} closed in the last 90 days its log-loss was {drift.found:.2f}, "
        f"where {drift.promised:.2f} was promised"
    )
    if drift.drifting:
        return f"It drifts: {told}, worse by more than chance explains. Train it again."
    return f"It does as promised, within chance: {told}."


def method_words(one: Opened) -> str:
    """How the figures came about."""
    way = (
        "each part in time predicted from what had closed before it"
        if one.method == "in_time_order"
        else f"five parts, each predicted from the other four, {plural(one.rounds, 'time')} over"
    )
    return f"Cross-validated: {way}. A lead’s moments share one unit of weight and stay together."
