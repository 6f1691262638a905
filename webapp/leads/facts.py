"""What the area speaks of: stages, known kinds of activity, actions, priorities, what becomes of a model."""

from __future__ import annotations

import enum


class Stage(enum.Enum):
    """How far a lead is; the value is the word on the wire."""

    NEW = "NEW"
    CONTACTED = "CONTACTED"
    QUALIFIED = "QUALIFIED"
    PROPOSAL = "PROPOSAL"
    NEGOTIATION = "NEGOTIATION"
    WON = "WON"
    LOST = "LOST"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()

    @property
    def closed(self) -> bool:
        """Whether the lead is decided."""
        return self in CLOSED


CLOSED = (Stage.WON, Stage.LOST)
OPEN = tuple(stage for stage in Stage if stage not in CLOSED)


# Kinds of activity that have a name and points of their own; the vocabulary is open.
ACTIVITY_LABELS = {
    "email_open": "E-mail opened",
    "email_click": "Link in an e-mail clicked",
    "email_reply": "E-mail answered",
    "property_view": "Property viewed",
    "page_view": "Page viewed",
    "form_submit": "Form sent",
    "call": "Call",
    "meeting": "Meeting",
    "note": "Note",
    "email_sent": "E-mail sent",
    "listing_sent": "Listing sent",
    "message_sent": "Message sent",
}

OUTREACH = ("call", "meeting", "email_sent", "listing_sent", "message_sent")  # what the salesperson did
ANSWERING = ("email_reply", "email_click", "form_submit", "call", "meeting")  # when people can be reached


def activity_label(kind: str) -> str:
    """Call a kind of activity by its name; an unknown one by its own word."""
    return ACTIVITY_LABELS.get(kind) or kind.replace("_", " ").capitalize()


class Action(enum.Enum):
    """What to do next with a lead."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    SEND_LISTING = "send_listing"
    FOLLOW_UP = "follow_up"
    WAIT = "wait"
    CLOSE_OUT = "close_out"

    @property
    def label(self) -> str:
        """Say it in words."""
        return {
            "call": "Call",
            "email": "Write an e-mail",
            "meeting": "Propose a meeting",
            "send_listing": "Send a listing",
            "follow_up": "Follow up",
            "wait": "Wait",
            "close_out": "Close it out",
        }[self.value]


class Priority(enum.Enum):
    """How soon."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()


class Confidence(enum.Enum):
    """How sure a prediction is, from the width of its interval."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()


class ModelDeed(enum.Enum):
    """What happened to a version of a salesperson's model."""

    ADOPTED = "adopted"  # trained, and better
    REJECTED = "rejected"  # trained, and not better
    CHOSEN = "chosen"  # put in force by hand
    ROLLED_BACK = "rolled_back"  # an earlier version put in force again
    RESET = "reset"  # back to the default

    @property
    def label(self) -> str:
        """Say it in words."""
        return {
            "adopted": "Trained and put in force",
            "rejected": "Trained and not better",
            "chosen": "Put in force by hand",
            "rolled_back": "Rolled back to",
            "reset": "Set aside for the default",
        }[self.value]


class NoticeKind(enum.Enum):
    """What a salesperson is told of."""

    AT_RISK = "at_risk"
    CONVERSION_MOVED = "conversion_moved"
    MODEL_IMPROVED = "model_improved"
    MODEL_DRIFTED = "model_drifted"
    DIGEST = "digest"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return {
            "at_risk": "At risk",
            "conversion_moved": "Conversion rate",
            "model_improved": "Model improved",
            "model_drifted": "Model drifted",
            "digest": "Digest",
        }[self.value]


class Tone(enum.Enum):
    """How texts for a salesperson sound."""

    PROFESSIONAL = "professional"
    FRIENDLY = "friendly"
    CONCISE = "concise"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()


class Frequency(enum.Enum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()
