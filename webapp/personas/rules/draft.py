"""Drafts a whole persona by rules and accounts for every fact that was given."""

from collections.abc import Mapping

from webapp.personas.answer import FIELDS, FieldName, FieldSource, PersonaDraft
from webapp.personas.facts import Brief
from webapp.personas.rules import write_en, write_ru
from webapp.personas.rules.given import named
from webapp.personas.rules.reading import Reading, read
from webapp.personas.rules.written import Written


def draft_persona(brief: Brief) -> PersonaDraft:
    """A persona drafted from nothing but the brief; the same brief gives the same draft.

    Fields that cannot be inferred are null (pain points: empty). Raises nothing for any valid brief.
    """
    fields = write(read(brief))
    sources = [
        FieldSource(field=FieldName(spec.wire), facts=list(fields[spec.wire].origins))
        for spec in FIELDS
        if fields[spec.wire].value and fields[spec.wire].origins
    ]
    used = {fact for source in sources for fact in source.facts}
    values = {spec.name: _value(fields[spec.wire]) for spec in FIELDS}
    unused = [fact for fact in named(brief) if fact not in used]
    return PersonaDraft.model_validate({**values, "sources": sources, "unused_facts": unused})


def write(reading: Reading, shift: int = 0) -> Mapping[str, Written]:
    """The fields of variant number `shift`, in the language of the reading."""
    if reading.language == "ru":
        return write_ru.write(reading, shift)
    return write_en.write(reading, shift)


def _value(field: Written) -> str | list[str] | None:
    return list(field.value) if isinstance(field.value, tuple) else field.value or None
