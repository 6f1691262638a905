"""The built-in drafter of messages: what the facts allow to say, in three tones, and nothing made up."""

from __future__ import annotations

from webapp.core.text import plural
from webapp.leads.facts import Action, Stage, Tone, activity_label
from webapp.leads.message_answer import LISTING, NAME, SENDER, MessageBrief, MessageDraft

QUIET = 7  # days after which a silence is spoken of
LATE = (Stage.PROPOSAL, Stage.NEGOTIATION)
# What is asked for, plainly and as friends do.
ASKED = {
    Action.EMAIL: (
        "May I ask what matters most to you? A short answer is enough for me to prepare what fits.",
        "I would love to hear what matters most to you: a line is enough, and I will take it from there.",
    ),
    Action.MEETING: (
        "I would like to propose a meeting about {purpose}. Which times would suit you?",
        "Shall we sit down together about {purpose}? Tell me two or three times that suit you.",
    ),
    Action.SEND_LISTING: (
        "Please find our selection below:\n\n{listing}\n\nWhich of them comes closest to what you look for?",
        "Here is what I picked for you:\n\n{listing}\n\nWhich one comes closest? Then I can choose better.",
    ),
    Action.FOLLOW_UP: (
        "Do you have any questions about our {matter}? I am glad to go through them with you.",
        "How do you feel about our {matter}? If something is in the way, just tell me.",
    ),
}
MOST_ABOUT = 300  # characters of the company's own words


def draft_message(brief: MessageBrief) -> MessageDraft:
    """Draft the message. Wishes are left to people: rules cannot heed what they do not understand."""
    lines = _call(brief) if brief.kind is Action.CALL else _mail(brief)
    return MessageDraft(subject=_subject(brief), body="\n\n".join(line for line in lines if line))


def _subject(brief: MessageBrief) -> str:
    us = _cut(brief.company, 80) or "us"
    return {
        Action.CALL: f"Call: {_purpose(brief)}",
        Action.EMAIL: f"Your enquiry with {us}",
        Action.MEETING: f"A meeting with {us}?",
        Action.SEND_LISTING: f"A selection from {us}",
        Action.FOLLOW_UP: f"Any questions about our {_matter(brief)}?",
    }[brief.kind]


def _mail(brief: MessageBrief) -> list[str]:
    return [
        f"{_greeting(brief)}",
        _context(brief),
        _matter_of(brief),
        _asked(brief),
        f"{_closing(brief)}\n{SENDER}",
    ]


def _call(brief: MessageBrief) -> list[str]:
    opening = f"Opening: “Hello {NAME}, this is {SENDER}{f' of {brief.company}' if brief.company else ''}. "
    known = f"Know before you dial: {_history(brief)}."
    questions = {
        Stage.NEW: ("What made you look for this just now?", "What would a good solution look like to you?"),
        Stage.CONTACTED: ("What have you looked at since?", "Who else has a say in it?"),
        Stage.QUALIFIED: ("What still keeps you from deciding?", "Which of your wishes matters most?"),
    }.get(brief.stage, ("Which points are still open for you?", "What would you need in order to decide?"))
    asks = "\n".join(f"- {one}" for one in questions)
    close = "Close: repeat what was said, agree on one next step and its date."
    if brief.tone is Tone.CONCISE:
        return [f"{opening}Is this a good moment?”", asks, close]
    warm = "How are you? " if brief.tone is Tone.FRIENDLY else ""
    why = f"{warm}I am calling about {_purpose(brief)}. Is this a good moment?”"
    return [known, f"{opening}{why}", f"Ask:\n{asks}", close]


def _greeting(brief: MessageBrief) -> str:
    return {Tone.PROFESSIONAL: "Dear", Tone.FRIENDLY: "Hi", Tone.CONCISE: "Hello"}[brief.tone] + f" {NAME},"


def _context(brief: MessageBrief) -> str:
    """How the two know each other, as far as that is known."""
    if brief.happened.get("meeting"):
        told = "thank you again for the time you took when we met."
    elif brief.happened.get("email_reply"):
        told = "thank you for your answer."
    elif brief.happened.get("call"):
        told = "thank you for speaking with us."
    elif brief.happened.get("form_submit"):
        told = "thank you for writing to us."
    else:
        told = "thank you for your interest."
    silence = " It has been a while since, and I would not want to leave you without an answer."
    long_ago = brief.quiet_days >= QUIET and brief.tone is not Tone.CONCISE
    return f"{told[0].upper()}{told[1:]}{silence if long_ago else ''}"


def _matter_of(brief: MessageBrief) -> str:
    if brief.tone is Tone.CONCISE:
        return ""
    if brief.stage in {Stage.NEW, Stage.CONTACTED} and brief.about:
        who = f"{brief.company}: " if brief.company else ""
        return f"In short, who we are. {who}{_cut(brief.about, MOST_ABOUT)}"
    return ""


def _asked(brief: MessageBrief) -> str:
    plain, friendly = ASKED[brief.kind]
    said = friendly if brief.tone is Tone.FRIENDLY else plain
    return said.format(matter=_matter(brief), purpose=_purpose(brief), listing=LISTING)


def _closing(brief: MessageBrief) -> str:
    words = {Tone.PROFESSIONAL: "Kind regards", Tone.FRIENDLY: "All the best", Tone.CONCISE: "Regards"}
    return words[brief.tone]


def _purpose(brief: MessageBrief) -> str:
    return f"our {_matter(brief)}" if brief.stage in LATE else "your enquiry"


def _matter(brief: MessageBrief) -> str:
    return "proposal" if brief.stage in LATE else "conversation"


def _history(brief: MessageBrief) -> str:
    """What happened, in counts: for whoever calls, never for the lead."""
    told = [f"{activity_label(kind).lower()} × {count}" for kind, count in sorted(brief.happened.items())]
    came = f"came by {brief.source}, " if brief.source else ""
    quiet = f"quiet for {plural(brief.quiet_days, 'day')}"
    return f"{came}{quiet}; {', '.join(told)}" if told else f"{came}{quiet}; nothing else is recorded"


def _cut(text: str, longest: int) -> str:
    """The text as far as a whole word fits."""
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else plain[:longest].rsplit(" ", 1)[0] + " …"
