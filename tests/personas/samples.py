"""Briefs, products and enrichment documents that the tests of this area share; everybody is made up."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from webapp.personas.facts import Brief, CompanyProfile, PersonFacts, ProductFacts

PERSON_WITH_ORGANIZATION = {
    "person": {
        "id": "5f3e0c1a",
        "first_name": "Siobhán",
        "last_name": "O'Dálaigh",
        "name": "Siobhán O'Dálaigh",
        "title": "VP Marketing",
        "headline": "Growing B2B brands people remember",
        "seniority": "vp",
        "departments": ["master_marketing"],
        "functions": ["marketing"],
        "city": "Galway",
        "state": None,
        "country": "Ireland",
        "email": "siobhan@brightloop.example",
        "employment_history": [
            {"title": "Marketing Director", "current": False, "organization_name": "Former Ltd"},
            {"title": "VP Marketing", "current": True},
        ],
        "organization": {
            "name": "Brightloop",
            "industry": "information technology & services",
            "estimated_num_employees": 180,
            "annual_revenue": 24000000,
            "annual_revenue_printed": "24M",
            "short_description": "Software for field service teams.",
            "keywords": ["b2b", "saas", "field service"],
            "technologies": ["Salesforce", "HubSpot"],
            "founded_year": 2014,
        },
    }
}
FLAT_PERSON = {
    "status": 200,
    "likelihood": 8,
    "data": {
        "full_name": "jörg brünnhöfer",
        "job_title": "leiter einkauf",
        "job_title_levels": ["manager"],
        "job_title_role": None,
        "job_company_name": "möbelwerke achtal",
        "job_company_industry": None,
        "job_company_size": "51-200",
        "location_name": "linz, austria",
        "skills": ["sap", "verhandlung"],
        "summary": None,
        "work_email": True,
        "emails": [{"address": "joerg@achtal.example"}, {"address": "j@old.example"}],
        "experience": [{"title": {"name": "einkäufer"}, "is_primary": False}],
    },
}
PERSON_BESIDE_COMPANY = {
    "person": {
        "name": {"fullName": "Ana Ruiz Calderón", "givenName": "Ana"},
        "employment": {"title": "CFO", "seniority": "executive", "role": "finance", "name": "Clínica Sur"},
        "geo": {"city": "Málaga", "country": "Spain"},
    },
    "company": {
        "name": "Clínica Sur",
        "category": {"industry": "Hospital & Health Care", "sector": "Health Care"},
        "metrics": {"employees": None, "employeesRange": "251-1K", "estimatedAnnualRevenue": "$100M-$250M"},
        "description": "Hospitals in Andalusia.",
        "tags": ["B2C", "Health"],
    },
}
DOCUMENTS = [PERSON_WITH_ORGANIZATION, FLAT_PERSON, PERSON_BESIDE_COMPANY]
BOOKWELL = ProductFacts(
    name="BookWell",
    description=(
        "Scheduling software for physiotherapy practices. Cuts no-shows with automatic reminders "
        "and fills cancelled slots from a waiting list."
    ),
    value_proposition="Fewer empty slots and less time on the phone.",
    target_market="Practice owners with 3 to 30 therapists in Germany",
    price_note="From €49 per month, no contract",
)
CARENOTE = ProductFacts(
    name="CareNote",
    description="Turns dictation into structured notes and files them in the patient record.",
)

WORDS = st.text(max_size=120) | st.sampled_from(
    [
        "Head of Sales at a SaaS company with 80 people, struggles with churn",
        "wants to grow but is afraid of",
        "Владелица сети кофеен, устала от",
        "мы сокращаем и",
        "It cuts costs, and lets you plan, which means that",
        "a" * 3_000,
        "<b" * 500,
        "1" * 2_000 + "x",
        "too many too many too many",
        "\u202e\u0000\ud800 \u2028",
    ]
)
TEXT = st.none() | WORDS
PERSONS = st.builds(
    PersonFacts,
    title=TEXT,
    seniority=TEXT,
    department=TEXT,
    industry=TEXT,
    headcount=TEXT,
    revenue=TEXT,
    location=TEXT,
    notes=TEXT,
    headline=TEXT,
    facts=st.lists(WORDS, max_size=4).map(tuple),
)
BRIEFS = st.builds(
    Brief,
    company=st.builds(CompanyProfile, audience=WORDS, language=st.sampled_from(["", "ru", "de", "English"])),
    product=st.builds(
        ProductFacts,
        name=TEXT,
        description=WORDS,
        value_proposition=WORDS,
        target_market=WORDS,
        price_note=WORDS,
    ),
    person=st.none() | PERSONS,
    description=TEXT,
)
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
