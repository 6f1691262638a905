"""Checks a lesson that was written for a learner: what must be mended, what wants a look, what is well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from webapp.lessons.facts import (
    DEFAULT_LENGTHS,
    LONGEST_SENT,
    MOST_SENT,
    SECTIONS,
    Finding,
    LessonBrief,
    LessonTexts,
    Section,
    Severity,
    TakenUp,
)
from webapp.lessons.rules.check_facts import check_facts
from webapp.lessons.rules.citing import check_citing
from webapp.lessons.rules.naming import names_learner
from webapp.lessons.rules.taking import answered, taken_by_section, taken_up_of
from webapp.lessons.rules.tongue import other_language
from webapp.lessons.rules.unfit import markup, order, placeholder
from webapp.lessons.rules.vocabulary import stands_in
from webapp.lessons.rules.words import count, listed, sentences
from webapp.people.questions import question_label

__all__ = ["check_lesson", "hard", "taken_by_section", "taken_up_of"]


def check_lesson(brief: LessonBrief, texts: LessonTexts, taken_up: Sequence[TakenUp]) -> tuple[Finding, ...]:
    """All quality checks of one lesson, in a fixed order; a check that finds nothing wrong says so."""
    checks = (
        ("name", _name(brief, texts), "The learner is addressed by name."),
        ("sections", _sections(brief, texts), "Every section is there."),
        ("length", _lengths(brief, texts), "Every section keeps to its length."),
        ("facts", check_facts(brief, texts), "The template’s numbers, links and names are kept."),
        ("placeholders", _placeholders(texts), "No placeholder is left."),
        ("markup", _markup(texts), "There is no markup."),
        ("words", _words(brief, texts), "Required words are there, banned ones are not."),
        ("language", _language(brief, texts), "It is written in the course’s language."),
        ("previous_lessons", check_citing(brief, texts), "The earlier lessons it names are real."),
        ("survey", _survey(brief, texts, taken_up), ""),
        ("safety", _safety(brief, texts), ""),
    )
    return tuple(finding for check, found, well in checks for finding in _or_well(check, list(found), well))


def hard(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The failed hard checks: while there is one, the lesson is not published."""
    return tuple(finding for finding in findings if finding.severity is Severity.FIX)


def _or_well(check: str, found: Sequence[Finding], well: str) -> Sequence[Finding]:
    return found or ([Finding(check=check, severity=Severity.OK, text=well)] if well else [])


def _fix(check: str, text: str, *, section: str = "", hint: str = "") -> Finding:
    return Finding(check=check, severity=Severity.FIX, text=text, section=section, hint=hint)


def _look(check: str, text: str, *, section: str = "", hint: str = "") -> Finding:
    return Finding(check=check, severity=Severity.LOOK, text=text, section=section, hint=hint)


def _name(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    if not any(sign.isalpha() for sign in brief.learner.name):
        yield _look(
            "name", "The learner has no name to be addressed by.", hint="Add the name to the learner."
        )
    elif not names_learner(brief.learner.name, _all(texts)):
        yield _fix(
            "name",
            "The learner’s name is nowhere in the lesson.",
            hint="Address the learner by their first name at least once.",
        )


def _sections(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    for name, text in texts.as_dict().items():
        if not text.strip() and _needed(brief, name):
            label = Section(name).label
            yield _fix("sections", f"{label} is missing.", section=name, hint=f"Write the section “{label}”.")


def _needed(brief: LessonBrief, name: str) -> bool:
    """Whether a section must be there: the template has it; the summary always."""
    if name == "previous_lessons" and not brief.earlier:
        return False
    return name == "summary" or (not brief.default_template and bool(getattr(brief.template, name).strip()))


def _lengths(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    for name, text in texts.as_dict().items():
        least, most = brief.course.lengths.get(name) or DEFAULT_LENGTHS[name]
        said = count(text)
        if text.strip() and not least <= said <= most:
            kind, verb = ("short", "Add to") if said < least else ("long", "Shorten")
            yield _look(
                "length",
                f"{Section(name).label} is {kind}: {said} words, {least} to {most} are wanted.",
                section=name,
                hint=f"{verb} the section.",
            )


def _placeholders(texts: LessonTexts) -> Iterator[Finding]:
    for name, text in texts.as_dict().items():
        if found := placeholder(text):
            yield _fix(
                "placeholders",
                f"A placeholder is left: “{found}”.",
                section=name,
                hint="Put the learner’s own fact there or take the placeholder out.",
            )


def _markup(texts: LessonTexts) -> Iterator[Finding]:
    for name, text in texts.as_dict().items():
        if found := markup(text):
            yield _fix(
                "markup",
                f"There is markup: “{found}”.",
                section=name,
                hint="Write plain text: no HTML, no Markdown.",
            )


def _words(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    whole = _all(texts)
    for word in filter(str.strip, brief.course.required_words):
        if not stands_in(word, whole):
            yield _look("words", f"The required word “{word}” is missing.", hint=f"Work in “{word}”.")
    for word in filter(str.strip, brief.course.banned_words):
        for name, text in texts.as_dict().items():
            if stands_in(word, text):
                yield _fix(
                    "words",
                    f"The banned word “{word}” stands there.",
                    section=name,
                    hint="Say it differently.",
                )


def _language(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    """Section by section; where all are too short to tell, the whole."""
    found = [
        (name, other)
        for name, text in texts.as_dict().items()
        if (other := other_language(text, brief.course.language))
    ]
    if not found and (other := other_language(_all(texts), brief.course.language)):
        found = [("", other)]
    for name, other in found:
        yield _fix(
            "language",
            f"It is not written in the course’s language ({brief.course.language}) but looks like {other}.",
            section=name,
            hint=f"Write it in the course’s language: {brief.course.language}.",
        )


def _survey(brief: LessonBrief, texts: LessonTexts, taken_up: Sequence[TakenUp]) -> Iterator[Finding]:
    """One finding for each answered question. A claim that the text does not bear out is not believed."""
    said = answered(brief)
    if not said:
        yield _look("survey", "The learner has not answered the survey.", hint="Ask for the survey first.")
    seen = taken_by_section(brief, texts)
    for question in said:
        places = [name for name in SECTIONS if question[:200] in seen[name]]
        claimed = [taken.section.value for taken in taken_up if taken.answer == question]
        yield _taken(question, places) if places else _not_taken(question, claimed)


def _taken(question: str, places: Sequence[str]) -> Finding:
    where = _places(places)
    text = f"“{question_label(question)}” is taken up in {where}."
    return Finding(
        check="survey", severity=Severity.OK, text=text, section=places[0] if len(places) == 1 else ""
    )


def _not_taken(question: str, claimed: Sequence[str]) -> Finding:
    label = question_label(question)
    if claimed:
        return _look(
            "survey",
            f"“{label}” is said to be taken up in {_places(claimed)}, but the words do not show it.",
            hint="Read whether the answer is really there.",
        )
    return _look("survey", f"“{label}” is not taken up.", hint="Work the answer in, if it belongs there.")


def _places(names: Iterable[str]) -> str:
    return listed(Section(name).label.lower() for name in dict.fromkeys(names))


def _safety(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    """What of the survey a person should have seen, and instructions that the lesson repeats."""
    said = brief.learner.answers
    if len(said) > MOST_SENT:
        yield _look("safety", f"Of {len(said)} survey answers only the first {MOST_SENT} are read.")
    for question, answer in said.items():
        label = question_label(question)
        if len(answer) > LONGEST_SENT:
            yield _look(
                "safety", f"“{label}” is very long: only its first {LONGEST_SENT} characters are read."
            )
        if found := order(answer[:LONGEST_SENT]) or markup(answer[:LONGEST_SENT]):
            yield _look(
                "safety",
                f"“{label}” holds what may be meant for a machine: “{found}”.",
                hint="Read the lesson for traces of it.",
            )
    for name, text in texts.as_dict().items():
        if any(order(sentence) for sentence in sentences(text)) and not order(getattr(brief.template, name)):
            yield _look("safety", "It repeats an instruction.", section=name, hint="Take the sentence out.")


def _all(texts: LessonTexts) -> str:
    return "\n".join(texts.as_dict().values())
