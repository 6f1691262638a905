"""A version of the rules: every number that detection, selection and pricing use, as one checked value."""

from __future__ import annotations

import enum
import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from webapp.archetypes.facts import Archetype, Way


class Group(enum.Enum):
    """Signals that belong together and share a weight."""

    ECONOMIC = "economic"
    BEHAVIOURAL = "behavioural"
    FLEXIBILITY = "flexibility"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return self.value.capitalize()


class Signal(enum.Enum):
    """What is read from a member's history."""

    AVERAGE_VALUE = "average_value"
    WILLINGNESS = "willingness_to_pay"
    PRICE_REJECTION = "price_rejection"
    RESPONSE_TIME = "response_time"
    ACCEPTANCE = "acceptance_rate"
    REQUEST_RATE = "requests_per_30_days"
    SWAP_SHARE = "flexibility_score"
    ACCOMMODATIONS = "accommodations"
    RECIPROCITY = "reciprocity"

    @property
    def group(self) -> Group:
        """The group whose weight it shares."""
        return GROUPS[self]

    @property
    def label(self) -> str:
        """Call it by its name."""
        return LABELS[self]


GROUPS = {
    Signal.AVERAGE_VALUE: Group.ECONOMIC,
    Signal.WILLINGNESS: Group.ECONOMIC,
    Signal.PRICE_REJECTION: Group.ECONOMIC,
    Signal.RESPONSE_TIME: Group.BEHAVIOURAL,
    Signal.ACCEPTANCE: Group.BEHAVIOURAL,
    Signal.REQUEST_RATE: Group.BEHAVIOURAL,
    Signal.SWAP_SHARE: Group.FLEXIBILITY,
    Signal.ACCOMMODATIONS: Group.FLEXIBILITY,
    Signal.RECIPROCITY: Group.FLEXIBILITY,
}
LABELS = {
    Signal.AVERAGE_VALUE: "Average transaction value",
    Signal.WILLINGNESS: "Willingness to pay",
    Signal.PRICE_REJECTION: "Price rejection rate",
    Signal.RESPONSE_TIME: "Response time",
    Signal.ACCEPTANCE: "Acceptance rate",
    Signal.REQUEST_RATE: "Requests per 30 days",
    Signal.SWAP_SHARE: "Flexibility score",
    Signal.ACCOMMODATIONS: "Accommodation history",
    Signal.RECIPROCITY: "Reciprocity",
}


class Level(enum.Enum):
    """How soon the night is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def colour(self) -> str:
        """The colour it is shown in, always beside its word."""
        return {"critical": "red", "high": "orange", "medium": "yellow", "low": "green"}[self.value]


def _plain(value: object) -> object:
    """A float as its shortest decimal, so that 1.2 is 1.2."""
    return str(value) if isinstance(value, float) else value


Exact = Annotated[
    Decimal,
    BeforeValidator(_plain),
    PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str),
]
Factor = Annotated[Exact, Field(gt=0, le=10)]
Share = Annotated[Exact, Field(ge=0, le=1)]


class Value(BaseModel):
    """Read once, never changed, nothing beside its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Anchors(Value):
    """Where a signal is 0 and where it is 1, in its own unit; between them it is linear."""

    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError("The lower anchor must be below the upper one.")
        return self


class Weights(Value):
    """What the groups weigh. They need not sum to one: what is present is rescaled."""

    economic: float = Field(0.40, ge=0, le=1)
    behavioural: float = Field(0.35, ge=0, le=1)
    flexibility: float = Field(0.25, ge=0, le=1)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.economic + self.behavioural + self.flexibility > 0:
            raise ValueError("At least one group must weigh something.")
        return self


class Detection(Value):
    """How an archetype is found.

    `anchors` by signal: money in major units of the company's currency, times in minutes, the rest in
    shares or counts. `shares` divide a group's weight among its signals. `lean` is added to an archetype's
    affinity, since not all of them are reached as easily. `prior` is how many requests in the middle each
    signal begins with. `sharpness` and `half_at` turn affinities into beliefs (see `detect`). A history of
    fewer than `new_below` transactions says too little.
    """

    look_back_days: int = Field(365, ge=30, le=3650)
    freshness_hours: int = Field(24, ge=1, le=24 * 90)
    new_below: int = Field(3, ge=1, le=100)
    weights: Weights = Weights()
    anchors: dict[Signal, Anchors]
    shares: dict[Signal, Annotated[float, Field(ge=0, le=1)]]
    lean: dict[Archetype, Annotated[float, Field(ge=-1, le=1)]]
    prior: float = Field(gt=0, le=100)
    sharpness: float = Field(gt=0, le=200)
    half_at: float = Field(gt=0, le=1000)

    @model_validator(mode="after")
    def _all_signals(self) -> Self:
        missing = [one.label for one in Signal if one not in self.anchors or one not in self.shares]
        if missing:
            raise ValueError(f"These signals have no anchors or no share: {', '.join(missing)}.")
        if set(self.lean) != set(Archetype):
            raise ValueError("Each archetype needs its lean.")
        idle = [group for group in Group if not sum(self.shares[one] for one in Signal if one.group is group)]
        if idle:
            raise ValueError(f"No signal has a share of this group: {', '.join(one.value for one in idle)}.")
        return self


class Urgency(Value):
    """Up to how many days until check-in a level reaches, and what prices are multiplied with."""

    critical_to: int = Field(3, ge=0, le=365)
    high_to: int = Field(7, ge=0, le=365)
    medium_to: int = Field(14, ge=0, le=365)
    critical: Factor = Decimal("1.5")
    high: Factor = Decimal("1.25")
    medium: Factor = Decimal("1.1")
    low: Factor = Decimal("1.0")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.critical_to < self.high_to < self.medium_to:
            raise ValueError("Each level must reach further than the more urgent one.")
        return self


class Selection(Value):
    """What is chosen by default, rule by rule, and the days that part the rules."""

    big_spender_to: int = Field(14, ge=0, le=365)
    average_from: int = Field(7, ge=0, le=365)
    average_late_from: int = Field(21, ge=0, le=365)
    defaults: dict[int, Way]

    @model_validator(mode="after")
    def _all_rules(self) -> Self:
        if set(self.defaults) != set(range(1, 8)):
            raise ValueError("Each of the rules 1 to 7 needs its default.")
        if not self.average_from < self.average_late_from:
            raise ValueError("An average user’s later rule must begin after the earlier one.")
        return self


class Pricing(Value):
    """What a night costs. Shares of 1 (0.015 is 1.5 %); `swap_fee` in major units of the currency."""

    big_spender: Factor = Decimal("1.2")
    high_flexibility: Factor = Decimal("0.9")
    average_user: Factor = Decimal("1.0")
    whole_units: bool = True
    platform_fee: Share = Decimal("0.015")
    crash_share: Share = Decimal("0.30")
    swap_fee: Annotated[Exact, Field(ge=0, le=1_000_000)] = Decimal(25)

    def multiplier(self, archetype: Archetype) -> Decimal:
        """What the archetype's base price is multiplied with."""
        factor: Decimal = getattr(self, archetype.value)
        return factor


class Acceptance(Value):
    """How far a member's own rate is trusted: as many requests of the company's rate are added to it."""

    company_prior: float = Field(2.0, gt=0, le=10_000)
    member_prior: float = Field(8.0, gt=0, le=10_000)


class Rules(Value):
    """One version of everything. `held_out` is the share of members who get no personalization."""

    detection: Detection
    urgency: Urgency = Urgency()
    selection: Selection
    pricing: Pricing = Pricing()
    acceptance: Acceptance = Acceptance()
    held_out: Share = Decimal("0.05")

    def as_json(self) -> dict[str, Any]:
        """The values as they are stored; `Rules.model_validate` reads them back."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Tells whether two versions hold the same values."""
        words = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(words.encode()).hexdigest()


SHIPPED = Rules(
    detection=Detection(
        anchors={
            Signal.AVERAGE_VALUE: Anchors(low=0, high=2000),
            Signal.WILLINGNESS: Anchors(low=0.82, high=1.14),
            Signal.PRICE_REJECTION: Anchors(low=0.1, high=1.0),
            Signal.RESPONSE_TIME: Anchors(low=30, high=660),
            Signal.ACCEPTANCE: Anchors(low=0.4, high=0.82),
            Signal.REQUEST_RATE: Anchors(low=0.5, high=1.75),
            Signal.SWAP_SHARE: Anchors(low=0.0, high=0.54),
            Signal.ACCOMMODATIONS: Anchors(low=0, high=10),
            Signal.RECIPROCITY: Anchors(low=0.3, high=1.0),
        },
        shares={
            Signal.AVERAGE_VALUE: 0.12,
            Signal.WILLINGNESS: 0.76,
            Signal.PRICE_REJECTION: 0.12,
            Signal.RESPONSE_TIME: 0.95,
            Signal.ACCEPTANCE: 0.03,
            Signal.REQUEST_RATE: 0.02,
            Signal.SWAP_SHARE: 0.58,
            Signal.ACCOMMODATIONS: 0.37,
            Signal.RECIPROCITY: 0.05,
        },
        lean={
            Archetype.BIG_SPENDER: -0.24,
            Archetype.HIGH_FLEXIBILITY: 0.08,
            Archetype.AVERAGE_USER: 0.0,
        },
        prior=0.3,
        sharpness=41,
        half_at=12.2,
    ),
    selection=Selection(
        defaults={
            1: Way.BUYOUT,
            2: Way.SWAP,
            3: Way.SWAP,
            4: Way.CRASH,
            5: Way.CRASH,
            6: Way.BUYOUT,
            7: Way.CRASH,
        }
    ),
)
