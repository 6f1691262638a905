"""What the demo learners answer: parts that are put together by index, and whole answers in other languages."""

# ruff: noqa: E501, RUF001 - answers stay on their lines

from __future__ import annotations

from collections.abc import Callable, Mapping

_FIRST = (
    "Aisha Ben Clara Daniel Elena Farid Greta Hugo Ines Jonas Katja Liam Mei Nadia Oscar Priya Quentin Rosa Samuel Tove Uma"
    " Viktor Wanda Xavier Yusuf Zoe Amelie Bruno Chiara Dmitri Emma Felix Gloria Hanna Ivan Julia Karim Leonie Marco"
)
_LAST = (
    "Adeyemi Bauer Costa Dahl Eriksen Fischer Garcia Haddad Ivanova Jansen Kowalski Lang Moreau Novak Okoye Petersen Quist"
    " Rossi Schmidt Tanaka Ueda Vogel Weber Young Zimmer Albrecht Brandl Carvalho Duarte Engel"
)
FIRST_NAMES, LAST_NAMES = _FIRST.split(), _LAST.split()
TIMEZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "America/New_York",
    "Asia/Tokyo",
    "Asia/Jerusalem",
)

_WHO = (
    "nurses", "violinists", "truck drivers", "office workers", "young mothers", "swimmers", "dentists", "hairdressers", "teachers",
    "warehouse workers", "retired farmers", "software developers", "climbers", "call-centre staff", "bakers", "students before exams",
    "wheelchair users", "choir singers", "police officers",
)  # fmt: skip
_WITH = (
    "with stiff necks", "with tension headaches", "who cannot turn their head", "with pain between the shoulder blades",
    "after a whiplash", "with numb fingers in the morning", "who grind their teeth", "with one shoulder higher than the other",
    "who sleep badly", "with frozen shoulders", "after shoulder surgery", "who have tried everything", "with jaw pain",
)  # fmt: skip
_CAUSE = (
    "I want to help {who} before they need injections",
    "My own neck kept me off work for months and nobody explained why",
    "I am tired of giving the same massage to everybody who comes in",
    "A colleague in {town} changed how I think about hands",
    "I would like to work with my brain and not only with my thumbs",
    "My clients ask me questions about pain that I cannot answer",
    "We open a second room in {town} and I have to train two people",
    "After eleven years in the same clinic I need something new",
    "I want to stop guessing where the trouble starts",
    "Continuing education points, but I would rather learn something useful",
    "I lost a client in {town} because I could not help her shoulder",
)
_DETAIL = (
    "It has taken me years to admit that.", "My partner says it is about time.", "That is the honest reason.", "Nobody in my team does it yet.",
    "I have postponed it twice already.", "A book about pain gave me the push.", "It began with a client who came back happy.", "This year I have the time.",
    "My boss pays half of it.", "I miss being a beginner.", "", "There is a waiting list, so I cannot do everything.", "I sketch every case in a notebook.",
)  # fmt: skip
_TOWN = (
    "Kiel",
    "Graz",
    "Leeds",
    "Porto",
    "Utrecht",
    "Galway",
    "Bern",
    "Malmö",
    "Cork",
    "Linz",
    "Bath",
    "Ghent",
    "Aarhus",
)
_SKILL = (
    "Palpating {part} without losing my way",
    "I want to test {part} in a way that I can repeat",
    "A calm way to begin with {part}",
    "To explain {part} in words that a tired person understands",
    "Treating {part} when pressure hurts",
    "Choosing exercises for {part} that are really done",
    "I would like to know when to leave {part} alone",
)
_PART = (
    "the upper neck", "the jaw and what hangs on it", "a shoulder blade that sticks", "the first rib", "the small muscles under the skull",
    "the levator", "nerves that run down the arm", "the front of the neck", "a frozen shoulder", "the collarbone", "breathing muscles",
)  # fmt: skip
_FEAR = (
    "Hurting {one}",
    "I am afraid of missing a warning sign in {one}",
    "That {one} gets worse after I treated them",
    "Not knowing what to say when {one} asks how long it takes",
    "I worry that {one} expects wonders from me",
    "Losing {one} to somebody with more letters behind the name",
    "Working too hard on {one} and ruining my own hands",
)
_ONE = (
    "an older client with brittle bones", "somebody who takes blood thinners", "a pregnant woman", "an athlete before a race", "a client who cries",
    "a man who never says what hurts", "my oldest regular", "a doctor who is my patient", "somebody after an accident", "a teenager", "a friend",
    "a client who reads everything on the internet", "someone who faints easily",
)  # fmt: skip
_RESULT = (
    "A plan for {who} that fits on one page",
    "I expect to treat {who} with less force and more effect",
    "Fewer repeat visits of {who}, and more recommendations",
    "To have the courage to send {who} to a doctor when it is right",
    "That {who} can help themselves at home",
    "A workshop for {who} that I can offer in autumn",
    "I hope to charge what my work for {who} is worth",
)
_MODEL = (
    "A small practice in {town}, two treatment rooms and a waiting list",
    "Mobile, with a folding table in the car, all around {town}",
    "Employed in a rehab clinic near {town}, twenty minutes for each patient",
    "I rent a room above a bakery in {town} on Tuesdays and Thursdays",
    "A sports club in {town}, mostly evenings and weekends",
    "Hotel spa in {town}, new guests every week",
    "At home in {town}, in the room where my children used to sleep",
    "Company visits in {town}, fifteen minutes a head on a massage chair",
)


def _of(parts: tuple[str, ...], at: int, stride: int) -> str:
    return parts[(at * stride + at // len(parts)) % len(parts)]


def _motivation(at: int) -> str:
    return _of(_CAUSE, at, 3).format(who=_people(at + 5), town=_of(_TOWN, at, 5)) + _ended(
        _of(_DETAIL, at, 4), at
    )


def _ended(detail: str, at: int) -> str:
    """A further sentence, or the full stop that every other learner leaves out."""
    return f". {detail}" if detail else "." * (at % 2)


def _people(at: int) -> str:
    return f"{_of(_WHO, at, 7)} {_of(_WITH, at, 4)}"


def _clients(at: int) -> str:
    people = _people(at)
    return people[0].upper() + people[1:] + (", " + _of(_WHO, at + 3, 5) if at % 4 == 1 else "")


def _filled(frames: tuple[str, ...], at: int, stride: int, **parts: str) -> str:
    return _of(frames, at, stride).format(**parts)


BY_QUESTION: Mapping[str, Callable[[int], str]] = {
    "motivation": _motivation,
    "target_clients": _clients,
    "skills_wanted": lambda at: _filled(_SKILL, at, 2, part=_of(_PART, at, 3)),
    "fears": lambda at: _filled(_FEAR, at, 4, one=_of(_ONE, at, 6)),
    "expected_results": lambda at: _filled(_RESULT, at, 5, who=_of(_WHO, at + 11, 3)),
    "practice_model": lambda at: _filled(_MODEL, at, 3, town=_of(_TOWN, at + 4, 8)),
}
STORIES = (
    "I started as a nurse on a night ward and moved patients with my back until it stopped me.",
    "Later a friend showed me how little force a shoulder needs, and I have been curious ever since.",
    "My mother still does the exercises that a stranger gave her on a train.",
    "I read books about pain, but books do not tell my fingers where to go.",
    "There is a man of seventy who comes every Monday and never gets better, and I think about him at night.",
    "In my town there are three practices and all of us do the same thing.",
    "When somebody says that it feels lighter, I do not know what I did.",
    "I would like to understand that, write it down and teach it to the two people who work with me.",
)
RUSSIAN = {
    "motivation": ("Хочу перестать действовать наугад и понимать, что чувствуют руки.", "Десять лет делаю одно и то же, хочу расти.", "Болела собственная шея, никто не мог объяснить почему"),
    "target_clients": ("Офисные работники с головной болью", "Молодые мамы и пожилые люди", "Водители и программисты"),
    "skills_wanted": ("Чувствовать разницу между короткой и уставшей мышцей", "Проверять шею за пять минут", "Спокойно объяснять, что происходит"),
    "fears": ("Навредить человеку после травмы", "Пропустить опасный симптом", "Что клиент не вернётся"),
    "expected_results": ("Уверенность и понятный план на шесть недель", "Меньше силы, больше пользы", "Чтобы люди занимались дома сами"),
    "practice_model": ("Небольшой кабинет в Казани, три дня в неделю", "Выезжаю на дом со складным столом", "Работаю в санатории, двадцать минут на человека"),
}  # fmt: skip
GERMAN = {
    "motivation": ("Ich möchte endlich verstehen, warum manche Nacken nie locker werden.", "Nach acht Jahren Wellness will ich therapeutisch arbeiten."),
    "target_clients": ("Büroangestellte mit Spannungskopfschmerzen", "Pflegekräfte und Handwerker"),
    "skills_wanted": ("Den Nacken sicher untersuchen", "Schichtweise tasten, ohne zu drücken"),
    "fears": ("Jemanden zu verletzen", "Dass ich eine Warnung übersehe"),
    "expected_results": ("Ein Ablauf, den ich erklären kann", "Weniger Kraft und mehr Wirkung"),
    "practice_model": ("Kleine Praxis in Lübeck, zwei Räume", "Mobil, mit Klappliege"),
}  # fmt: skip
SPANISH = {
    "motivation": ("Quiero dejar de adivinar y entender lo que toco.", "Mi madre tiene dolor de cuello desde hace años."),
    "target_clients": ("Músicos y profesores con dolor de cuello", "Personas mayores de mi barrio"),
    "fears": ("Hacer daño a alguien", "No saber qué decir"),
    "expected_results": ("Un plan sencillo para cada paciente", "Más seguridad en mis manos"),
    "practice_model": ("Una sala pequeña en Valencia", "A domicilio, con camilla plegable"),
}  # fmt: skip
