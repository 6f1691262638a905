"""The demo company's side of personas: profile, products, contacts, finished personas, enrichment documents."""

# ruff: noqa: E501 - texts stay on their lines, with the dashes they are printed with

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.personas.facts import CompanyProfile, PersonFacts, ProductFacts

KEY = "demo"

COMPANY = CompanyProfile(
    name="Alsterhof Therapy Supply",
    about=(
        "We supply physiotherapy practices, rehab clinics and gyms with consumables, training equipment and the "
        "software that keeps their stock in order. Family-owned, 85 people, warehouse in Hamburg."
    ),
    audience="Owners and managers of therapy practices, heads of therapy and purchasing in rehab clinics and hospitals",
    industry="Medical supplies",
    market="Germany, Austria, Switzerland and the Netherlands",
    language="English",
)


@dataclass(frozen=True)
class DemoProduct:
    """A product under a key that fits can name."""

    key: str
    facts: ProductFacts


@dataclass(frozen=True)
class DemoFit:
    """Why a persona fits a product."""

    product: str
    value_prop_to_them: str
    alignment_reasoning: str


@dataclass(frozen=True)
class DemoPersona:
    """A finished persona: the eleven fields by their Python names, and its product fits."""

    person_name: str
    title: str
    role: str
    seniority: str
    core_goal: str
    pain_points: tuple[str, ...]
    need_for_our_product: str
    potential_pitch: str
    industry: str
    company_size: str
    company: str
    fits: tuple[DemoFit, ...] = ()


PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(
        "shelf",
        ProductFacts(
            name="ShelfSense",
            description=(
                "Stock management for therapy practices. Weighs each shelf, reorders consumables before they run out "
                "and bundles everything into one delivery a week. Works with the practice software already in use."
            ),
            value_proposition="No more runs to the pharmacy and fewer expired packs.",
            target_market="Practice owners and managers with 5 to 60 therapists",
            price_note="From €39 per site and month; scales are lent free of charge",
        ),
    ),
    DemoProduct(
        "bands",
        ProductFacts(
            name="Recovery Bands",
            description=(
                "Latex-free resistance bands in five strengths, delivered on a roll and cut to length. "
                "They keep their tension for a year and can be wiped clean between patients."
            ),
            value_proposition="One roll for the whole practice, no allergic reactions.",
            target_market="Physiotherapy practices, rehab clinics, gyms with a physio room",
            price_note="€54 per 50 m roll, discounts from ten rolls",
        ),
    ),
    DemoProduct(
        "couch",
        ProductFacts(
            name="Halyard treatment couches",
            description=(
                "Electric treatment couches with a ten-year guarantee on the motor. Our fitters install them outside "
                "opening hours and replace a faulty couch within two working days."
            ),
            value_proposition="A treatment room that is never closed for repair.",
            target_market="Rehab clinics, hospitals and multi-site practices",
            price_note="From €2,480, leasing over 60 months possible",
        ),
    ),
    DemoProduct(
        "course",
        ProductFacts(
            name="Hands-On Campus",
            description=(
                "Certified further training for therapy teams, half online and half at the treatment table. "
                "Keeps track of every certificate and reminds managers before one expires."
            ),
            value_proposition="Training that counts towards certification without closing the practice for a day.",
            target_market="Heads of therapy and HR in clinics and practice groups",
            price_note="€480 per therapist and year",
        ),
    ),
)

CONTACTS: tuple[PersonFacts, ...] = (
    PersonFacts(name="Katrin Voß", email="k.voss@praxis-elbufer.example", title="Practice owner", seniority="Owner", company="Praxis am Elbufer", industry="Physiotherapy", headcount="14", location="Hamburg, Germany", notes="Two sites since spring. Struggles with stock lists that nobody keeps. Wants to stop driving to the wholesaler on Saturdays."),
    PersonFacts(name="Thomas O’Shaughnessy", email="thomas@harbour-rehab.example", title="Head of Therapy", department="Therapy", company="Harbour Rehab Clinic", industry="Hospital & health care", headcount="230", revenue="€18M", location="Bremen, Germany", notes="Afraid of losing two senior therapists to the competition. Cares about certified training."),
    PersonFacts(name="نادية الخطيب", email="n.alkhatib@donauklinik.example", title="Director of Procurement", seniority="Director", department="Purchasing", company="Donauklinik Gruppe", industry="Hospital & health care", headcount="1,850", revenue="€140M", location="Linz, Austria", notes="Consolidating suppliers from 60 to 20. Tired of small invoices."),
    PersonFacts(name="Łukasz Żółkiewski", email="lukasz@ruch-studio.example", title="Founder", company="Studio Ruch", industry="Fitness", headcount="6", location="Rotterdam, Netherlands", notes="Former athlete. Opens at six, closes at ten."),
    PersonFacts(name="Marie-Hélène Dufour", title="Directrice des opérations", company="Clinique du Lac", industry="Hospital & health care", headcount="380", location="Lausanne, Switzerland"),
    PersonFacts(name="Björn Ekström", email="bjorn.ekstrom@vita-gyms.example", title="Facility Manager", department="Facilities", company="Vita Gyms", industry="Health, wellness & fitness", headcount="201-500", location="Groningen, Netherlands", notes="14 clubs. Complains about equipment that stands broken for weeks."),
    PersonFacts(name="Dr. Ayşe Yıldız", email="yildiz@mvz-suedstadt.example", title="Medical Director", seniority="C-level", company="MVZ Südstadt", industry="Medical practice", headcount="62", location="Cologne, Germany", notes="Sceptical about anything with a monthly fee."),
    PersonFacts(name="Peter Lindqvist", email="p.lindqvist@nordsport.example", company="Nordsport Federation", industry="Sports", headcount="45", location="Kiel, Germany"),
    PersonFacts(name="Sofía Núñez Prieto", email="sofia@inselreha.example", title="HR Manager", department="Human resources", company="Inselreha", industry="Hospital & health care", headcount="510", location="Westerland, Germany", notes="Eleven open positions. Wants a reason for therapists to move to an island."),
    PersonFacts(name="Jan de Wit", email="jan@fysiodewit.example", title="Physiotherapist", company="Fysio de Wit", industry="Physiotherapy", headcount="1", location="Utrecht, Netherlands", notes="Self-employed, no time for ordering. Hates software with a manual."),
    PersonFacts(name="Ольга Сергеевна Белова", email="belova@reha-zentrum.example", title="Chief Financial Officer", company="Reha-Zentrum Ostsee", industry="Hospital & health care", headcount="640", revenue="€52M", location="Rostock, Germany", notes="Needs figures on the cost per treatment."),
    PersonFacts(name="Chidi Okonkwo", email="c.okonkwo@campus-therapie.example", title="Vocational school principal", department="Teaching", company="Campus Therapie", industry="Education", location="Hanover, Germany", notes="Trains 120 future therapists a year."),
)  # fmt: skip

PERSONAS: tuple[DemoPersona, ...] = (
    DemoPersona(
        person_name="The two-site practice owner",
        title="Practice owner",
        role="Treats patients, leads the team and pays the bills; decides alone, usually in the evening.",
        seniority="Owner or founder",
        core_goal="Open the second site without becoming the person who carries boxes between the two.",
        pain_points=(
            "Gel, tape and covers run out on the day they are needed",
            "Stock lists exist and nobody keeps them",
            "Saturdays go into trips to the wholesaler",
            "Expired packs are thrown away without anyone adding up what they cost",
        ),
        need_for_our_product=(
            "Needs supplies to be simply there, at both sites, without appointing someone to count them. It has to work "
            "from the first week, explain itself to the team at the desk and show at the end of a quarter what it saved."
        ),
        potential_pitch=(
            "You opened a second site to treat more patients, not to carry boxes. ShelfSense weighs the shelves, orders in "
            "time and brings everything in one delivery a week, so that Saturday is Saturday again."
        ),
        industry="Healthcare",
        company_size="11–50 people, several sites",
        company="Owner-run physiotherapy practice in a large city",
        fits=(
            DemoFit("shelf", "Supplies for both sites arrive before they are missed.", "The pains are about counting, driving and expired stock, which is what the scales and the weekly delivery take away."),
            DemoFit("bands", "One roll serves both sites and every strength.", "Fewer articles to keep in stock; a small order that makes a low-risk start."),
        ),
    ),
    DemoPersona(
        person_name="The retention-minded head of therapy",
        title="Head of Therapy",
        role="Leads forty therapists; proposes purchases and has to win over the clinic's management.",
        seniority="Head of department",
        core_goal="Keep the good therapists and give every patient the same quality, whoever is on duty.",
        pain_points=(
            "Senior therapists leave for practices that pay for training",
            "Certificates expire unnoticed and become urgent overnight",
            "A training day means an empty treatment floor",
            "New therapists need half a year before they work alone",
        ),
        need_for_our_product=(
            "Needs training that therapists talk about and that does not empty the rota. Certificates have to be watched by "
            "something other than a spreadsheet, and the result has to be presentable to management in one page."
        ),
        potential_pitch=(
            "Your best people leave for places that invest in them. Hands-On Campus gives them certified training half at the "
            "table and half online, and you see every certificate before it expires."
        ),
        industry="Healthcare",
        company_size="201–1,000 people",
        company="Rehab clinic with inpatients, part of a small group",
        fits=(
            DemoFit("course", "Certified training without a closed treatment floor.", "Retention and certificates are the two pains named first, and both are what the campus is built for."),
        ),
    ),
    DemoPersona(
        person_name="The consolidating clinic purchaser",
        title="Director of Procurement",
        role="Answers for suppliers and framework contracts of several houses; compares line by line.",
        seniority="Director",
        core_goal="Fewer suppliers, firmer prices, and no ward that waits for material.",
        pain_points=(
            "Sixty suppliers send small invoices that cost more to process than the goods",
            "Each house orders its own couches on its own terms",
            "A couch out of order closes a treatment room for weeks",
            "Price rises arrive by letter in the middle of the year",
        ),
        need_for_our_product=(
            "Needs one reliable partner for treatment rooms with terms that hold for the length of the contract: installation "
            "outside opening hours, replacement with a date, one invoice for all houses."
        ),
        potential_pitch=(
            "Every closed treatment room is income you cannot catch up. With Halyard couches a faulty one is replaced within "
            "two working days, under one contract for all your houses."
        ),
        industry="Healthcare",
        company_size="More than 1,000 people",
        company="Hospital group with several houses",
        fits=(
            DemoFit("couch", "Treatment rooms that stay open, under one contract.", "Replacement time and one framework for all houses answer the pains about closed rooms and scattered terms."),
            DemoFit("shelf", "One delivery and one invoice a week for each house.", "Small invoices are the largest stated annoyance; bundling removes most of them."),
        ),
    ),
    DemoPersona(
        person_name="The one-room physiotherapist",
        title="Physiotherapist",
        role="Does everything alone, from treatment to tax; buys what explains itself.",
        seniority="Owner or founder",
        core_goal="Earn a good living with full days, free evenings and no staff to manage.",
        pain_points=(
            "Every hour of office work is an hour without income",
            "Small orders come with high postage and the worst terms",
            "Software arrives with a manual nobody has the time to read",
            "There is no storage room, so large packs are out of the question",
        ),
        need_for_our_product=(
            "Needs few things that last and take no room. Ordering has to be done between two patients, in small amounts, "
            "without an account to look after."
        ),
        potential_pitch=(
            "One roll of Recovery Bands covers five strengths and fits in a drawer. Cut what you need, wipe it clean, and "
            "think about ordering again next year."
        ),
        industry="Healthcare",
        company_size="1 person",
        company="One-person practice in a shared building",
    ),
)  # fmt: skip

ENRICHMENTS: tuple[Mapping[str, object], ...] = (
    {
        "person": {
            "first_name": "Siobhán",
            "last_name": "O'Dálaigh",
            "name": "Siobhán O'Dálaigh",
            "title": "Operations Director",
            "headline": "Making twelve clinics run like one",
            "seniority": "director",
            "departments": ["master_operations"],
            "city": "Düsseldorf",
            "country": "Germany",
            "email": "s.odalaigh@vierlinden.example",
            "employment_history": [
                {"title": "Operations Director", "current": True},
                {"title": "Clinic Manager", "current": False},
            ],
            "organization": {
                "name": "Vier Linden Therapie",
                "industry": "hospital & health care",
                "estimated_num_employees": 320,
                "annual_revenue_printed": "21M",
                "short_description": "Twelve outpatient rehab clinics in North Rhine-Westphalia.",
                "keywords": ["rehabilitation", "physiotherapy", "outpatient"],
                "technologies": ["SAP", "Microsoft 365"],
                "founded_year": 2009,
            },
        }
    },
    {
        "status": 200,
        "likelihood": 7,
        "data": {
            "full_name": "søren ågård",
            "job_title": "gym owner",
            "job_title_levels": ["owner"],
            "job_title_role": None,
            "job_company_name": "kystens styrke",
            "job_company_industry": "health, wellness and fitness",
            "job_company_size": "11-50",
            "location_name": "flensburg, germany",
            "skills": ["strength training", "rehabilitation"],
            "summary": "Runs two clubs. Looking for equipment that survives a full house. Hates paperwork.",
            "emails": [{"address": "soren@kystens-styrke.example"}],
        },
    },
)
