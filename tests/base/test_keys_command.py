"""Fresh keys are announced before they write, and nothing sealed before is lost."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as some

from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.cli import headwater


def types(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(headwater, arguments, env={"HEADWATER_HOME": str(home)})


def test_fresh_keys_seal_and_sign_and_older_ones_still_open(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    before = Keys.load(file)
    sealed = crypto.seal(before, "林梅", "name")
    ended = types(tmp_path, "keys", "rotate", "--at-once")
    assert ended.exit_code == 0, ended.output
    after = Keys.load(file)
    assert after.sealing[1:] == before.sealing
    assert after.signing[1:] == before.signing
    assert after.blind == before.blind
    assert crypto.unseal(after, sealed, "name") == "林梅"
    assert Keys.load(tmp_path / "keys.json.before") == before
    assert "sealing 2, blind 1, signing 2" in types(tmp_path, "keys", "show").output
    assert before.sealing[0].hex() not in ended.output


@given(rotations=some.integers(1, 4), stopped=some.booleans())
def test_however_often_keys_rotate_everything_opens(rotations: int, stopped: bool) -> None:
    keys = Keys.drawn()
    sealed = [crypto.seal(keys, "0", "x")]
    for number in range(1, rotations + 1):
        keys = keys.announced()
        if stopped and number == 1:
            # Somebody stopped the command in between, and runs it again.
            keys = keys.announced()
        keys = keys.promoted()
        sealed.append(crypto.seal(keys, str(number), "x"))
    assert [crypto.unseal(keys, each, "x") for each in sealed] == [
        str(number) for number in range(rotations + 1)
    ]
