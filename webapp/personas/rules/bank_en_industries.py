"""English phrases by line of business: its vocabulary, its own pains, and what a product must respect in it."""

# ruff: noqa: E501 - a phrase stays on one line

from webapp.personas.rules.bank import Industry, Pain
from webapp.personas.rules.text import capital


def _words(*words: str) -> dict[str, str]:
    """The slots from: clients, client, staff, work, place, places; two of them also with a capital."""
    slots = dict(zip(("clients", "client", "staff", "work", "place", "places"), words, strict=True))
    return slots | {name.capitalize(): capital(slots[name]) for name in ("clients", "staff")}


INDUSTRIES: dict[str, Industry] = {
    "health": Industry(
        "Healthcare",
        _words("patients", "patient", "clinicians", "treatment", "practice", "practices"),
        (
            Pain(
                "Insurers ask for more documentation and pay the same",
                "more documentation for the same fee",
                ("admin", "money", "time"),
            ),
            Pain(
                "No-shows leave treatment slots empty while others wait for weeks",
                "empty slots next to a waiting list",
                ("growth", "service", "time"),
            ),
            Pain(
                "Supplies run out on the day they are needed, and someone drives to fetch them",
                "supplies that run out",
                ("supply", "time"),
            ),
            Pain(
                "Hygiene and data-protection rules leave no room for improvising",
                "rules that forgive nothing",
                ("risk", "quality", "tech"),
            ),
            Pain(
                "Qualified {staff} are so scarce that every hour of theirs counts",
                "too few qualified hands",
                ("people", "change"),
            ),
            Pain(
                "Nobody can say from the records alone how {clients} are really getting on",
                "records that say little about progress",
                ("insight", "quality"),
            ),
        ),
        ("meet the rules that the {place} is inspected by", "keep up with a full day of {clients}"),
        ("Let {clients} feel that somebody has time for them",),
    ),
    "saas": Industry(
        "Software and IT services",
        _words("customers", "customer", "engineers", "the product", "software company", "software companies"),
        (
            Pain(
                "New sign-ups look round once and never come back",
                "sign-ups that never come back",
                ("growth", "change", "service"),
            ),
            Pain(
                "Data sits in a dozen tools, and every question needs an analyst",
                "answers that need an analyst",
                ("insight", "tech"),
            ),
            Pain(
                "Engineers are pulled off the roadmap for one-off requests",
                "one-off requests",
                ("time", "people", "admin"),
            ),
            Pain(
                "Security reviews by larger customers hold up signed deals",
                "security reviews that hold up deals",
                ("risk", "quality"),
            ),
            Pain(
                "The bill for cloud and licences grows faster than revenue",
                "subscriptions that outgrow revenue",
                ("money", "supply"),
            ),
        ),
        ("come with a proper interface and documentation", "be tried without a sales call"),
        ("Reach the point where growth pays for itself",),
    ),
    "manufacturing": Industry(
        "Manufacturing",
        _words("customers", "customer", "shop-floor crews", "production", "plant", "plants"),
        (
            Pain(
                "An unplanned stop of one machine upsets the week's orders",
                "unplanned stops",
                ("supply", "time", "service"),
            ),
            Pain(
                "Scrap and rework are accepted because their causes stay unknown",
                "scrap without a known cause",
                ("quality", "money", "insight"),
            ),
            Pain(
                "Shift books and inspection sheets are filled in on paper and never read again",
                "paper that nobody reads again",
                ("admin", "insight", "tech"),
            ),
            Pain(
                "Experienced operators retire and take their settings with them",
                "know-how that retires",
                ("people", "change"),
            ),
            Pain(
                "Customers' audits demand proof that takes days to gather",
                "proof for customers' audits",
                ("risk", "admin"),
            ),
            Pain(
                "Energy and material prices move faster than price lists",
                "prices that outrun the price list",
                ("money", "growth"),
            ),
        ),
        ("run beside old and new machines alike", "survive dust, gloves and three shifts"),
        ("Keep the lines running and the delivery dates honest",),
    ),
    "retail": Industry(
        "Retail and e-commerce",
        _words("shoppers", "shopper", "store teams", "selling", "shop", "shops"),
        (
            Pain(
                "Bestsellers are out of stock while slow movers fill the shelves",
                "empty shelves beside full ones",
                ("supply", "money", "growth"),
            ),
            Pain(
                "Shoppers compare prices in the aisle and buy elsewhere",
                "shoppers who compare and leave",
                ("growth", "service", "money"),
            ),
            Pain(
                "Online shop and store know nothing of each other",
                "shop and web that do not know each other",
                ("tech", "insight", "service"),
            ),
            Pain(
                "Returns eat the margin that the campaign brought in",
                "returns that eat the margin",
                ("quality", "money"),
            ),
            Pain(
                "Seasonal {staff} leave just when they know the range",
                "seasonal helpers who leave",
                ("people", "change"),
            ),
            Pain(
                "Price tags, orders and lists take hours away from the sales floor",
                "hours away from the sales floor",
                ("admin", "time", "risk"),
            ),
        ),
        ("hold on a Saturday afternoon", "work with the till and the stock system already there"),
        ("Give {clients} a reason to come back that is not a discount",),
    ),
    "logistics": Industry(
        "Transport and logistics",
        _words("shippers", "shipper", "dispatchers and drivers", "moving freight", "carrier", "carriers"),
        (
            Pain(
                "Dispatchers spend the morning on the phone asking where trucks are",
                "mornings spent asking where trucks are",
                ("time", "insight", "service"),
            ),
            Pain(
                "Empty runs cost fuel and drivers' hours that nobody pays for",
                "empty runs",
                ("money", "growth"),
            ),
            Pain(
                "Delivery notes come back crumpled, late or not at all",
                "delivery notes that come back late",
                ("admin", "quality", "tech"),
            ),
            Pain(
                "Drivers are hard to find and leave for small annoyances",
                "drivers who leave",
                ("people", "change"),
            ),
            Pain(
                "Driving times and dangerous goods leave no room for mistakes",
                "rules on driving times and goods",
                ("risk",),
            ),
            Pain("Waiting at ramps upsets every slot that follows", "waiting at ramps", ("supply", "time")),
        ),
        ("work on a phone in a cab", "cope with subcontractors who use something else"),
        ("Be the carrier that is never asked where the goods are",),
    ),
    "finance": Industry(
        "Financial services",
        _words("clients", "client", "advisers", "advice", "institution", "institutions"),
        (
            Pain(
                "Each new rule adds a form to a process that was slow before",
                "a new form for every rule",
                ("risk", "admin", "time"),
            ),
            Pain(
                "Clients expect answers at once and get a date for an appointment",
                "clients who wait for answers",
                ("service", "growth"),
            ),
            Pain(
                "Core systems are older than the people who look after them",
                "core systems nobody dares to touch",
                ("tech", "change", "supply"),
            ),
            Pain(
                "Margins shrink while the cost of supervision grows",
                "supervision that eats the margin",
                ("money", "people"),
            ),
            Pain(
                "Decisions need data that sits in four departments",
                "data spread over four departments",
                ("insight", "quality"),
            ),
        ),
        ("satisfy supervision and internal audit", "keep client data where the rules want it"),
        ("Earn trust that outlasts the next change in interest rates",),
    ),
    "education": Industry(
        "Education",
        _words("students", "student", "teachers", "teaching", "school", "schools"),
        (
            Pain(
                "Budgets are fixed a year before anyone knows what is needed",
                "budgets fixed a year too early",
                ("money", "supply"),
            ),
            Pain(
                "{Staff} write the same information into three systems",
                "three systems for the same thing",
                ("admin", "tech", "time"),
            ),
            Pain(
                "Classes are so mixed that one lesson never fits all",
                "one lesson for very different learners",
                ("quality", "service", "insight"),
            ),
            Pain(
                "Vacancies are covered by people who teach outside their subject",
                "vacancies covered by chance",
                ("people", "change"),
            ),
            Pain(
                "Data-protection questions end projects before they start",
                "projects stopped by data protection",
                ("risk", "tech"),
            ),
            Pain("Course places stay empty although demand is there", "empty course places", ("growth",)),
        ),
        ("fit the school year and its budget", "work on whatever devices are there"),
        ("Let nobody leave without having got further",),
    ),
    "construction": Industry(
        "Construction and real estate",
        _words(
            "building owners", "building owner", "site crews", "building", "building firm", "building firms"
        ),
        (
            Pain(
                "Margins of a whole project vanish in one misunderstood detail",
                "details that cost the margin",
                ("money", "quality"),
            ),
            Pain(
                "Material arrives too early, too late or at the wrong gate",
                "material at the wrong time",
                ("supply", "time"),
            ),
            Pain(
                "Photos, notes and defects are spread over private phones",
                "site records on private phones",
                ("admin", "insight", "tech"),
            ),
            Pain(
                "Skilled crews are booked out, and every idle day is expensive",
                "crews that stand idle",
                ("people", "money"),
            ),
            Pain(
                "Safety papers are complete in the office and missing on site",
                "safety papers missing on site",
                ("risk", "change"),
            ),
            Pain(
                "Owners ask for news that nobody has gathered",
                "owners who ask for news",
                ("service", "growth"),
            ),
        ),
        ("work on site as well as in the office", "be usable by subcontractors without training"),
        ("Finish projects that lead to the next one",),
    ),
    "hospitality": Industry(
        "Hospitality and food service",
        _words("guests", "guest", "service teams", "looking after guests", "house", "houses"),
        (
            Pain(
                "Booking portals take their share of every room and every table",
                "portals that take their share",
                ("money", "growth"),
            ),
            Pain(
                "The roster breaks on Friday afternoon with one message",
                "rosters that break on a Friday",
                ("people", "time"),
            ),
            Pain(
                "A single bad review outweighs a month of good evenings",
                "one bad review",
                ("service", "quality"),
            ),
            Pain(
                "Food is thrown away because nobody knew how many would come",
                "food thrown away",
                ("supply", "insight", "money"),
            ),
            Pain(
                "Hygiene lists are filled in at the end of the shift, from memory",
                "hygiene lists from memory",
                ("risk", "admin"),
            ),
            Pain(
                "Tills, bookings and accounts each want the same figures typed in",
                "the same figures in three systems",
                ("tech", "admin", "change"),
            ),
        ),
        ("be learnt in one shift by someone new", "keep working when the house is full"),
        ("Fill the house with {clients} who come again",),
    ),
    "public": Industry(
        "Public sector",
        _words("residents", "resident", "case workers", "casework", "authority", "authorities"),
        (
            Pain(
                "Tenders take longer than the need they were meant to meet",
                "tenders that outlast the need",
                ("time", "supply", "growth"),
            ),
            Pain(
                "Applications travel on paper between offices in the same building",
                "paper between offices",
                ("admin", "tech"),
            ),
            Pain(
                "Vacant posts stay vacant, and the backlog does not",
                "vacant posts and a growing backlog",
                ("people", "service"),
            ),
            Pain(
                "Every decision must hold in front of auditors, councils and courts",
                "decisions that must hold in court",
                ("risk", "quality"),
            ),
            Pain(
                "Figures for the council are put together by hand",
                "figures put together by hand",
                ("insight", "money"),
            ),
            Pain(
                "New procedures meet people who have seen five of them fail",
                "procedures that fail at the desk",
                ("change",),
            ),
        ),
        ("pass a tender and a data-protection review", "be accessible to everyone who has to use it"),
        ("Give {clients} a decision they can understand, in weeks instead of months",),
    ),
    "nonprofit": Industry(
        "Non-profit",
        _words(
            "supporters", "supporter", "volunteers and staff", "the mission", "organisation", "organisations"
        ),
        (
            Pain(
                "Funders pay for projects and expect the office to run on air",
                "offices that run on air",
                ("money", "growth"),
            ),
            Pain(
                "Reports to funders are written again for each of them",
                "a separate report for every funder",
                ("admin", "time", "risk"),
            ),
            Pain(
                "Volunteers come with goodwill and little time to be trained",
                "volunteers with no time for training",
                ("people", "change"),
            ),
            Pain(
                "What the work achieves is felt by everyone and measured by no one",
                "impact nobody can show",
                ("insight", "quality"),
            ),
            Pain(
                "Supporters hear from the organisation only when it asks for money",
                "supporters who only hear appeals",
                ("service", "supply", "tech"),
            ),
        ),
        ("be explainable to a donor", "work for volunteers who log in twice a month"),
        ("Put as much of every donation as possible into {work}",),
    ),
    "services": Industry(
        "Professional services",
        _words("clients", "client", "consultants", "client work", "firm", "firms"),
        (
            Pain(
                "Hours are worked and then lost because nobody wrote them down",
                "hours that are never billed",
                ("money", "admin"),
            ),
            Pain(
                "Proposals are put together from old ones, typos included",
                "proposals made of old ones",
                ("quality", "time", "growth"),
            ),
            Pain(
                "Full books in one team, quiet weeks in the next",
                "full books next to quiet weeks",
                ("insight", "people", "supply"),
            ),
            Pain(
                "Clients ask for progress, and the answer takes an afternoon",
                "progress reports that take an afternoon",
                ("service", "time"),
            ),
            Pain(
                "Confidentiality rules out half of the tools on the market",
                "tools that confidentiality rules out",
                ("risk", "tech", "change"),
            ),
        ),
        ("protect what {clients} confide", "leave the expert in charge"),
        ("Be recommended by the {clients} they already have",),
    ),
    "media": Industry(
        "Media and agencies",
        _words("clients", "client", "creatives", "creative work", "agency", "agencies"),
        (
            Pain("Pitches are won with unpaid nights", "unpaid nights for pitches", ("people", "growth")),
            Pain(
                "Feedback comes in five versions of the same file",
                "five versions of the same file",
                ("admin", "quality", "tech"),
            ),
            Pain(
                "Flat fees meet clients who change their minds",
                "flat fees and endless changes",
                ("money", "service"),
            ),
            Pain(
                "Clients want proof of effect within days", "proof of effect within days", ("insight", "time")
            ),
            Pain(
                "Rights to pictures and texts are checked when it is too late",
                "rights checked too late",
                ("risk", "supply", "change"),
            ),
        ),
        ("leave room for the agency's own style", "look good in front of {clients}"),
        ("Make work that brings in the next {client} by itself",),
    ),
    "energy": Industry(
        "Energy and utilities",
        _words("customers", "customer", "field crews", "keeping the supply up", "utility", "utilities"),
        (
            Pain(
                "Field crews find out on site that the records are wrong",
                "records that do not match the site",
                ("quality", "insight", "tech"),
            ),
            Pain(
                "Grid and reporting rules change faster than the systems behind them",
                "rules that change faster than systems",
                ("risk", "change", "admin"),
            ),
            Pain(
                "Customers call when prices move, and the lines are full",
                "full lines when prices move",
                ("service", "time"),
            ),
            Pain(
                "Experienced technicians retire faster than new ones are trained",
                "technicians who retire",
                ("people",),
            ),
            Pain(
                "Investments are planned for decades and prices for days",
                "decades of planning against days of prices",
                ("money", "growth", "supply"),
            ),
        ),
        ("meet the rules for critical infrastructure", "work offline in the field"),
        ("Keep the supply safe while everything around it changes",),
    ),
    "agriculture": Industry(
        "Agriculture",
        _words("buyers", "buyer", "farm hands", "field work", "farm", "farms"),
        (
            Pain(
                "Records for subsidies are kept at the kitchen table at night",
                "records at the kitchen table",
                ("admin", "risk", "time"),
            ),
            Pain(
                "Weather decides in an hour what was planned for a week",
                "plans that the weather undoes",
                ("insight", "supply"),
            ),
            Pain(
                "Buyers set the price, and input costs rise regardless",
                "prices set by others",
                ("money", "growth"),
            ),
            Pain(
                "A machine that stands still in harvest week costs the season",
                "machines that fail at harvest",
                ("quality", "service", "tech"),
            ),
            Pain(
                "Seasonal hands need instructions in three languages",
                "instructions in three languages",
                ("people", "change"),
            ),
        ),
        ("work without a signal and with dirty hands", "be ready before the season starts"),
        ("Hand on a farm that is in better shape than it was",),
    ),
    "fitness": Industry(
        "Fitness and wellness",
        _words("members", "member", "trainers", "training", "studio", "studios"),
        (
            Pain(
                "Members sign up in January and are gone by Easter",
                "members who are gone by Easter",
                ("growth", "service"),
            ),
            Pain(
                "Classes are overbooked at six and empty at three",
                "full classes at six, empty ones at three",
                ("money", "insight", "time"),
            ),
            Pain(
                "Freelance trainers swap hours by chat, and the desk hears last",
                "rosters made in a chat",
                ("people", "admin"),
            ),
            Pain(
                "Chasing unpaid fees takes the warmth out of the front desk",
                "chasing unpaid fees",
                ("risk", "admin", "money"),
            ),
            Pain(
                "Equipment breaks at peak time and stays broken for a week",
                "equipment that breaks at peak time",
                ("supply", "quality", "tech", "change"),
            ),
        ),
        ("be quick enough for a queue at the desk", "feel personal to {clients}"),
        ("See {clients} keep coming because it does them good",),
    ),
    "": Industry(
        "",
        _words("customers", "customer", "employees", "the core business", "company", "companies"),
        (
            Pain(
                "Customers expect more every year and do not expect to pay for it",
                "customers who expect more for less",
                ("service", "money", "growth"),
            ),
            Pain(
                "Too many steps still depend on e-mail and memory",
                "steps that depend on memory",
                ("admin", "time", "quality"),
            ),
            Pain(
                "Good people are hard to find, so nobody's hours may be wasted",
                "good people who are hard to find",
                ("people", "change"),
            ),
            Pain(
                "Information is there, but never where the decision is made",
                "information in the wrong place",
                ("insight", "tech", "risk", "supply"),
            ),
        ),
        ("prove itself in a small trial first", "fit the way of working that is already there"),
        ("Stay the name that {clients} trust",),
    ),
}
