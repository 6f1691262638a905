"""A reason that was told of a person is readable until their key is destroyed."""

from __future__ import annotations

from uuid import uuid4

import pytest

from webapp.core.audit_reasons import GONE, key_ids, seal, unseal

KEY, ID = bytes(range(32)), uuid4()


@pytest.mark.parametrize("reason", ["", "Asked for by phone.", "Größe: 41 ✓", "a" * 500])
def test_a_reason_is_sealed_and_read_again(reason: str) -> None:
    sealed = seal(KEY, ID, reason)
    assert len(sealed) <= 500
    assert not reason or reason not in sealed
    assert key_ids([sealed]) == ({ID} if reason else set())
    assert unseal({ID: KEY.hex()}, sealed) == reason


def test_what_is_too_long_for_the_column_is_cut_and_says_so() -> None:
    reason = "".join(chr(0x4E00 + 7 * number % 9_000) for number in range(500))
    sealed = seal(KEY, ID, reason)
    told = unseal({ID: KEY.hex()}, sealed)
    assert len(sealed) <= 500
    assert told.endswith("…")
    assert reason.startswith(told[:-1])


def test_without_the_key_it_is_gone_and_what_is_not_sealed_stays() -> None:
    assert unseal({}, seal(KEY, ID, "Anna asked")) == GONE
    assert unseal({}, "to 3") == "to 3"
    assert seal(KEY, ID, "same") != seal(KEY, ID, "same")
