"""The ten lessons of the demo course “Neck and shoulders in practice”, with their templates."""

# ruff: noqa: E501 - texts stay on their lines, with the dashes they are printed with

from webapp.lessons.demo_lesson import DemoLesson
from webapp.lessons.facts import LessonTexts

LESSONS: tuple[DemoLesson, ...] = (
    DemoLesson(
        1,
        "hands-on-01-looking",
        "Look before you touch",
        "How to read a neck and two shoulders in three minutes, standing, sitting and breathing.",
        LessonTexts(
            summary="Lena Brandt reads a neck in 3 minutes: standing, sitting, breathing. You will see which shoulder works and which one only holds on. The checklist is at https://campus.alsterhof.example/look.",
            why_watch="In Lena’s practice 7 of 10 stiff necks were visible before the first touch. Looking is the cheapest test you own.",
            quick_action="Watch one person breathe for 60 seconds and note which shoulder rises first.",
            homework="Fill in the checklist for 3 people, before you touch them. Compare what you saw with what your hands find.",
            social_share="Today I learned to read a neck in 3 minutes, before the first touch.",
        ),
    ),
    DemoLesson(
        2,
        "hands-on-02-palpation",
        "Hands that listen",
        "Palpating the neck layer by layer, with less pressure than most of us use.",
        LessonTexts(
            summary="This lesson goes through the neck in 4 layers, from the skin to the small joints. Lena Brandt presses with 200 grams, hardly more than a letter weighs, and finds more than with two kilos.",
            previous_lessons="Lesson 1, “Look before you touch”, gave you a guess. Now your fingers check it.",
            why_watch="Too much pressure makes a muscle defend itself within 2 seconds. A quiet hand gets the better answer.",
            quick_action="Press on a kitchen scale until it shows 200 grams. Remember that feeling.",
            homework="Palpate 5 necks this week, all 4 layers. Write one word for each layer.",
            social_share="A neck has 4 layers, and 200 grams are enough to feel them.",
        ),
    ),
    DemoLesson(
        3,
        "hands-on-03-red-flags",
        "When to stop and refer",
        "The warning signs that end a treatment before it begins, and how to say so.",
        LessonTexts(
            summary="Dr. Aylin Kaya, neurologist in Hamburg, explains the 6 warning signs that send a neck to a doctor. You will practise the two sentences that say so without frightening anybody. The card is at https://campus.alsterhof.example/flags.",
            previous_lessons="In lesson 2, “Hands that listen”, your fingers found what is there. Not all of it is theirs to treat.",
            why_watch="Of 1,000 necks about 10 need a doctor first. Knowing them makes you calm with the other 990.",
            quick_action="Read the 6 signs aloud once, then cover the card and say them again.",
            homework="Ask every new client the 6 questions this week. Note the answers in 4 minutes, before you touch.",
            social_share="I know the 6 signs that send a neck to a doctor first.",
        ),
    ),
    DemoLesson(
        4,
        "hands-on-04-upper-trapezius",
        "The shoulder that will not come down",
        "Upper trapezius and levator: what keeps them busy and how to give them a rest.",
        LessonTexts(
            summary="A raised shoulder is busy, not short. Lena Brandt shows 3 holds that let the upper trapezius and the levator rest, each of them for 90 seconds.",
            previous_lessons="Lesson 3, “When to stop and refer”, made it safe; now we go to work.",
            why_watch="Stretching alone lasted 20 minutes in our small trial with 24 colleagues. A hold together with breathing lasted into the next day.",
            quick_action="Let one shoulder hang for 90 seconds, and breathe out twice as long as in.",
            homework="Use one hold with 3 people. Measure the distance from ear to shoulder before and after, in centimetres.",
            social_share="A raised shoulder is busy, not short. It needs 90 seconds.",
        ),
    ),
    DemoLesson(
        5,
        "hands-on-05-headache",
        "From the neck into the head",
        "Tension headaches that start under the skull, and what hands can do for them.",
        LessonTexts(
            summary="The muscles under the skull are as small as a finger, and 4 of them can give a headache. Lena Brandt finds them with two fingertips and works for no longer than 5 minutes.",
            previous_lessons="First lesson 4, “The shoulder that will not come down”, then the head.",
            why_watch="About 40 in 100 adults know this headache. A headache diary shows after 2 weeks whether your hands help.",
            quick_action="Find the small hollow under your own skull and rest there for 30 seconds.",
            homework="Give the diary from https://campus.alsterhof.example/diary to 2 people. Look at it together after 14 days.",
            social_share="4 muscles as small as a finger can make a head ache.",
        ),
    ),
    DemoLesson(
        6,
        "hands-on-06-shoulder-blade",
        "The blade that glides",
        "Moving the shoulder blade on the ribs, lying on the side, without force.",
        LessonTexts(
            summary="Lying on the side, the shoulder blade moves in 6 directions. Jonas Okafor shows how to lead it with two hands and how to notice the direction that is missing.",
            previous_lessons="Lesson 5, “From the neck into the head”, worked above the shoulder. Now we go below.",
            why_watch="A blade that does not glide makes the neck do its work, up to 2,000 times a day.",
            quick_action="Draw 10 slow circles with your own shoulder and find the spot where it sticks.",
            homework="Lead 4 shoulder blades through all 6 directions. Mark the missing one in a drawing.",
            social_share="6 directions, two hands, no force: today the shoulder blade learned to glide.",
        ),
    ),
    DemoLesson(
        7,
        "hands-on-07-desk",
        "Necks that sit",
        "Eight hours at a desk: what to change in the chair, the day and the head.",
        LessonTexts(
            summary="Jonas Okafor visits 3 desks and changes one thing at each of them. No chair had to be bought: a timer of 25 minutes did more than the furniture.",
            previous_lessons="What glides since lesson 6, “The blade that glides”, has to keep gliding between two appointments.",
            why_watch="Your treatment lasts 50 minutes, the desk lasts 8 hours. The desk wins unless you talk about it.",
            quick_action="Set a timer to 25 minutes and stand up once when it rings.",
            homework="Ask 3 clients to photograph their desks. Change one thing at each, and ask again after 7 days.",
            social_share="My hands work for 50 minutes, a desk for 8 hours.",
        ),
    ),
    DemoLesson(
        8,
        "hands-on-08-exercises",
        "Two exercises, not twelve",
        "How to choose the exercises that will really be done, and how to show them.",
        LessonTexts(
            summary="Most people do 2 exercises and forget the other 10. Lena Brandt chooses them together with the client, in 5 minutes, and films them on the client’s own phone. Examples: https://campus.alsterhof.example/two.",
            previous_lessons="In lesson 7, “Necks that sit”, a timer brought movement into the day; now we fill the breaks.",
            why_watch="In a group of 30 clients those with 2 exercises practised on 5 days a week, those with twelve on 1.",
            quick_action="Cross out everything but 2 exercises on your own sheet.",
            homework="Film 2 exercises with 3 clients, each shorter than 40 seconds. Ask after 1 week what was done.",
            social_share="2 exercises that are done beat 12 that are not.",
        ),
    ),
    DemoLesson(
        9,
        "hands-on-09-talking",
        "What you say about pain",
        "Words that calm and words that harm, and what to say at the end of a session.",
        LessonTexts(
            summary="“Worn out” and “blocked” stay in people’s heads for years. Dr. Aylin Kaya gives you 5 sentences instead that are true and calm. Lena Brandt plays the difficult client.",
            previous_lessons="Lesson 3, “When to stop and refer”, was about the worst case. Today is every other day.",
            why_watch="People remember about 3 sentences from a session. Choose which ones they are.",
            quick_action="Write down the one sentence about pain that you will not say again.",
            homework="Use 2 of the 5 sentences this week, and note in your diary how people answer.",
            social_share="3 sentences stay from a session, and I choose mine.",
        ),
    ),
    DemoLesson(
        10,
        "hands-on-10-plan",
        "A plan for six weeks",
        "Bringing it together: from the first look to the last appointment.",
        LessonTexts(
            summary="Looking, feeling, holding, moving, talking: Lena Brandt puts all of it into 6 weeks and 5 appointments. You will write the plan for one client of your own. The form is at https://campus.alsterhof.example/plan.",
            previous_lessons="You bring the eyes of lesson 1, the hands of lesson 2, the words of lesson 9.",
            why_watch="A plan that ends is easier to begin. Of Lena’s clients 8 in 10 came to all 5 appointments.",
            quick_action="Choose one client and write the date of the last appointment into the form.",
            homework="Write the plan for 6 weeks and talk it through with your client in 10 minutes. Send questions to lena@alsterhof.example.",
            social_share="6 weeks, 5 appointments, one plan: course done, practice begins.",
        ),
    ),
)
