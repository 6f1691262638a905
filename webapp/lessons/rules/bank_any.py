"""No sentences at all, for courses in a language the drafter does not speak.

Such a lesson is its template with the learner's name in front and their own words in quotation marks after it. That is
little, but every word of it is right.
"""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from webapp.lessons.rules.bank import Bank

ANY = Bank(
    mentions={},
    by_form={},
    ties={},
    bases={
        "summary": ("{title}.",),
        "previous_lessons": ("{number}: {earlier}.",),
        "why_watch": ("{title}.",),
        "quick_action": ("{title}.",),
        "homework": ("{title}.",),
        "social_share": ("{title}.",),
    },
    openers=("{name}!",),
    shares={},
    vocative="{name}! ",
)
