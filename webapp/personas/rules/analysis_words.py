"""The sentences that a meeting preparation by rules is made of, in English and in Russian."""

# ruff: noqa: E501, RUF001 - a sentence stays on one line; Cyrillic

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language. A slot {} takes a fact or a phrase as it was given."""

    joined: str
    our_product: str
    named: str
    somebody: str
    at: str
    noted: str
    usually: str
    unknown: str
    open_told: str
    open_usual: str
    open_nothing: str
    bridge: str
    which_part: str
    no_offer: str
    look_at: str
    close: str
    ask_pain: str
    ask_wish: str
    ask_usual: str
    ask_size: str
    ask_today: str
    ask_owner: str
    ask_others: str
    quote: str
    refused_answer: str
    price: str
    price_answer: str
    price_unknown: str
    effort: str
    effort_answer: str
    effort_unknown: str
    already: str
    already_known: str
    already_answer: str
    not_alone: str
    not_alone_answer: str
    find_out: str
    confirm: str
    place: str
    bring: str
    afterwards: str
    labels: Mapping[str, str]
    missing: Mapping[str, str]


ENGLISH = Words(
    joined="and",
    our_product="our product",
    named="{}",
    somebody="Somebody whose name is not noted",
    at="{} at {}",
    noted="Noted: {}",
    usually="In such a job one usually:",
    unknown="Not known: {}.",
    open_told="Start from what is noted: “{}”. Ask how that shows in an ordinary week, and listen before you speak of {}.",
    open_usual="Nothing is noted about what troubles them. In this line of work one often hears: “{}”. Ask whether it is so here, and leave room for a no.",
    open_nothing="Nothing is noted about what troubles them. Ask what took the most time last week, and let the answer lead.",
    bridge="Then, in a sentence:",
    which_part="Ask which part of that touches their work.",
    no_offer="Choose one product before the meeting: without it there is nothing to build a bridge to.",
    look_at="What they will look at:",
    close="Close with one small step that costs them little, with a date, and say who does it.",
    ask_pain="“{}”: what does that cost you in an ordinary week?",
    ask_wish="What would change for you if you could {}?",
    ask_usual="How is it with this at your place: “{}”?",
    ask_size="How many people work with you, and at how many sites?",
    ask_today="How do you do today what {} would do, and who does it?",
    ask_owner="What would have to be on the table for you to decide?",
    ask_others="Who else has a say in this, and what do they look at first?",
    quote="“{}”",
    refused_answer="Take it as it is said and do not argue. Ask what happened, and show only what does not repeat it.",
    price="That costs too much for what we need.",
    price_answer="Say the price as it is: “{}”. Then ask what the present way costs them in hours and money.",
    price_unknown="No price is noted for this product: find it out before the meeting, and say it when asked.",
    effort="We have no time to introduce something new.",
    effort_answer="What we say of it: “{}”. Ask which week would be a quiet one, and offer to begin small.",
    effort_unknown="The product’s texts say nothing about the effort of starting. Ask a colleague for an example before you go.",
    already="We have something for that already.",
    already_known="They use {}. Ask what it does well, what is still done by hand, and whether both have to work together.",
    already_answer="Good. Ask what it does well and what is still done by hand; speak only about the second.",
    not_alone="I cannot decide that alone.",
    not_alone_answer="Ask who can, and what that person needs to see. Offer one page that can be passed on.",
    find_out="Before the meeting, find out: {}.",
    confirm="Send a short agenda to {} and ask for what they would add.",
    place="Offer a call or a visit: they are in {}.",
    bring="Bring an example of this: “{}”.",
    afterwards="On the same day, write down their words in the contact’s notes.",
    labels={
        "contact headcount": "company size",
        "contact revenue": "revenue",
        "contact department": "department",
        "contact seniority": "seniority",
    },
    missing={
        "title": "the job title",
        "company": "the company",
        "industry": "the industry",
        "headcount": "how large the company is",
        "notes": "what troubles them",
    },
)
RUSSIAN = Words(
    joined="и",
    our_product="наш продукт",
    named="«{}»",
    somebody="Человек, имя которого не записано",
    at="{}, компания {}",
    noted="Записано: {}",
    usually="На такой должности человек обычно —",
    unknown="Неизвестно: {}.",
    open_told="Начните с того, что записано: «{}». Спросите, как это проявляется в обычную неделю, и выслушайте, прежде чем говорить про {}.",
    open_usual="О трудностях ничего не записано. В этом деле часто говорят: «{}». Спросите, так ли это здесь, и оставьте место для «нет».",
    open_nothing="О трудностях ничего не записано. Спросите, на что ушло больше всего времени на прошлой неделе, и идите за ответом.",
    bridge="Затем одной фразой:",
    which_part="Спросите, что из этого касается их работы.",
    no_offer="Выберите до встречи один продукт: без него не к чему перекидывать мост.",
    look_at="На что будут смотреть:",
    close="В конце договоритесь об одном небольшом шаге: что, когда и кто.",
    ask_pain="«{}»: чего это стоит вам в обычную неделю?",
    ask_wish="Что изменится для вас, если получится вот это: «{}»?",
    ask_usual="Как у вас с этим: «{}»?",
    ask_size="Сколько у вас людей и сколько площадок?",
    ask_today="Как сегодня делается то, что взял бы на себя {}, и кто это делает?",
    ask_owner="Что должно лежать на столе, чтобы вы приняли решение?",
    ask_others="Кто ещё участвует в решении и на что смотрит в первую очередь?",
    quote="«{}»",
    refused_answer="Примите это как есть и не спорьте. Спросите, что произошло, и покажите только то, что этого не повторит.",
    price="Для нас это дорого.",
    price_answer="Назовите цену как есть: «{}». Потом спросите, во сколько часов и денег обходится нынешний способ.",
    price_unknown="Цена продукта не записана: узнайте её до встречи и назовите, когда спросят.",
    effort="У нас нет времени внедрять новое.",
    effort_answer="Что мы об этом говорим: «{}». Спросите, какая неделя будет спокойной, и предложите начать с малого.",
    effort_unknown="В описании продукта ничего не сказано о трудоёмкости запуска. Возьмите у коллег пример до встречи.",
    already="У нас для этого уже что-то есть.",
    already_known="У них используется {}. Спросите, что там хорошо, что делается вручную и нужно ли, чтобы системы работали вместе.",
    already_answer="Хорошо. Спросите, что там удобно, а что делается вручную; говорите только о втором.",
    not_alone="Я не решаю это в одиночку.",
    not_alone_answer="Спросите, кто решает и что этому человеку важно увидеть. Предложите одну страницу, которую можно передать.",
    find_out="До встречи узнайте: {}.",
    confirm="Отправьте на {} короткую повестку и спросите, что добавить.",
    place="Предложите звонок или визит: {}.",
    bring="Возьмите пример к этому: «{}».",
    afterwards="В тот же день запишите слова собеседника в заметки контакта.",
    labels={
        "contact headcount": "размер компании",
        "contact revenue": "выручка",
        "contact department": "отдел",
        "contact seniority": "уровень",
    },
    missing={
        "title": "должность",
        "company": "компания",
        "industry": "отрасль",
        "headcount": "размер компании",
        "notes": "что беспокоит собеседника",
    },
)
