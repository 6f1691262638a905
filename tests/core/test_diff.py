"""The difference of two texts is exact, readable and quick."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.diff import Token, diff, diff_fields

WORDS = st.lists(
    st.sampled_from(
        ["der", "Hals", " ", "  ", "\n", ", ", "шея", "首", "頸", "é", "e\u0301", "\U0001f600", "-", "7 %"]
    ),
    max_size=30,
).map("".join)
TEXTS = st.one_of(st.text(max_size=80), WORDS)


def side(tokens, kind):
    return "".join(token.text for token in tokens if token.kind in ("same", kind))


@given(TEXTS, TEXTS)
def test_nothing_is_lost(old, new):
    tokens = diff(old, new)
    assert side(tokens, "del") == old
    assert side(tokens, "ins") == new


@given(TEXTS, TEXTS)
def test_tokens_are_full_and_never_repeat_their_kind(old, new):
    tokens = diff(old, new)
    assert all(token.text for token in tokens)
    assert all(left.kind != right.kind for left, right in pairwise(tokens))


@given(TEXTS)
def test_the_same_text_has_no_difference(text):
    assert diff(text, text) == ([Token("same", text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "tokens"),
    [
        ("five strokes", "six strokes", [("del", "five"), ("ins", "six"), ("same", " strokes")]),
        ("мягкая шея", "мягкая спина", [("same", "мягкая "), ("del", "шея"), ("ins", "спина")]),
        ("首を休める", "肩を休める", [("del", "首"), ("ins", "肩"), ("same", "を休める")]),
        ("a b c", "x y c", [("del", "a b"), ("ins", "x y"), ("same", " c")]),
        ("", "new", [("ins", "new")]),
    ],
)
def test_differences_read_word_by_word(old, new, tokens):
    assert [(token.kind, token.text) for token in diff(old, new)] == tokens


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("neck and collar " * 3200, "collar and neck " * 3200),
        ("ab " * 17000, "cd " * 17000),
        (
            "\n".join(f"line {i} of it" for i in range(4000)),
            "\n".join(f"line {i} of that" for i in range(4000)),
        ),
        ("首" * 50000, "肩首" * 25000),
    ],
    ids=["alike words", "nothing shared", "many lines", "characters"],
)
def test_fifty_kilobytes_are_quick(old, new):
    start = time.perf_counter()
    tokens = diff(old, new)
    assert time.perf_counter() - start < 2
    assert side(tokens, "del") == old
    assert side(tokens, "ins") == new


def test_fields_are_compared_one_by_one():
    old = {"title": "CMO", "painPoints": ["No-shows", "Calendars"], "gone": "x"}
    new = {"title": "CMO", "painPoints": ["Calendars"], "role": None}
    found = {field.name: field for field in diff_fields(old, new)}
    assert list(found) == ["title", "painPoints", "role", "gone"]
    assert [name for name, field in found.items() if field.changed] == ["painPoints", "gone"]
    assert found["painPoints"].tokens == (Token("del", "No-shows\n"), Token("same", "Calendars"))
