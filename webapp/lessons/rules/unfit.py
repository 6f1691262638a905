"""Finds what may not stand in a lesson: markup, left placeholders, instructions to whoever reads a text."""

from __future__ import annotations

import html
import re

# ruff: noqa: E501 - patterns of several languages

_KNOWN_TAGS = (
    "script|style|img|br|div|span|svg|iframe|form|input|button|body|html|head|link|meta|object|embed|video|audio|table"
    "|tr|td|ul|ol|li|h[1-6]|strong|em|section|textarea|select|base|template|details|marquee|math"
)
_TAG = re.compile(
    rf"<(?:[a-z][^<>]*>|/[a-z][^<>]*>|!--|!doctype|!\[CDATA|\?[a-z]|/?(?:{_KNOWN_TAGS})(?:[\s/>]|$)|[abiup]\s[^<]*=)",
    re.IGNORECASE,
)
_HTMX = re.compile(
    r"(?<![\w])(?:data-)?hx-[a-z]|javascript:\s*\S|\bon(?:error|click|load|mouseover|focus)\s*=",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^[ ]{0,3}\#{1,6}[ \t]+\S"  # a heading
    r"|(?<![\w*])\*\*[^\s*][^*\n]*\*\*|(?<![\w_])__[^\s_][^\n]*?__(?![\w_])"  # bold
    r"|\[[^\]\n]*\]\([^()\s]+(?:[ ]\"[^\"]*\")?\)"  # a link
    r"|```|~~~|(?<![\w`])`[^`\n]+`(?![\w`])"  # code
    r"|\[/(?:b|i|u|url|img|quote|code)\]",
    re.MULTILINE | re.IGNORECASE,
)
_MARKUP = (  # each with the signs without which there is none: they are quick to look for
    (_TAG, re.compile("<")),
    (_HTMX, re.compile(r"hx-|javascript:|=", re.IGNORECASE)),
    (_ENTITY, re.compile("&")),
    (_MARKDOWN, re.compile(r"[#*_`~\[]")),
)
_FIELDS = (
    r"(?:(?:first|last|full|user|learner|student|client|course|company|instructor)[ _-]?)?names?|learner|student|user|client|goals?|motivation|fears?|date|title"
    r"|company|email|link|url|topic|имя|ученик|студент|клиент|дата|цель|ссылка|vorname|nachname|nombre|prénom|nom"
)
_PLACEHOLDER = re.compile(
    r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\$?\{\s*[^\W\d][\w.\-]*(?:[ ][\w.\-]+){0,3}\s*\}"
    rf"|\[\s*(?:your\s|the\s|insert\s|learner'?s?\s|вставьте\s|ваше?\s)?\s*(?:{_FIELDS})\s*\]"
    r"|\[(?:insert|вставьте|укажите|your|placeholder)\b[^\]\n]{0,60}\]|\[[A-Z]+(?:_[A-Z]+)+\]"
    rf"|<+\s*(?:{_FIELDS})\s*>+|(?<![\w%])%(?:[a-z]\w*)%(?!\w)"
    rf"|\b__(?:{_FIELDS})__\b|\blorem ipsum\b"
    r"|\[(?:e-mail|profile|id|phone|number)\]",  # what stands where a text was minimised for a model
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[{}\[<%_$]|lorem", re.IGNORECASE)
_TO_DO = re.compile(r"\b(?:TODO|TBD|FIXME|XXX|TKTK)\b")
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,60}\b(?:instructions?|previous|above|prompts?|rules)\b"
    r"|\bsystem prompt\b|\byou are now\b|\bas an ai\b|\bapi[ _-]?keys?\b|\b(?:reveal|print|repeat)\b.{0,30}\b(?:prompt|instructions)\b"
    r"|(?<!\w)(?:игнорир|забуд|проигнорир)\w*.{0,60}(?:инструкц|указан|предыдущ|правил)|системн\w+ промпт"
    r"|\b(?:ignoriere|vergiss)\b.{0,60}\b(?:anweisung|vorherig|bisherig)\w*|\bignora\b.{0,60}\binstrucciones\b"
    r"|^\s*(?:system|assistant|user)\s*:",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_CUT_OUT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)|<[/!?a-z][^<>]*(?:>|$)", re.IGNORECASE | re.DOTALL)
_HARMFUL = re.compile(r"\S*\b(?:data-)?hx-[\w-]*\S*|javascript:\S*|\bon\w{3,20}\s*=\s*\S*", re.IGNORECASE)


def markup(text: str) -> str:
    """The first piece of markup in a text; "" where there is none. "a < b" is none."""
    for pattern, signs in _MARKUP:
        if signs.search(text) and (found := pattern.search(text)):
            return found[0].strip()[:40]
    return ""


def placeholder(text: str) -> str:
    """The first placeholder that nobody filled in; "" where there is none."""
    found = (_BRACKETS.search(text) and _PLACEHOLDER.search(text)) or _TO_DO.search(text)
    return found[0][:40] if found else ""


def filled(text: str, name: str) -> str:
    """The text with the learner's name in the places that ask for a name, other placeholders taken out."""
    named = _PLACEHOLDER.sub(
        lambda found: name if re.search(r"name|имя", found[0], re.IGNORECASE) else "", text
    )
    return re.sub(r"[ ]{2,}", " ", named)


def order(text: str) -> str:
    """What in a text tries to instruct its reader; "" where nothing does."""
    found = _ORDER.search(text)
    return " ".join(found[0].split())[:80] if found else ""


def plain(text: str) -> str:
    """The text without markup, placeholders and unprintable signs; line ends are kept."""
    bare = _CUT_OUT.sub(" ", html.unescape(_CUT_OUT.sub(" ", text)))
    bare = "".join(
        sign if sign.isprintable() or sign in "\n\u200c\u200d" else " " for sign in _CUT_OUT.sub(" ", bare)
    )
    bare = _TO_DO.sub(" ", _PLACEHOLDER.sub(" ", _HARMFUL.sub(" ", bare)))
    bare = re.sub(r"[<>{}`*\[\]|]+|^\s*#+\s|_{2,}|~{2,}|&(?=[#\w]+;)", " ", bare, flags=re.MULTILINE)
    return "\n".join(line for part in bare.split("\n") if (line := " ".join(part.split())))
