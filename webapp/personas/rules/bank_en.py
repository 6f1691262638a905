"""English phrases by company size, theme and seniority, and the English bank as a whole."""

# ruff: noqa: E501 - a phrase stays on one line, with the dash it is printed with

from webapp.personas.rules.bank import Bank, Pain, Size, Theme
from webapp.personas.rules.bank_en_functions import FUNCTIONS
from webapp.personas.rules.bank_en_industries import INDUSTRIES

SIZES: dict[str, Size] = {
    "1": Size(
        "1 person",
        "solo",
        "One-person",
        (
            Pain(
                "There is nobody to hand a task to, so anything new costs an evening",
                "evenings spent on everything else",
                ("time", "admin", "change", "tech"),
            ),
            Pain(
                "A week off is a week without income",
                "weeks off without income",
                ("money", "growth", "people", "supply", "service"),
            ),
        ),
        ("be set up in an evening by one person", "cost no more than one person can carry"),
    ),
    "2-10": Size(
        "2–10 people",
        "small-team",
        "Small",
        (
            Pain(
                "Everyone does a bit of everything, so nobody has time to introduce something new",
                "no time to introduce anything new",
                ("time", "change", "admin", "tech", "insight"),
            ),
            Pain(
                "One person on sick leave, and the whole week is reshuffled",
                "a team where every absence hurts",
                ("people", "service", "quality", "supply"),
            ),
            Pain(
                "Small orders get the worst terms",
                "the worst terms for small orders",
                ("money", "growth", "risk"),
            ),
        ),
        ("run without a specialist in the house", "stay affordable for a handful of people"),
    ),
    "11-50": Size(
        "11–50 people",
        "growing",
        "Small to mid-sized",
        (
            Pain(
                "The {place} has outgrown shouting across the room and has no process yet",
                "a team that has outgrown its habits",
                ("admin", "insight", "change", "tech", "quality"),
            ),
            Pain(
                "Growth has brought costs that nobody looks after full time",
                "costs nobody looks after",
                ("money", "supply", "risk"),
            ),
            Pain(
                "The same three people are needed for every decision",
                "decisions that wait for the same three people",
                ("time", "people", "service", "growth"),
            ),
        ),
        ("be introduced beside the daily work", "grow along without a second project"),
    ),
    "51-200": Size(
        "51–200 people",
        "mid-sized",
        "Mid-sized",
        (
            Pain(
                "Teams have grown apart, and each has its own way of doing the same thing",
                "teams that each do it their own way",
                ("quality", "change", "tech", "insight", "service"),
            ),
            Pain(
                "There is enough volume to make mistakes expensive and too little for a department of its own",
                "mistakes that have become expensive",
                ("money", "risk", "supply", "growth"),
            ),
            Pain(
                "Middle managers spend their week passing information up and down",
                "weeks spent passing information on",
                ("time", "admin", "people"),
            ),
        ),
        ("work the same way in every team", "show department heads their own part of the result"),
    ),
    "201-1000": Size(
        "201–1,000 people",
        "upper-mid-market",
        "Larger",
        (
            Pain(
                "Decisions pass through so many hands that good ideas arrive tired",
                "good ideas that arrive tired",
                ("time", "growth", "change", "people"),
            ),
            Pain(
                "Exceptions between departments are nobody's job",
                "exceptions that are nobody's job",
                ("quality", "service", "supply", "admin"),
            ),
            Pain(
                "Systems were bought department by department, and the joints show",
                "systems with visible joints",
                ("tech", "insight", "risk", "money"),
            ),
        ),
        ("pass purchasing and IT without special treatment", "be rolled out step by step"),
    ),
    "1001+": Size(
        "More than 1,000 people",
        "enterprise",
        "Very large",
        (
            Pain(
                "A change that helps one site has to be argued with all the others",
                "changes argued site by site",
                ("change", "time", "people", "service"),
            ),
            Pain(
                "Pilots succeed, and the rollout dies in committee",
                "rollouts that die in committee",
                ("growth", "tech", "quality", "supply"),
            ),
            Pain(
                "Reports reach the top so smoothed that nobody sees the trouble",
                "reports that smooth the trouble away",
                ("insight", "risk", "money", "admin"),
            ),
        ),
        (
            "start as a pilot that proves something to head office",
            "stand up to security, purchasing and legal reviews",
        ),
    ),
    "": Size("", "", "", (), ()),
}

THEMES: dict[str, Theme] = {
    "time": Theme(
        (
            "{staff} get more of the day for {work}",
            "waiting and rushing no longer set the pace",
            "hours go into {work} and not into running after it",
        ),
        ("you get more of the day for {focus}", "the day has room again for {focus}"),
    ),
    "admin": Theme(
        (
            "paper and typing stop competing with {work}",
            "{staff} write things down once and get back to {work}",
            "routine no longer eats the day",
        ),
        ("you get back to {focus} sooner", "less of the day goes into forms and more into {focus}"),
    ),
    "money": Theme(
        (
            "the budget holds without cuts where {clients} would feel them",
            "money goes where it does something",
            "costs can be planned and defended",
        ),
        ("the budget stays where it does some good", "you can defend what it costs"),
    ),
    "growth": Theme(
        (
            "capacity that is paid for is also used",
            "growth does not hang on luck or on one more discount",
            "more of the interest that is there turns into business",
        ),
        ("more of what you could earn gets earned", "growth stops being a matter of luck"),
    ),
    "risk": Theme(
        (
            "an inspection or an audit is a date like any other",
            "nobody has to lie awake over what was overlooked",
            "proof is there before someone asks for it",
        ),
        ("you can let the inspection come", "you have the proof before anyone asks"),
    ),
    "quality": Theme(
        (
            "{clients} get the same good result whoever is on duty",
            "mistakes are caught before {clients} notice them",
            "good results stop depending on the day of the week",
        ),
        (
            "your {clients} get the same good result every time",
            "you hear less about mistakes and more about results",
        ),
    ),
    "insight": Theme(
        (
            "decisions rest on what is really going on",
            "trouble shows while there is still time to act",
            "the question of where things stand has an answer",
        ),
        (
            "you see trouble while there is still time to act",
            "you know where things stand without asking round",
        ),
    ),
    "people": Theme(
        (
            "{staff} stay, because the work stays bearable",
            "new people become useful quickly",
            "the load is shared by more than the willing few",
        ),
        ("your people have a reason to stay", "the load no longer rests on the willing few"),
    ),
    "service": Theme(
        (
            "{clients} feel looked after without extra effort behind the scenes",
            "{clients} come back because it was easy",
            "{clients} get answers before they have to ask twice",
        ),
        ("your {clients} notice the difference first", "your {clients} have a reason to come back"),
    ),
    "supply": Theme(
        (
            "nothing stops because something small is missing",
            "what is needed is there when it is needed",
            "no one has to improvise for want of supplies",
        ),
        ("nothing stops because something small is missing", "what you need is there when you need it"),
    ),
    "tech": Theme(
        (
            "systems stop being a reason for overtime",
            "one change does not break three other things",
            "the tools fit together instead of standing side by side",
        ),
        ("your tools fit together at last", "your systems stop making extra work"),
    ),
    "change": Theme(
        (
            "people take it up because it makes their day easier",
            "it is still in use a year from now",
            "{staff} find their way into it without a course",
        ),
        ("your people will still use it a year from now", "nobody needs a course to begin"),
    ),
    "": Theme(
        (
            "there is more room for {work}",
            "the {place} gets a little easier to run",
            "{staff} feel the difference in their own day",
        ),
        ("there is more room for {focus}", "your own day gets a little easier"),
    ),
}

SOLO_GOALS = (
    "Live well from {work} done alone: full days, free evenings, nobody to manage",
    "Earn enough alone to be able to choose the {clients}, and keep paperwork out of the weekends",
)

SENIORITIES: dict[str, str] = {
    "c": "C-level",
    "vp": "Vice president",
    "director": "Director",
    "head": "Head of department",
    "manager": "Manager",
    "owner": "Owner or founder",
    "senior": "Senior specialist",
    "individual": "Individual contributor",
    "": "",
}

BUYING: dict[str, str] = {
    "c": "sponsors a purchase and has the last word on the budget",
    "vp": "holds a budget and wins over the executives for larger sums",
    "director": "owns the business case and defends it in the steering round",
    "head": "proposes the purchase, defends it upstairs and has to make the team use it",
    "manager": "compares the options and recommends one",
    "owner": "decides, pays and lives with the result",
    "senior": "tests what is offered and is believed when warning against it",
    "individual": "uses it every day and is asked before anyone signs",
    "": "has a say in what is bought",
}

ENGLISH = Bank(FUNCTIONS, INDUSTRIES, SIZES, THEMES, SOLO_GOALS, SENIORITIES, BUYING)
