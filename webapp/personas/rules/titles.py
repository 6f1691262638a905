"""Reads a job title: the line of work behind it, how senior it is, and where one stands in running text."""

# ruff: noqa: E501, RUF001 - patterns of several languages, Cyrillic among them, one line of work a line

import re

from webapp.personas.rules.text import capital, small

# The first that matches wins, so the narrow ones stand before the wide ones.
_FUNCTIONS: tuple[tuple[str, str], ...] = (
    ("private", r"^(?:\w+ )?(?:mother|father|mum|mom|dad|parent|grandmother|grandfather|student|pensioner|retiree|homeowner|commuter|bride|runner|hobbyist|traveller)s?\b(?: of \w+)?$|^(?:мама|папа|мать|отец|родитель|студент(?:ка)?|пенсионер(?:ка)?)\b"),
    ("owner", r"(?<!product )(?<!process )\bowners?\b|\bco-?owner|founder|proprietor|inhaber|gründer|freelanc|self-employed|entrepreneur|restaurateur|hotelier|shopkeeper|\bfarmer\b|владел|собственни|основател|предпринимател"),
    ("it", r"\bc[id]o\b|\bciso\b|\bit\b|\bit-|information (technology|systems|security|officer)|cyber ?security|sys(tem)? ?admin|infrastructure|network|devops|\bedv\b|digital transformation|\bит\b|\bит-|информационн|сисадмин|\bайти"),
    ("procurement", r"procur|purchas|\bachats\b|compras|\bbuyers?\b|sourcing|category manager|\beinkauf|einkäufer|закуп|снабж"),
    ("hr", r"\bhr\b|\bhrd\b|human resource|ressources humaines|recursos humanos|\bpeople (officer|operation|partner|lead|and culture|& culture)|head of people|\bchro\b|talent|recruit|learning (and|&) development|\bpersonal(leit|abteil|refer|wesen|chef)|персонал|кадр"),
    ("legal", r"\blegal\b|lawyer|counsel\b|complian|attorney|notary|data protection|privacy|jurist|rechts|юрист|правов|комплаенс|юридич"),
    ("finance", r"\bcfo\b|financ|finanz|finanzas|controller|controlling|accountan|accounting|treasur|bookkeep|\btax\b|auditor|kaufmännische|buchhalt|финанс|бухгалт|казнач"),
    ("product", r"\bcpo\b|product (manager|owner|lead|officer|management|director)|(head|vp|director|vice president),? (of )?product\b|produktmanag|продакт|по продукт|управлени\w+ продукт"),
    ("marketing", r"\bcmo\b|marketing|fundrais|\bbrand|communications?\b|\bpr\b|content|\bgrowth\b|demand gen|\bseo\b|social media|kommunikation|маркет|бренд|реклам"),
    ("success", r"customer (success|service|care|support|experience|relation)|client (success|service)|\bsupport\b|kundendienst|kundenservice|клиентск|поддержк"),
    ("sales", r"\bsales|\bventes\b|\bventas\b|\bcro\b|\brevenue\b|business development|account (executive|manager|director)|vertrieb|verkauf|commercial|продаж|сбыт|коммерческ"),
    ("admin", r"office manager|practice manager|\bassistant\b|secretar|reception|administrat(or|ion|ive)|front[- ]desk|praxismanag|sekret|assistenz|администратор|секретар|офис-менеджер"),
    ("clinical", r"\bnurs|physician|\bdoctor\b|surgeon|medical|clinical|therap|physio|dentist|dental|midwi|pharmacist|veterinar|\bward\b|\bcmo \(med|arzt|ärzt|pflege|\bмед|врач|сестра|клинич|терапевт|стоматолог|ветеринар|реабилитолог"),
    ("education", r"teacher|\bprincipal$|school principal|headmaster|head of school|professor|lecturer|\bdean\b|tutor|academic|curriculum|learning|lehrer|rektor|schulleit|учител|завуч|преподав|педагог|ректор|методист"),
    ("supply", r"supply[- ]chain|logisti|warehouse|transport|\bfleet|dispatch|freight|inventory|disponent|\blager|логист|склад|транспорт"),
    ("site", r"\bestimator|site (manager|supervisor|lead)|construction|facilit|foreman|superintendent|(building|property|estate) manager|bauleit|polier|hausverwalt|прораб|стройк|строител|эксплуатац"),
    ("engineering", r"\bcto\b|engineer|developer|\br&d\b|research|technical (director|lead|manager)|\bcdo\b|architect|software|data scien|entwickl|ingenieur|технолог|инженер|разработ|конструктор|технич"),
    ("operations", r"\bcoo\b|operation|opérations|operaciones|operazioni|production|plant (manager|director)|process|quality|manufactur|betriebsleit|produktion|werksleit|операцион|производств|качеств"),
    ("management", r"\bceo\b|chief executive|managing director|general (manager|director)|(?<!vice )(?<!vice-)\bpresident\b|executive director|geschäftsführ|vorstand|\bmayor\b|генеральн\w+ директор|гендиректор|исполнительн\w+ директор|управляющ|gérant|directeur général|director general|^директор$|^director$|^directeur$"),
    ("advisory", r"consult|advis[eo]r|\bpartner\b|associate\b|\bcoach|beratung|berater|консультант|партн[её]р"),
    ("management", r"manager of (a|an|the) |director of (a|an|the) |директор|leiterin?$"),
)  # fmt: skip
_SENIORITIES: tuple[tuple[str, str], ...] = (
    ("owner", r"(?<!product )(?<!process )\bowner|founder|proprietor|inhaber|gründer|freelanc|self-employed|entrepreneur|restaurateur|hotelier|shopkeeper|\bfarmer\b|владел|собственни|основател|предпринимател"),
    ("vp", r"\b[se]?vp\b|vice[- ]president|вице-президент"),
    ("c", r"\bc[a-z]{1,2}o\b|\bchief\b|c[- ]?(suite|level)|\bexecutive\b(?! assistant)|\bpresident\b|geschäftsführ|vorstand|managing director|\bcxo\b|general director|генеральн\w+ директор|гендиректор|directeur général|^(managing |equity |senior )?partner$|\bboard member"),
    ("director", r"\bdirector|direktor|directeur|directrice|direttor|директор"),
    ("head", r"\bhead\b|\blead(er)?\b|leit(er|ung)|\bchef|\bprincipal\b(?! (engineer|consultant))|\bdean\b|foreman|superintendent|responsable|руководител|начальник|\bглав|завед|завуч|прораб"),
    ("manager", r"manager|supervisor|coordinator|koordinat|менеджер|управляющ|координатор"),
    ("senior", r"\bsenior\b|\bexpert\b|\bstaff engineer|principal|старш|ведущ"),
    ("individual", r"\w"),
)  # fmt: skip
_FIELD_SENIORITIES = {
    "entry": "individual",
    "intern": "individual",
    "training": "individual",
    "unpaid": "individual",
}

_ABBREVIATIONS = {
    "chief executive officer": "CEO",
    "chief marketing officer": "CMO",
    "chief financial officer": "CFO",
    "chief information officer": "CIO",
    "chief technology officer": "CTO",
    "chief operating officer": "COO",
    "chief information security officer": "CISO",
    "chief human resources officer": "CHRO",
    "chief revenue officer": "CRO",
    "chief product officer": "CPO",
    "vice president": "VP",
}
_LONG_FORMS = {short.casefold(): capital(long) for long, short in _ABBREVIATIONS.items()}

_NOUNS = (
    "owner|founder|proprietor|director|manager|nurse|physician|doctor|dentist|therapist|physiotherapist|pharmacist|"
    "midwife|veterinarian|teacher|principal|headteacher|professor|lecturer|lawyer|attorney|counsel|notary|accountant|"
    "controller|bookkeeper|buyer|purchaser|planner|dispatcher|engineer|developer|architect|analyst|scientist|consultant|"
    "partner|adviser|advisor|agent|broker|chef|restaurateur|hotelier|shopkeeper|baker|butcher|farmer|photographer|"
    "designer|coach|trainer|recruiter|receptionist|assistant|secretary|administrator|coordinator|foreman|superintendent|"
    "supervisor|technician|electrician|plumber|driver|mayor|officer|clerk|librarian|producer|editor|journalist|marketer|"
    "salesperson|seller|president|entrepreneur|freelancer|specialist|researcher|surgeon|paramedic|carer|tutor|dean|"
    "vet|mother|father|mum|mom|dad|parent|student|pensioner|retiree|homeowner|commuter|"
    "treasurer|auditor|strategist|optician|osteopath|psychologist|florist|hairdresser|tailor|brewer|winemaker|lead"
)
_NOT_BEFORE = (
    "the|a|an|our|my|your|their|his|her|its|this|that|is|was|are|as|for|of|with|by|from|at|in|on|to|and|or|but|who|"
    "which|typical|busy|overworked|stressed|ambitious|young|old|older|new|experienced|sceptical|skeptical|successful|"
    "female|male|modern|hands-on|career|every|each|any|some|most|one|two|three|four|five|small|large|big|mid-sized|"
    "has|have|had|be|being|become|became|former|tired|like|likes|hates|wants|needs|not|no|when|while|ask|asks|find|meet|"
    "running|owning|leading|managing|helping|working|being|die|der|das|ein|eine|unsere|solo"
)
_ENGLISH = re.compile(
    r"\b(?:(?:single|working|young) )?(?:mother|father|mum|mom|dad|parent) of [a-z]+\b"
    r"|\b(chief [a-z]+(?: [a-z]+){0,2} officer|c[efimohtprd]{1,2}o|ciso)\b"
    r"|\b(?:(?:senior|executive|group|regional|global|deputy|assistant|interim) ){0,2}"
    r"(?:vice president|[se]?vp|head|director|leader|manager)(?: of | for )(?!a |an |the |one |two |three |our |several |\d)"
    r"[a-z&-]+(?: (?:and|&) [a-z-]+| (?!at |in |of |who |with |for |and |or |on |is |has |from )[a-z-]+){0,2}"
    rf"|\b(?:(?!and |or )[a-z&-]+ ){{0,3}}(?:co-)?(?:{_NOUNS})s?\b",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"\b(?:\w+e[rn]? )?\w*(?:geschäftsführer|inhaber|leiter|einkäufer|pflegedienstleitung|arzt|ärzt|lehrer|berater|therapeut|"
    r"gründer|direktor|referent|meister)(?:in)?\b(?: (?:für|der|des|Einkauf|Vertrieb|Marketing|IT|Personal|Logistik|Finanzen)(?: [A-ZÄÖÜ]\w+)?)?",
    re.IGNORECASE,
)
_RUSSIAN = re.compile(
    r"\b(?:(?:главн|старш|генеральн|финансов|коммерческ|исполнительн|техническ|операционн|медицинск|ведущ|заместител)\w* ){0,2}"
    r"(?:со)?(?:владелец|владелица|директор|руководитель(?:ница)?|начальник|начальница|заведующ(?:ий|ая)|медсестра|врач|главврач|"
    r"менеджер|бухгалтер|юрист|учитель(?:ница)?|завуч|основатель(?:ница)?|собственни(?:к|ца)|маркетолог|администратор|"
    r"управляющ(?:ий|ая)|предприниматель(?:ница)?|логист|закупщик|закупщица|инженер|прораб|тренер|преподаватель(?:ница)?|"
    r"специалист|консультант|стоматолог|фермер|технолог|продавец|ректор|методист|эксперт)\b"
    r"(?: по (?:\w+)(?: и \w+)?| (?:отдела|службы|департамента|направления|цеха|смены) \w+| (?:продаж|маркетинга|закупок|производства|логистики))?",
    re.IGNORECASE,
)


def function_of(text: str) -> str:
    """The key of the line of work that a title or a department names; "" when none does."""
    plain = text.casefold().replace("_", " ").strip()
    return next((key for key, pattern in _FUNCTIONS if re.search(pattern, plain)), "")


def seniority_of(text: str) -> str:
    """The key of the seniority that a title or a seniority field names; "" for an empty text."""
    plain = text.casefold().replace("_", " ").strip()
    for word, key in _FIELD_SENIORITIES.items():
        if word in plain.split():
            return key
    return next((key for key, pattern in _SENIORITIES if re.search(pattern, plain)), "")


def present_title(text: str) -> str:
    """A title as given, without the employer and the slogans that people append to it."""
    title = re.split(r"\s[|•·/]\s|\s[-–—]\s|\n|\s(?:at|@|bei|в компании|chez)\s|@", text.strip())[0]
    title = title.strip(" .,;:-–—|")
    if title.islower() and not is_english(title):
        title = " ".join(word if len(word) < 4 else capital(word) for word in title.split())
    return capital(title) if 1 < len(title) <= 100 and re.search(r"[^\W\d_]{2}", title) else ""


def is_english(title: str) -> bool:
    """Whether a title is an English one, as far as its spelling tells."""
    return title.isascii() and not _GERMAN.search(title)


def title_in(text: str) -> str:
    """The first job title in running text, without the adjectives that describe the person; "" when none."""
    found = [match for pattern in (_ENGLISH, _GERMAN, _RUSSIAN) if (match := pattern.search(text))]
    if not found:
        return ""
    first = min(found, key=lambda match: match.start())
    return capital(_singular(_without_lead(first[0])))


def _singular(title: str) -> str:
    return title[:-1] if re.search(rf"\b(?:{_NOUNS})s$", title, re.IGNORECASE) else title


def _without_lead(title: str) -> str:
    """Drop what stands before the title proper: articles, verbs, adjectives about the person."""
    kept = title.split()
    if " of " in title or " for " in title or re.search("[А-Яа-я]", title):
        return title  # such patterns begin with the title itself
    cut = max((i + 1 for i, word in enumerate(kept[:-1]) if _no_part(word)), default=0)
    return " ".join(kept[cut:])


def _no_part(word: str) -> bool:
    return bool(re.fullmatch(_NOT_BEFORE, word.casefold())) or bool(re.search(r"\d|-old$", word))


def short_title(title: str) -> str:
    """The title as used inside a sentence: usual abbreviations, English words in lower case."""
    plain = title
    for long, short in _ABBREVIATIONS.items():
        plain = re.sub(rf"\b{long}\b", short, plain, flags=re.IGNORECASE)
    if not is_english(title) or not _ENGLISH.search(plain):
        return plain if not re.search(r"[А-Яа-я]", plain) else small(plain)
    return " ".join(word if _is_sign(word) else word.lower() for word in plain.split())


def other_title(title: str) -> str:
    """Another way to write the same title (CMO, Chief Marketing Officer); "" when there is none."""
    if title.casefold() in _LONG_FORMS:
        return _LONG_FORMS[title.casefold()].title()
    short = short_title(title)
    return capital(short) if short.casefold() != title.casefold() else ""


def _is_sign(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1 or any(c.isdigit() for c in word)
