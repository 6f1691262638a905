"""Reads what kind of company a text is about: the line of business, the kind of place, the words used there."""

# ruff: noqa: E501, RUF001 - patterns of several languages, Cyrillic among them, one line of business a line

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_INDUSTRIES: tuple[tuple[str, str], ...] = (
    ("fitness", r"fitness|\bgyms?\b|yoga|pilates|wellness|\bspa\b|sports? club|фитнес|тренаж[её]рн|йог[аи]\b|салон\w* красоты"),
    ("health", r"health|hospital|clinic|medical|medic(?:al|ine)\b|physio|therap(?:y|ist)|rehab|dental|dentist|nursing|\bnurse|patient|pharma(?:cy|cies|cist)|\bcare home|veterinar|\bpraxis|praxen|klinik|krankenh|pflege|gesundheit|arztpraxis|клиник|больниц|медицин|здравоохран|стоматолог|пациент|реабилит|аптек|медцентр|врач"),
    ("education", r"education|school|universit|college|e-learning|teacher|\bstudents?\b|\bpupils?\b|academy|kindergarten|nursery school|bildung|schule|hochschule|образован|школ|университет|колледж|учебн|детск\w+ сад|\bкурсы\b|курсов"),
    ("hospitality", r"hospitality|hotel|restaurant|\bcaf[eé]|catering|\bfood (?:service|and beverage|& beverage)|\bbars?\b|brewery|bakery|\bguests?\b|gastronom|gastgewerbe|bäckerei|отел[ьяеи]|гостини|ресторан|кафе\b|кофейн|общепит|пекарн"),
    ("logistics", r"logistic|freight|shipping|warehous|transport|trucking|courier|carrier|haulage|forward(?:er|ing)|spedition|logistik|логист|грузо|перевоз|склад|доставк"),
    ("construction", r"construct|real estate|building (?:firm|company|contractor|materials)|contractor|architecture firm|property (?:management|developer)|facility|roofing|plumbing|carpent|building crew|joinery|bau(?:unternehmen|gewerbe|firma)|immobilien|handwerk|строит|недвижим|застрой|девелоп"),
    ("finance", r"\bbank(?:s|ing)?\b|insurance|insurer|financial services|fintech|asset management|credit union|investment|versicherung|\bsparkasse|банк|страхов|финансов\w+ (?:услуг|организац|компани)|инвестиц"),
    ("public", r"public (?:sector|administration|service)|government|municipal|ministry|city council|council\b|town hall|authorit(?:y|ies)\b|behörde|kommune|stadtverwaltung|verwaltung|госсектор|муниципал|администрац\w+ (?:город|район|област)|министерств|ведомств|государственн"),
    ("nonprofit", r"non-?profit|charit|\bngo\b|foundation\b|fundrais|volunteer|donors?\b|gemeinnützig|stiftung|verein\b|некоммерч|\bнко\b|благотворит|волонт[её]р|фонд\b"),
    ("agriculture", r"agricultur|\bfarm(?:s|ing|er|ers)?\b|vineyard|winery|dairy|landwirtschaft|сельск\w+ хоз|агро|ферм[аеуы]|фермер"),
    ("energy", r"\benergy\b|utilit(?:y|ies)\b|power (?:grid|plant)|renewable|solar|wind (?:farm|power)|oil (?:and|&) gas|water supply|stadtwerke|energie|энерг|электросет|водоканал|жкх"),
    ("media", r"advertis|marketing (?:agency|services)|\bagenc(?:y|ies)\b|publish|media\b|\bpr\b agency|film|design studio|werbeagentur|verlag|рекламн|агентств|медиа|издательств"),
    ("saas", r"\bsaas\b|software|information technology|\bit services|computer|internet|\bapps?\b (?:company|maker)|tech(?:nology)? (?:company|start-?up)|start-?up|cloud|cyber|\bit-|informationstechn|разработк\w+ (?:по\b|программ)|программн\w+ обеспеч|\bit\b-компан|айти|стартап"),
    ("manufacturing", r"manufactur|\bfactor(?:y|ies)|\bplants?\b|machinery|industrial|automotive|mechanical|chemical|electronics|pharmaceutical|packaging|textile|metal|maschinenbau|furniture|plastics|\bfabrication|aerospace|semiconductor|fertigung|industrie|produktionsbetrieb|завод|фабрик|производств|машиностро|промышлен|цех"),
    ("retail", r"retail|e-?commerce|online shop|\bshops?\b|\bstores?\b|supermarket|fashion|consumer goods|wholesale|boutique|einzelhandel|handel\b|großhandel|laden\b|розни|магазин|интернет-торгов|торгов|супермаркет|маркетплейс"),
    ("services", r"professional services|consult|law (?:firm|practice)|legal services|accounting|tax (?:firm|adviser|advisor)|management consulting|staffing|recruiting|architects\b|engineering office|kanzlei|steuerberat|beratung|консалт|юридическ|адвокат|бухгалтерск\w+ (?:услуг|фирм|компани)|аудитор"),
)  # fmt: skip

_PASSING = {
    "saas": r"\bsaas\b|software (?:company|companies|firm|vendor|house|maker)|start-?up|tech compan|it (?:services|compan)|ит-компани|it-компани|стартап|разработчик",
    "media": r"agenc|publish|агентств|издательств",
    "logistics": r"logistic|freight|carrier|haul|forward|trucking|spedition|логист|грузо|транспортн",
}
_PLACE_NOUNS: dict[str, str] = {
    "clinic": "health", "hospital": "health", "practice": "health", "pharmacy": "health", "care home": "health",
    "nursing home": "health", "medical centre": "health", "medical center": "health", "laboratory": "health",
    "school": "education", "university": "education", "college": "education", "academy": "education",
    "kindergarten": "education", "nursery": "education", "hotel": "hospitality", "restaurant": "hospitality",
    "café": "hospitality", "cafe": "hospitality", "bakery": "hospitality", "brewery": "hospitality",
    "bank": "finance", "insurer": "finance", "insurance company": "finance", "credit union": "finance",
    "factory": "manufacturing", "plant": "manufacturing", "manufacturer": "manufacturing", "workshop": "manufacturing",
    "carrier": "logistics", "haulier": "logistics", "warehouse": "logistics", "freight forwarder": "logistics",
    "logistics company": "logistics", "retailer": "retail", "shop": "retail", "store": "retail",
    "boutique": "retail", "supermarket": "retail", "wholesaler": "retail", "webshop": "retail",
    "agency": "media", "publisher": "media", "law firm": "services", "tax firm": "services", "consultancy": "services",
    "accounting firm": "services", "software company": "saas", "saas company": "saas", "startup": "saas",
    "start-up": "saas", "tech company": "saas", "gym": "fitness", "studio": "fitness", "fitness chain": "fitness",
    "spa": "fitness", "charity": "nonprofit", "foundation": "nonprofit", "ngo": "nonprofit",
    "municipality": "public", "city council": "public", "ministry": "public", "town hall": "public",
    "farm": "agriculture", "winery": "agriculture", "vineyard": "agriculture", "utility": "energy",
    "building firm": "construction", "construction company": "construction", "contractor": "construction",
    "property manager": "construction", "estate agency": "construction", "dealership": "retail", "museum": "public",
}  # fmt: skip
_VAGUE = frozenset(
    {"business", "company", "firm", "chain", "supplier", "distributor", "importer"}
)  # these need a word that says which
_IRREGULAR = {"pharmacies": "pharmacy", "universities": "university", "bakeries": "bakery", "agencies": "agency"} | {
    "factories": "factory", "charities": "charity", "breweries": "brewery", "academies": "academy",
    "consultancies": "consultancy", "utilities": "utility", "companies": "company", "cafés": "café",
    "municipalities": "municipality", "nurseries": "nursery", "laboratories": "laboratory", "wineries": "winery",
    "estate agencies": "estate agency", "ministries": "ministry",
}  # fmt: skip
_PLACE_NOUNS |= dict.fromkeys(_VAGUE, "")
_PLURALS = "|".join([*_IRREGULAR, *(f"{noun}s" for noun in _PLACE_NOUNS if noun[-1] != "y")])
_PLACE = re.compile(
    rf"\b((?:[\w&-]+ ){{0,3}})({'|'.join(sorted(_PLACE_NOUNS, key=len, reverse=True))}|{_PLURALS})\b(?!-|\s(?:partner|development|unit|manager|owner|analyst|administ))",
    re.IGNORECASE,
)
_NO_MODIFIER = re.compile(
    r"^(the|an?|our|my|your|their|his|her|its|this|that|these|those|of|in|at|for|with|by|from|to|and|or|but|is|was|are|as|on|"
    r"runs?|running|owns?|owning|leads?|leading|manages?|managing|works?|working|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"several|many|some|every|each|all|small|smaller|large|larger|big|mid-sized|mid-size|midsize|mid-market|medium-size|medium-sized|medium|tiny|huge|growing|local|new|old|"
    r"busy|typical|modern|whole|best|good|better|first|independent|helps?|lets?|who|which|where|family-run|own|other|enterprise|"
    r"owners?|managers?|directors?|sells?|makes?|between|per|than|into|out|up|any|no|not|.*\d.*|helping|selling|making|drowning|people|into|across|like|"
    r"named|called|next|last|same|more|most|fewer|less|bigger|leading|private-equity-owned|multi-site|multisite|about|around|approx)$",
    re.IGNORECASE,
)

# Words that change with the kind of place or the people who work there; the first match wins.
_OVERRIDES: tuple[tuple[str, dict[str, str]], ...] = (
    (r"hospital|\bward\b|krankenhaus", {"staff": "ward teams", "work": "care", "place": "hospital", "places": "hospitals"}),
    (r"\bnurs(?!ery)", {"staff": "nurses", "work": "care"}),
    (r"rehab", {"staff": "therapists", "place": "rehab clinic", "places": "rehab clinics"}),
    (r"physio", {"staff": "therapists", "place": "physiotherapy practice", "places": "physiotherapy practices"}),
    (r"therap", {"staff": "therapists"}),
    (r"dent(al|ist)|zahn", {"staff": "dental teams", "place": "dental practice", "places": "dental practices"}),
    (r"veterinar|\bvet\b", {"clients": "pet owners", "client": "pet owner", "staff": "vets", "place": "veterinary practice", "places": "veterinary practices"}),
    (r"pharmac(y|ies|ist)", {"clients": "customers", "client": "customer", "staff": "pharmacists", "work": "advice", "place": "pharmacy", "places": "pharmacies"}),
    (r"care home|nursing home", {"clients": "residents", "client": "resident", "staff": "carers", "work": "care"}),
    (r"universit|college|hochschule", {"staff": "lecturers", "place": "university", "places": "universities"}),
    (r"law (firm|practice)|lawyer|kanzlei", {"staff": "lawyers", "place": "law firm", "places": "law firms"}),
    (r"accounting|tax (firm|advis)|steuerberat", {"staff": "accountants", "place": "accounting firm", "places": "accounting firms"}),
    (r"hotel", {"place": "hotel", "places": "hotels"}),
    (r"restaurant|gastronom", {"place": "restaurant", "places": "restaurants"}),
    (r"e-?commerce|online shop|webshop", {"staff": "shop teams", "place": "online shop", "places": "online shops"}),
    (r"\bbank(s|ing)?\b", {"place": "bank", "places": "banks"}),
    (r"insur|versicherung", {"place": "insurer", "places": "insurers"}),
    (r"real estate|property|immobilien", {"clients": "tenants and owners", "client": "tenant", "staff": "property teams", "work": "looking after buildings", "place": "property company", "places": "property companies"}),
    (r"wholesale|großhandel", {"clients": "trade customers", "client": "trade customer", "staff": "sales and warehouse teams", "place": "wholesaler", "places": "wholesalers"}),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A kind of place ("rehab clinic"), its line of business, and the words it changes."""

    noun: str = ""
    industry: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def industry_in(text: str, *, stated: bool = True) -> str:
    """The key of the line of business that a text speaks of most; "" when it speaks of none.

    In running text (`stated` false) words like "software" say what somebody uses, not what they sell.
    """
    plain = text.casefold()
    counted = [
        (len(re.findall(pattern, plain)), -order, key)
        for order, (key, pattern) in enumerate(_INDUSTRIES)
        if stated or key not in _PASSING or re.search(_PASSING[key], plain)
    ]
    most = max(counted)
    return most[2] if most[0] else ""


_GERMAN_PLACES = (
    (r"pflegeheim|altenheim|seniorenheim", "care home"),
    (r"krankenhaus|krankenhäuser", "hospital"),
    (r"rehaklinik|reha-klinik", "rehab clinic"),
    (r"klinik", "clinic"),
    (r"zahnarztpraxis|zahnarztpraxen", "dental practice"),
    (r"physiotherapie|physiopraxis|physiopraxen", "physiotherapy practice"),
    (r"praxis\b|praxen\b", "practice"),
    (r"apotheke", "pharmacy"),
    (r"hochschule|universität", "university"),
    (r"schule\b|gymnasium", "school"),
    (r"steuerkanzlei|steuerberat", "tax firm"),
    (r"kanzlei", "law firm"),
    (r"bäckerei", "bakery"),
    (r"werbeagentur|agentur\b", "agency"),
    (r"spedition", "carrier"),
    (r"bauunternehmen|baufirma", "building firm"),
    (r"stadtverwaltung|gemeinde\b", "municipality"),
)


def place_in(text: str) -> Place:
    """The first kind of place that a text names, in the singular, with at most two describing words."""
    text = without_lumps(text)
    for found in _PLACE.finditer(text):
        noun = _singular(found[2].casefold())
        if noun == "practice" and re.search(r"(in|best|good|of|into)\s+$", text[: found.start(2)].casefold()):
            continue
        if noun in _VAGUE and _described(found[1], noun) == noun:
            continue
        return Place(
            _described(found[1], noun).replace("saas", "SaaS").replace("ngo", "NGO"),
            _PLACE_NOUNS.get(noun, ""),
        )
    plain = text.casefold()
    german = next((noun for pattern, noun in _GERMAN_PLACES if re.search(pattern, plain)), "")
    return (
        Place(german, _PLACE_NOUNS.get(german.split()[-1] if german else "", "health")) if german else Place()
    )


def without_lumps(text: str) -> str:
    """The text without directory labels that lump kinds together: "Hospital & Health Care" is no hospital."""
    return re.sub(r"\bhospitals?\s*(?:&|and)\s*health\s?care\b", "health care", text, flags=re.IGNORECASE)


def words_for(text: str, industry: str) -> dict[str, str]:
    """The words that a text changes in an industry's vocabulary (whom they serve, who does the work)."""
    plain = without_lumps(text).casefold()
    for pattern, words in _OVERRIDES:
        if re.search(pattern, plain) and industry_in(_sample(words)) in {"", industry}:
            return dict(words)
    return {}


def _sample(words: Mapping[str, str]) -> str:
    """What an override is about, for telling whether it belongs to an industry."""
    return " ".join(words.values())


def _described(before: str, noun: str) -> str:
    kept: list[str] = []
    for word in reversed(before.split()):
        if _NO_MODIFIER.match(word) or (word[:1].isupper() and not _is_sign(word)) or len(kept) == 2:
            break
        kept.insert(0, word)
    return " ".join([*kept, noun])


def _is_sign(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1


def _singular(noun: str) -> str:
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    return noun if noun in _PLACE_NOUNS else noun.removesuffix("s")
