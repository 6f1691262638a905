"""The words of experiments: states, kinds of metrics, what a metric is for, verdicts."""

from __future__ import annotations

import enum


class State(enum.Enum):
    """Where an experiment stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """Say the state in words."""
        return self.value


class MetricKind(enum.Enum):
    """How what a user did becomes one number: done or not, the mean of the values, or their sum."""

    PROPORTION = "proportion"
    MEAN = "mean"
    REVENUE = "revenue"

    @property
    def label(self) -> str:
        """Say the kind in words."""
        return {
            MetricKind.PROPORTION: "share of users who did it",
            MetricKind.MEAN: "mean value of those who have one",
            MetricKind.REVENUE: "sum per user, nothing counts as zero",
        }[self]


class Role(enum.Enum):
    """What a metric is for: the one that decides, another to look at, or one that must not get worse."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARD_RAIL = "guard_rail"

    @property
    def label(self) -> str:
        """Say the role in words."""
        return self.value.replace("_", "-")


class Outcome(enum.Enum):
    """What may be concluded."""

    NONE_YET = "none_yet"
    UNRELIABLE = "unreliable"
    BETTER = "better"
    WORSE = "worse"
    HARMFUL = "harmful"
    NO_DIFFERENCE = "no_difference"
    UNDECIDED = "undecided"

    @property
    def label(self) -> str:
        """Say the verdict in words."""
        return {
            Outcome.NONE_YET: "No verdict yet",
            Outcome.UNRELIABLE: "No verdict: the data cannot be trusted",
            Outcome.BETTER: "Better than the control",
            Outcome.WORSE: "Worse than the control",
            Outcome.HARMFUL: "Harms a guard-rail",
            Outcome.NO_DIFFERENCE: "No difference that matters",
            Outcome.UNDECIDED: "Undecided so far",
        }[self]
