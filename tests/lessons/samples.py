"""Briefs and lessons that the tests of this area share; everybody is made up."""

# ruff: noqa: E501 - texts, one a line

from webapp.lessons.facts import CourseFacts, EarlierLesson, LearnerFacts, LessonBrief, LessonTexts

TEMPLATE = LessonTexts(
    summary="Dr. Lena Brandt shows how to test the neck in 5 minutes. The sheet is at https://alsterhof.example/neck.",
    previous_lessons="In lesson 1 we learned to palpate.",
    why_watch="Most neck pain starts between the shoulder blades.",
    quick_action="Test one neck today and write down what you find.",
    homework="Do three tests of 90 seconds each with Lena Brandt's sheet.",
    social_share="I learned to test a neck.",
)
GOOD = LessonTexts(
    summary=(
        "Anna, Dr. Lena Brandt shows you how to test the neck in five minutes, which is what your desk workers need: you wrote "
        "that tension headaches bring them to you. The sheet is at https://alsterhof.example/neck. Take it to your mobile practice "
        "and try it there before you come back."
    ),
    previous_lessons="In lesson 1, “Palpation”, you learned to palpate; you will need those hands again in this lesson.",
    why_watch=(
        "You are afraid of hurting somebody with a whiplash. Most neck pain starts between the shoulder blades, and that is a "
        "safe place to begin with, so watch how little pressure this takes."
    ),
    quick_action="Test one neck today, in your mobile practice, and write down what you find and what it tells you.",
    homework="Do 3 tests of 90 seconds each with Lena Brandt's sheet, and note how the headaches of your clients are after.",
    social_share="I learned to test a neck today, for the sake of my desk workers.",
)
ANSWERS = {
    "target_clients": "Desk workers with tension headaches",
    "fears": "Hurting somebody with a whiplash",
    "practice_model": "Mobile practice",
}


def brief(template=TEMPLATE, *, name="Anna Weber", answers=None, number=2, **more):
    course = more.pop("course", None) or CourseFacts(name="Necks", language=more.pop("language", "en"))
    return LessonBrief(
        course=course.model_copy(update=more.pop("rules", {})),
        number=number,
        title="Testing a neck",
        template=template,
        earlier=tuple(EarlierLesson(number=n, title=t) for n, t in ((1, "Palpation"),)[: number - 1]),
        learner=LearnerFacts(name=name, answers=ANSWERS if answers is None else answers),
        **more,
    )


def but(texts=GOOD, **sections):
    return texts.model_copy(update=sections)
