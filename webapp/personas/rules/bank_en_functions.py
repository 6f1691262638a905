"""English phrases by line of work: what a buyer answers for, wants, suffers from and asks of a product."""

# ruff: noqa: E501 - a phrase stays on one line

from webapp.personas.rules.bank import Function, Pain

FUNCTIONS: dict[str, Function] = {
    "owner": Function(
        "Ownership",
        "Owner",
        "everything: people, money, {clients} and the next step for the {place}",
        (
            "Build {a_place} that earns well, keeps its people and runs for a week without its owner in the room",
            "Grow without becoming the bottleneck, so that the {place} stays good when the owner is not looking",
            "Keep the {place} independent and profitable, with evenings that belong to the family again",
        ),
        (
            Pain(
                "Every exception lands on the owner's desk, usually after closing time",
                "work that starts after closing time",
                ("time", "admin", "people"),
            ),
            Pain(
                "Money is visible only when the accountant sends the figures, weeks too late to act",
                "figures that arrive too late",
                ("insight", "money"),
            ),
            Pain(
                "Each quiet week is paid for out of the owner's own pocket",
                "quiet weeks that still cost full wages",
                ("growth", "money", "supply"),
            ),
            Pain(
                "Good people are hard to find and harder to replace, so one resignation upsets the whole plan",
                "plans that fall apart with one resignation",
                ("people", "quality"),
            ),
            Pain(
                "Rules and paperwork grow faster than the team that has to deal with them",
                "paperwork that grows faster than the team",
                ("risk", "admin"),
            ),
            Pain(
                "Tools bought with high hopes are abandoned by everyone else after a month",
                "tools that nobody uses after a month",
                ("change", "tech"),
            ),
            Pain(
                "Regulars leave quietly, and the owner hears about the reason last",
                "regulars who leave without a word",
                ("service", "quality"),
            ),
        ),
        (
            "pay for itself in a way the owner can see without a spreadsheet",
            "work on a busy day with nobody around to explain it",
            "leave a way out should it disappoint",
        ),
        (
            "You did not start your own business for this.",
            "You are the one who pays for it, so here it is without the brochure.",
        ),
    ),
    "management": Function(
        "General management",
        "Managing director",
        "results, people and direction of the company",
        (
            "Hit the plan with a team that can carry the next stage of growth, and with no surprises for the board",
            "Make the company predictable: decisions made on facts, promises to {clients} kept, margins that hold",
        ),
        (
            Pain(
                "Departments report different truths, and meetings are spent on whose figures are right",
                "meetings about whose figures are right",
                ("insight", "tech"),
            ),
            Pain(
                "Growth costs more people every year because the way of working never changed",
                "growth that only ever means more people",
                ("time", "admin", "money", "people"),
            ),
            Pain(
                "Promises to {clients} depend on a few heroes instead of a process",
                "promises that depend on heroes",
                ("service", "quality", "supply"),
            ),
            Pain(
                "Projects are approved with a business case and never measured against it again",
                "projects nobody measures afterwards",
                ("change", "money", "growth"),
            ),
            Pain(
                "A compliance slip could undo in a week what took years to build",
                "the slip that undoes years of work",
                ("risk",),
            ),
        ),
        (
            "show up in the figures that the board looks at",
            "be in use within the quarter instead of becoming a two-year project",
        ),
        ("One thing in plain terms, because your calendar is full.", "Your board will ask what changed."),
    ),
    "marketing": Function(
        "Marketing",
        "Head of marketing",
        "brand, demand and the marketing budget",
        (
            "Turn marketing from a cost line into the reason why sales has a full quarter",
            "Make the brand the first that {clients} think of, and prove with clean figures what brought them in",
        ),
        (
            Pain(
                "Leads are counted, but nobody can say which campaign brought the {clients} who stayed",
                "campaigns nobody can tie to revenue",
                ("insight", "growth"),
            ),
            Pain(
                "Budget reviews come round faster than the proof that the last budget worked",
                "budget talks without proof",
                ("money", "insight"),
            ),
            Pain(
                "Every campaign waits for content, approvals and somebody who knows the tool",
                "campaigns stuck in approval",
                ("time", "admin"),
            ),
            Pain(
                "The same message goes to everyone because tailoring it by hand takes too long",
                "one message for everybody",
                ("service", "growth", "time"),
            ),
            Pain(
                "Sales ignores the leads that marketing worked for, and both sides blame the list",
                "leads that sales does not call",
                ("quality", "people"),
            ),
            Pain(
                "The tool stack grew by accident, and half of it does not talk to the other half",
                "tools that do not talk to each other",
                ("tech", "change"),
            ),
            Pain(
                "One careless claim or consent slip ends up with the lawyers",
                "consent slips that reach the lawyers",
                ("risk",),
            ),
        ),
        (
            "give them a result they can show in the next budget review",
            "keep the brand's tone without a rewrite by hand",
        ),
        (
            "You have heard enough platforms promise pipeline.",
            "Next budget review, you will want one slide that holds.",
        ),
    ),
    "sales": Function(
        "Sales",
        "Head of sales",
        "revenue, pipeline and the sales team",
        (
            "Close the quarter on forecast, with a team that spends its hours with {clients} rather than with the CRM",
            "Build a sales team that wins on value, quarter after quarter, without discounting its way there",
        ),
        (
            Pain(
                "Reps spend the best hours of the day on data entry and chasing quotes",
                "hours lost to data entry",
                ("admin", "time"),
            ),
            Pain(
                "The forecast is a mood, and the last week of the quarter proves it",
                "forecasts built on mood",
                ("insight",),
            ),
            Pain(
                "Deals stall in the middle without anyone noticing until they are gone",
                "deals that go quiet",
                ("growth", "service"),
            ),
            Pain(
                "Discounts have become the answer to every objection",
                "discounts as the only answer",
                ("money", "growth"),
            ),
            Pain(
                "New reps take too long before they bring in anything",
                "new reps who need months to sell",
                ("people", "change"),
            ),
            Pain(
                "Sales promises dates that delivery cannot keep, and the {clients} remember",
                "dates that cannot be kept",
                ("supply", "quality"),
            ),
        ),
        ("save the reps more typing than it causes", "help to close deals this quarter as well as next year"),
        ("Your reps were hired to sell.", "Short version, between two calls."),
    ),
    "success": Function(
        "Customer success",
        "Head of customer success",
        "renewals, adoption and the voice of {clients}",
        (
            "Keep and grow the {clients} already won, by seeing trouble before the renewal date does",
            "Make {clients} so successful that renewal is a formality",
        ),
        (
            Pain(
                "{Clients} at risk are noticed when they have already decided to leave",
                "churn that is noticed too late",
                ("insight", "service"),
            ),
            Pain(
                "Onboarding depends on who happens to run it",
                "onboarding that depends on luck",
                ("change", "quality", "people"),
            ),
            Pain(
                "The team answers the same questions all day and never gets ahead of them",
                "the same questions every day",
                ("time", "admin"),
            ),
            Pain(
                "Expansion potential sits in the accounts, but nobody has the hours to look for it",
                "potential that nobody has time to see",
                ("growth", "money"),
            ),
        ),
        ("show within weeks that {clients} use it", "leave the team more time for conversations"),
        ("Renewals are won months before the date.",),
    ),
    "finance": Function(
        "Finance",
        "Head of finance",
        "budget, cash, reporting and what the auditors find",
        (
            "Give the business figures it can steer by, early enough to matter and clean enough for the auditors",
            "Protect margin and cash while the rest of the company grows, without being the department that says no",
        ),
        (
            Pain(
                "Month-end closing is held together by spreadsheets and two people who know how they work",
                "month-end by spreadsheet",
                ("admin", "time", "people"),
            ),
            Pain(
                "Costs become visible when the invoice arrives, too late to steer",
                "costs seen too late",
                ("money", "insight"),
            ),
            Pain(
                "Every department brings its own figures, and finance has to reconcile them",
                "figures that never match",
                ("insight", "tech"),
            ),
            Pain(
                "An audit question can stop the team for days",
                "audit questions that stop the team",
                ("risk", "quality"),
            ),
            Pain(
                "Business cases promise savings that never show up in the accounts",
                "savings that stay on paper",
                ("growth", "change", "money"),
            ),
            Pain(
                "Stock and prepayments tie up cash that is needed elsewhere",
                "cash tied up in stock",
                ("supply",),
            ),
        ),
        ("come with a calculation that survives a second reading", "leave a trail the auditors accept"),
        (
            "You will check the calculation anyway, so here is the core of it.",
            "No fireworks, just the part that touches your figures.",
        ),
    ),
    "operations": Function(
        "Operations",
        "Head of operations",
        "day-to-day running, capacity and deadlines",
        (
            "Run a day without firefighting: the plan holds, {staff} know what comes next and {clients} get what they were promised",
            "Get more out of the capacity that is already there, without wearing out the people behind it",
        ),
        (
            Pain(
                "The plan made in the morning is out of date before lunch",
                "plans that are out of date by lunch",
                ("time", "insight"),
            ),
            Pain(
                "{Staff} copy the same details between lists, mails and systems",
                "details copied from list to list",
                ("admin", "tech"),
            ),
            Pain(
                "A small disruption spreads through the whole day because nobody sees it in time",
                "small disruptions that spread",
                ("supply", "service", "insight"),
            ),
            Pain(
                "Quality depends on the shift",
                "quality that depends on the shift",
                ("quality", "people", "risk"),
            ),
            Pain(
                "Idle hours and overtime happen in the same week",
                "idle hours next to overtime",
                ("money", "growth", "people"),
            ),
            Pain(
                "Every new process is explained once and then forgotten",
                "processes that are forgotten",
                ("change",),
            ),
        ),
        (
            "fit into the running day without a stop",
            "hold on the worst day of the month, not only in a demo",
        ),
        (
            "Your plan for today has probably changed twice already.",
            "This is about the day as it really runs.",
        ),
    ),
    "it": Function(
        "IT",
        "Head of IT",
        "systems, security, integration and support",
        (
            "Keep systems safe and running while moving the organisation off what it has outgrown",
            "Make IT the department that makes things possible, with fewer systems, fewer tickets and no bad headlines",
        ),
        (
            Pain(
                "Departments buy their own tools, and IT inherits the risk and the tickets",
                "tools that IT never chose and still has to support",
                ("tech", "risk", "change"),
            ),
            Pain(
                "Interfaces between old systems break quietly and are repaired by hand",
                "interfaces repaired by hand",
                ("tech", "quality", "insight"),
            ),
            Pain(
                "Routine tickets eat the hours meant for the roadmap",
                "routine tickets",
                ("time", "admin", "people"),
            ),
            Pain(
                "Every new vendor means another security questionnaire, another contract, another login",
                "yet another vendor to vet",
                ("risk", "money"),
            ),
            Pain(
                "Downtime is noticed by {clients} before it is noticed by monitoring",
                "downtime that {clients} see first",
                ("service", "supply"),
            ),
            Pain(
                "The business asks for speed, then for the budget to be cut",
                "more speed on less budget",
                ("growth", "money"),
            ),
        ),
        (
            "fit the identity, security and data-protection rules already in place",
            "connect to what is running, with an exit for the data",
        ),
        (
            "Before you ask: yes, this is one more system, so it had better earn its place.",
            "You will want to know what it replaces.",
        ),
    ),
    "engineering": Function(
        "Engineering",
        "Head of engineering",
        "technical quality, delivery and the engineering team",
        (
            "Ship what was promised at a quality the team is proud of, and keep the good engineers",
            "Shorten the way from idea to something that works in {clients}' hands",
        ),
        (
            Pain(
                "Engineers spend more time on the surroundings of {work} than on {work} itself",
                "work around the work",
                ("admin", "time", "tech"),
            ),
            Pain(
                "Defects are found late, where they are dearest",
                "defects found late",
                ("quality", "risk", "money"),
            ),
            Pain(
                "Knowledge sits in a few heads and leaves with them",
                "knowledge that leaves with people",
                ("people", "change"),
            ),
            Pain(
                "Deadlines slip for reasons that were visible weeks before",
                "deadlines that slip in plain sight",
                ("insight", "growth", "supply", "service"),
            ),
        ),
        (
            "stand up to a trial by sceptical engineers",
            "be documented well enough that nobody has to call support",
        ),
        ("You will try it before you believe it, and you should.",),
    ),
    "product": Function(
        "Product management",
        "Head of product",
        "what gets built, for whom and why",
        (
            "Build the few things that {clients} really pay for, and have the evidence to say no to the rest",
            "Bring a product to the point where {clients} recommend it unasked",
        ),
        (
            Pain(
                "The roadmap follows whoever shouts loudest", "roadmaps made by volume", ("insight", "growth")
            ),
            Pain(
                "Feedback is scattered over calls, tickets and chats",
                "feedback in seven places",
                ("admin", "service", "tech"),
            ),
            Pain(
                "Features ship and nobody checks whether they are used",
                "features nobody checks on",
                ("quality", "change", "money"),
            ),
            Pain(
                "Weeks pass between a question and an answer from real {clients}",
                "weeks of waiting for an answer",
                ("time", "people", "supply", "risk"),
            ),
        ),
        ("give evidence quickly enough to change a decision", "be usable without booking an analyst"),
        ("You have more opinions on your desk than evidence.",),
    ),
    "hr": Function(
        "Human resources",
        "Head of HR",
        "hiring, retention, development and employment rules",
        (
            "Be the employer that good people choose and stay with, without a bigger budget than the neighbours",
            "Give managers what they need to lead, so that people leave less and grow more",
        ),
        (
            Pain(
                "Positions stay open for months while the remaining {staff} cover for them",
                "positions that stay open",
                ("people", "growth"),
            ),
            Pain(
                "HR spends the day on forms, certificates and reminders",
                "days spent on forms and reminders",
                ("admin", "time"),
            ),
            Pain(
                "New people get a login on the first day and a proper introduction never",
                "first days without a plan",
                ("change", "quality", "service"),
            ),
            Pain(
                "Why people leave is guessed at, not known", "guessing why people leave", ("insight", "money")
            ),
            Pain(
                "One missed deadline or certificate becomes a matter for the lawyers",
                "missed deadlines and certificates",
                ("risk", "supply", "tech"),
            ),
        ),
        (
            "feel like help rather than control to {staff}",
            "pass the works council and data protection without a fight",
        ),
        ("Your people feel this before your figures show it.",),
    ),
    "legal": Function(
        "Legal and compliance",
        "Head of legal",
        "contracts, compliance and the risks nobody else reads about",
        (
            "Keep the organisation out of trouble while letting the business move at its own speed",
            "Turn compliance from a yearly scramble into something that simply happens",
        ),
        (
            Pain(
                "Legal is asked last and expected to answer first",
                "questions that come at the last minute",
                ("time", "growth", "service"),
            ),
            Pain(
                "The same clauses are negotiated again and again",
                "clauses negotiated over and over",
                ("admin", "money", "people"),
            ),
            Pain(
                "Proof of compliance has to be collected from ten inboxes",
                "proof scattered over inboxes",
                ("risk", "insight", "tech"),
            ),
            Pain(
                "Rules change, and nobody can say which documents are affected",
                "rules that change unnoticed",
                ("quality", "change", "supply"),
            ),
        ),
        ("be defensible in front of a regulator", "come with documents that answer the first ten questions"),
        ("You will read the small print, so this stays short.",),
    ),
    "procurement": Function(
        "Procurement",
        "Head of procurement",
        "suppliers, prices and security of supply",
        (
            "Secure supply at prices that hold, with suppliers that never make the news",
            "Move purchasing from firefighting to few, reliable partners and clear terms",
        ),
        (
            Pain(
                "Small orders from many suppliers cost more in handling than in goods",
                "small orders that cost more than the goods",
                ("admin", "time", "money"),
            ),
            Pain(
                "Price rises arrive as a letter, without room to negotiate",
                "price rises by letter",
                ("money", "insight"),
            ),
            Pain(
                "A single late delivery stops people who have nothing to do with purchasing",
                "late deliveries",
                ("supply", "service", "people"),
            ),
            Pain(
                "Departments order past the framework agreements",
                "orders past the agreements",
                ("risk", "change", "tech"),
            ),
            Pain(
                "Complaints about quality come back months after the invoice was paid",
                "complaints after payment",
                ("quality", "growth"),
            ),
        ),
        (
            "be comparable with two other offers line by line",
            "come with terms that stay put for the length of the contract",
        ),
        ("You will compare this with two others, which is fine.",),
    ),
    "clinical": Function(
        "Clinical care",
        "Clinical lead",
        "quality of care, the team on duty and {clients}' safety",
        (
            "Give {clients} the care they came for, with a team that still has strength left at the end of a shift",
            "Keep care safe and personal although there are more {clients} and fewer hands every year",
        ),
        (
            Pain(
                "Documentation takes the minutes that {clients} should get",
                "documentation instead of care",
                ("admin", "time"),
            ),
            Pain(
                "Shifts are planned around gaps, and the same people fill them",
                "rosters full of gaps",
                ("people",),
            ),
            Pain(
                "Information gets lost at handover and has to be asked for again",
                "details lost at handover",
                ("quality", "risk", "insight", "service"),
            ),
            Pain(
                "New systems are designed far from the bedside and cost clicks instead of saving them",
                "systems made far from the bedside",
                ("tech", "change"),
            ),
            Pain(
                "What is needed for a treatment is missing just when the {client} is ready",
                "material missing mid-treatment",
                ("supply", "money"),
            ),
            Pain(
                "Capacity stands empty on one day and overflows on the next",
                "empty hours one day, queues the next",
                ("growth",),
            ),
        ),
        ("take less effort than what it replaces", "stay out of the way between {staff} and the {client}"),
        (
            "You did not choose this profession for the paperwork.",
            "You would rather be with your {clients} than read this.",
        ),
    ),
    "education": Function(
        "Teaching and learning",
        "Head of studies",
        "learning results, teachers and the timetable",
        (
            "See every learner get further than they thought, with teachers who stay in the job",
            "Raise results in the classroom without adding one more duty to it",
        ),
        (
            Pain(
                "Preparation, marking and reports push into the evening",
                "marking that fills the evening",
                ("admin", "time"),
            ),
            Pain(
                "Learners fall behind quietly and are noticed at the exam",
                "learners who fall behind unseen",
                ("insight", "quality", "service"),
            ),
            Pain(
                "A sick note in the morning turns the timetable upside down",
                "sick notes that upset the timetable",
                ("people", "supply"),
            ),
            Pain(
                "Every platform starts with a training day and ends in a drawer",
                "platforms that end in a drawer",
                ("change", "tech", "money"),
            ),
            Pain(
                "Parents and authorities want proof, each in their own form",
                "proof in everybody's own form",
                ("risk", "growth"),
            ),
        ),
        ("be usable in a lesson after ten minutes of looking at it", "respect the rules for pupils' data"),
        ("You have seen enough pilots that ended with the school year.",),
    ),
    "supply": Function(
        "Supply chain and logistics",
        "Head of logistics",
        "stock, transport and delivery on time",
        (
            "Deliver what was promised when it was promised, with as little stock and drama as possible",
            "Make the chain visible from order to ramp, so that problems are solved before {clients} call",
        ),
        (
            Pain(
                "Where a shipment stands is found out by telephone",
                "chasing shipments by phone",
                ("insight", "time", "service"),
            ),
            Pain(
                "Stock is too high of what nobody orders and missing where it counts",
                "stock in the wrong place",
                ("supply", "money"),
            ),
            Pain(
                "Trucks wait at the ramp while {staff} look for papers",
                "waiting at the ramp",
                ("admin", "people", "growth"),
            ),
            Pain(
                "Damage and wrong picks come back as returns nobody planned for",
                "returns nobody planned for",
                ("quality", "risk"),
            ),
            Pain(
                "The planning lives in a spreadsheet that one person understands",
                "plans in one person's spreadsheet",
                ("tech", "change"),
            ),
        ),
        ("hold at peak season", "work with the carriers and systems already in use"),
        ("You know before anyone else when a promise will not be kept.",),
    ),
    "site": Function(
        "Site and facility management",
        "Site manager",
        "crews, deadlines, safety and the state of the buildings",
        (
            "Finish what was started on time, within budget and without an accident",
            "Keep sites and buildings running so quietly that nobody has to think about them",
        ),
        (
            Pain(
                "Plans on site are older than the plans in the office",
                "outdated plans on site",
                ("insight", "quality", "tech"),
            ),
            Pain(
                "Daily reports are written in the evening from memory",
                "reports written from memory",
                ("admin", "time", "risk"),
            ),
            Pain(
                "Crews wait because material or another trade is late",
                "crews that wait",
                ("supply", "people", "money"),
            ),
            Pain(
                "Extra work is done first and argued about later",
                "extra work without a signature",
                ("growth", "service", "change"),
            ),
        ),
        (
            "work outdoors, with gloves on and without a signal",
            "be understood by every crew in its first hour",
        ),
        ("Nobody on site waits for software.",),
    ),
    "admin": Function(
        "Office and administration",
        "Office manager",
        "the front desk, appointments, invoices and everything in between",
        (
            "Keep the {place} running smoothly at the front, so that everyone behind it can do their work",
            "End the day with an empty tray: calls answered, appointments kept, invoices out",
        ),
        (
            Pain(
                "The telephone rings while three people stand at the desk",
                "a telephone that never stops",
                ("time", "service", "people"),
            ),
            Pain(
                "The same details are typed into two or three systems",
                "typing everything twice",
                ("admin", "tech", "quality"),
            ),
            Pain(
                "Cancellations leave gaps that nobody has the time to fill",
                "gaps after cancellations",
                ("growth", "money"),
            ),
            Pain(
                "Orders, invoices and reminders wait for a quiet hour that never comes",
                "the pile that waits for a quiet hour",
                ("supply", "admin", "insight"),
            ),
            Pain(
                "Every change in the rules means a new form for everybody",
                "yet another form",
                ("risk", "change"),
            ),
        ),
        ("be learnt between two phone calls", "take a task away instead of adding one"),
        ("You are the one who keeps it all running.",),
    ),
    "advisory": Function(
        "Consulting and client work",
        "Partner",
        "mandates, quality of advice and utilisation",
        (
            "Be the firm that {clients} call first, with full books and work worth the fee",
            "Spend more hours on what only experts can do, and bill for them without apology",
        ),
        (
            Pain(
                "Experts' hours go into formatting, searching and time sheets",
                "experts doing clerical work",
                ("admin", "time", "money"),
            ),
            Pain(
                "What the firm learnt on the last mandate is not at hand on the next",
                "lessons that stay in old folders",
                ("quality", "insight", "people", "tech"),
            ),
            Pain(
                "New business depends on the network of a few partners",
                "new business from the same few contacts",
                ("growth", "service"),
            ),
            Pain(
                "Confidential material travels through tools nobody approved",
                "confidential files in the wrong tools",
                ("risk", "change", "supply"),
            ),
        ),
        ("stand up in front of a demanding {client}", "save billable hours without touching quality"),
        ("Your hours are what you sell.",),
    ),
    "private": Function(
        "Private life",
        "Private customer",
        "home and family",
        (
            "Make everyday life work for everyone at home, with a little time left over",
            "Do right by the family without having to be perfect at everything",
        ),
        (
            Pain(
                "Evenings are short, and everything has to fit into them",
                "evenings that are too short",
                ("time", "admin"),
            ),
            Pain(
                "Money has to last until the end of the month", "bills at the wrong time", ("money", "growth")
            ),
            Pain(
                "Promises sound alike, and only trying them shows which are true",
                "promises that all sound alike",
                ("quality", "insight", "risk"),
            ),
            Pain(
                "Good intentions last until the first busy week",
                "good intentions that fade",
                ("change", "people"),
            ),
            Pain(
                "Whenever help is needed, nobody can be reached",
                "help that cannot be reached",
                ("service", "supply", "tech"),
            ),
        ),
        (
            "fit into an ordinary week",
            "be easy to stop again",
            "show a first result soon",
            "be explained without small print",
        ),
        ("Nobody has an evening to spare.",),
    ),
    "": Function(
        "",
        "",
        "their part of the work at the {place}",
        (
            "Do good work with the people and the hours there are, and have something to show for it",
            "Make their part of the {place} run reliably, and get ahead of the day instead of running behind it",
        ),
        (
            Pain(
                "Too much of the day goes into work around the work",
                "work around the work",
                ("time", "admin"),
            ),
            Pain(
                "Decisions are made on hearsay because the facts are scattered",
                "decisions made on hearsay",
                ("insight", "tech"),
            ),
            Pain(
                "Costs rise faster than what can be charged",
                "costs that outrun prices",
                ("money", "growth", "supply"),
            ),
            Pain(
                "Mistakes are repaired instead of prevented",
                "repairing the same mistakes",
                ("quality", "risk", "service"),
            ),
            Pain(
                "New ways of working are announced and then fade away",
                "changes that fade away",
                ("change", "people"),
            ),
        ),
        ("be simple enough to start with this week", "make a difference that colleagues notice"),
        ("You have enough on your desk already.",),
    ),
}
