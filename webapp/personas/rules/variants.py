"""Other ways to write the short fields, where a whole new draft would say the same again."""

from webapp.personas.rules.bank_en import ENGLISH
from webapp.personas.rules.bank_ru import RUSSIAN
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, small
from webapp.personas.rules.titles import other_title, short_title

_SENIORITIES = {
    "C-level": "Executive",
    "Vice president": "Senior executive",
    "Director": "Senior manager",
    "Head of department": "Team leader",
    "Manager": "Middle management",
    "Owner or founder": "Business owner",
    "Senior specialist": "Experienced expert",
    "Individual contributor": "Specialist without a team",
    "Высшее руководство": "Первое лицо",
    "Директор": "Старший руководитель",
    "Руководитель подразделения": "Руководитель команды",
    "Менеджер": "Среднее звено",
    "Собственник или основатель": "Владелец бизнеса",
    "Старший специалист": "Опытный эксперт",
    "Специалист": "Специалист без подчинённых",
}


def short_variants(wire: str, text: str, reading: Reading) -> list[str]:
    """Further wordings for a field whose current text is `text`, best first; [] where there are none."""
    bank = RUSSIAN if reading.language == "ru" else ENGLISH
    where, who = reading.where, reading.who
    place, label = where.place.noun, bank.industries[where.industry].label
    options = {
        "personName": [
            f"The {short_title(who.title)}" if reading.language == "en" and who.title else "",
            who.title,
        ],
        "title": [
            other_title(text),
            _placed(text, place),
            bank.functions[who.function].leader,
            f"{text} ({small(label)})" if text and label else "",
        ],
        "seniority": [_SENIORITIES.get(text, ""), bank.seniorities[who.seniority]],
        "industry": [
            label,
            f"{label}: {place}" if label and place else "",
            f"{text} ({place})" if place else "",
        ],
        "companySize": [_sized(text, bank.sizes[where.size.band].company), bank.sizes[where.size.band].label],
        "company": [capital(place), f"{capital(label)}: {place}" if label and place else label],
    }
    return [option for option in options.get(wire, []) if option]


def _placed(title: str, place: str) -> str:
    """A title with the kind of place: "Bakery owner", "Head of sales (bakery)"."""
    if not title or not place or place.rsplit(maxsplit=1)[-1][:4] in title.casefold():
        return ""
    plain = len(title.split()) < 3 and title.isascii() and place.isascii()
    return capital(f"{place} {short_title(title)}") if plain else f"{title} ({place})"


def _sized(text: str, kind: str) -> str:
    return f"{capital(kind)} ({small(text)})" if text and kind and "(" not in text else ""
