"""Keys: what was sealed stays readable through a rotation, and nothing else opens it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.base.errors import Forged


def test_what_the_old_keys_sealed_opens_after_a_rotation() -> None:
    old = Keys.drawn()
    new = old.rotated()
    sealed, token = crypto.seal(old, "13812345678", "phone"), crypto.sign(old, "visit", [1])
    assert crypto.unseal(new, sealed, "phone") == "13812345678"
    assert crypto.read_signed(new, "visit", token, 60) == [1]
    assert crypto.blind_index(new, "a", "x") == crypto.blind_index(old, "a", "x")
    with pytest.raises(Forged):
        crypto.unseal(old, crypto.seal(new, "13812345678", "phone"), "phone")
    with pytest.raises(Forged):
        crypto.read_signed(old, "visit", crypto.sign(new, "visit", [1]), 60)


def test_a_field_that_was_altered_or_moved_is_refused() -> None:
    keys = Keys.drawn()
    sealed = crypto.seal(keys, "王芳", "name")
    with pytest.raises(Forged):
        crypto.unseal(keys, sealed, "phone")
    for place in (0, 5, len(sealed) - 1):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Forged):
            crypto.unseal(keys, altered, "name")
    with pytest.raises(Forged):
        crypto.unseal(keys, b"", "name")
    assert crypto.seal(keys, "王芳", "name") != sealed
    assert "王芳".encode() not in sealed


def test_one_value_has_another_blind_index_for_each_purpose_and_key() -> None:
    keys = Keys.drawn()
    seen = {
        crypto.blind_index(keys, "1", "phone"),
        crypto.blind_index(keys, "1", "card"),
        crypto.blind_index(keys, "2", "phone"),
        crypto.blind_index(Keys.drawn(), "1", "phone"),
    }
    assert len(seen) == 4


def test_keys_are_kept_for_their_owner_alone_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    drawn = Keys.load(file)
    assert Keys.load(file) == drawn
    assert file.stat().st_mode & 0o777 == 0o600
    drawn.rotated().save(file)
    assert Keys.load(file).sealing[1:] == drawn.sealing
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
    assert drawn.sealing[0].hex() not in repr(drawn)
