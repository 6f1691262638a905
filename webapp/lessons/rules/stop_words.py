"""Words that say nothing of what a text is about, by language: they tell languages apart."""

# ruff: noqa: E501, RUF001 - word lists of several languages

BY_LANGUAGE = {
    "en": "the and of for with to in is are that from your you without on by who it than this be have will what when how if not they can at as or an my we our",
    "de": "der die das und für mit ohne ist sind von den im ein eine auf nicht wie zum zur du sie ihr ihre wir es dem des bei aus als auch dein deine wenn einen einer sich",
    "fr": "le la les et pour avec sans est sont des du une dans sur au aux qui vous votre nous que ce cette pas de en vos plus ou",
    "es": "el los las y para con sin es son del una en por que se su al tu de la como más lo no si te este esta",
    "it": "il gli e per con senza della che una nel sono dei di le la del è un non tua tuo questa questo come più si",
    "nl": "de het een en van voor met zonder op zijn niet naar dat te bij je jouw deze dit is om ook als wat",
    "pt": "o os as e para com sem é são do da uma em por que se seu sua ao dos das não você mais como um no na",
}
STOP_WORDS = {language: frozenset(text.split()) for language, text in BY_LANGUAGE.items()}

_SAID = (
    "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о из ему"
    " когда даже ну ли если или быть был него до вас вам вами ваш ваша ваше ваши мы наш для при это эта этот эти того чтобы без их них"
    " тоже себя себе свой свои своих своим хочу хотите мой моя мои моих можно нужно очень уже где там тут этого которые который"
)
_MORE = (
    "about after again all also any because been before being both but could did does doing down each few get got had has her here him his"
    " i i'm i'd i've into just like me more most much many need no now only other out over own really should so some such their them then there"
    " these too up us very want was way were which while would yours yourself make made every lot one something things thing don't can't it's"
    " you're let let's lesson learn course ich mich mir mein meine meinen habe will möchte kann werden wird nach über noch sehr mehr quiero mis"
)
STOPS = frozenset().union(*STOP_WORDS.values()) | frozenset(_SAID.split()) | frozenset(_MORE.split())
