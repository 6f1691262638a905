"""Whom something is for: words by fact, all of which must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def meant(audience: Mapping[str, Sequence[str]], facts: Mapping[str, Sequence[str]]) -> bool:
    """Whether somebody with these facts is meant: for each named fact one of its words is theirs.

    A locale is met by its language: `de` means `de-AT` too.
    """
    return all(
        any(_same(fact, word, theirs) for word in words for theirs in facts.get(fact, ()))
        for fact, words in audience.items()
        if words
    )


def _same(fact: str, word: str, theirs: str) -> bool:
    if fact == "locale":
        return theirs.lower() == word.lower() or theirs.lower().startswith(f"{word.lower()}-")
    return theirs == word
