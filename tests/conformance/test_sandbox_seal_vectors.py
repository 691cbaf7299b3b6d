"""The same published examples against the sandbox's cryptography, which is written apart."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from headwater.sandbox.wecom.sealing import BadSeal, Seal, close, open_signed, signature

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "callbacks.json").read_text(encoding="utf-8")
)["vectors"]
OPENED = [
    "wecom.callback.verify_url.official-sample",
    "wecom.callback.post.official-sample",
    "wecom.callback.verify_url.wechatpy",
    "wecom.callback.decrypt.wechatpy",
]
SEALED = VECTORS["wecom.callback.encrypt.deterministic.wechatpy"]
OFFICIAL = VECTORS["wecom.callback.post.official-sample"]["inputs"]


def seal_of(said: dict[str, Any]) -> Seal:
    receiver = said.get("receive_id", said.get("appid", ""))
    return Seal(said.get("token", "pamtest"), said["encoding_aes_key"], receiver)


def opened(said: dict[str, Any], seal: Seal | None = None, **changes: str) -> bytes:
    told = said | changes
    sealed = told["echostr"] if "echostr" in told else told["encrypt"]
    keys = seal or seal_of(told)
    return open_signed(keys, told["msg_signature"], told["timestamp"], told["nonce"], sealed)


@pytest.mark.parametrize("name", OPENED)
def test_a_published_envelope_opens_to_its_published_text(name: str) -> None:
    vector = VECTORS[name]
    assert opened(vector["inputs"]).decode() == vector["expected"]["plaintext"]


@pytest.mark.parametrize(
    "name",
    [
        "wecom.callback.encrypt.deterministic.wechatpy",
        "oa.aes.encrypt.deterministic.1",
        "oa.aes.encrypt.deterministic.2",
    ],
)
def test_a_published_text_seals_to_its_published_envelope(name: str) -> None:
    said, expected = VECTORS[name]["inputs"], VECTORS[name]["expected"]
    made = close(seal_of(said), said["plaintext"].encode(), said["random16"].encode())
    assert made == expected["encrypt"]


def test_a_published_envelope_has_its_published_signature() -> None:
    said = SEALED["inputs"]
    made = signature(seal_of(said), said["timestamp"], said["nonce"], SEALED["expected"]["encrypt"])
    assert made == SEALED["expected"]["msg_signature"]


@pytest.mark.parametrize("given", ["", "0" * 40, "é", "签"])
def test_a_signature_in_any_letters_is_refused_and_breaks_nothing(given: str) -> None:
    with pytest.raises(BadSeal, match="signature"):
        open_signed(seal_of(OFFICIAL), given, "1", "2", OFFICIAL["encrypt"])


@pytest.mark.parametrize("changed", ["timestamp", "nonce", "encrypt"])
def test_one_changed_part_breaks_the_signature(changed: str) -> None:
    other = ("A" if OFFICIAL[changed][0] != "A" else "B") + OFFICIAL[changed][1:]
    with pytest.raises(BadSeal, match="signature"):
        opened(OFFICIAL, **{changed: other})


def test_an_envelope_for_another_company_stays_shut() -> None:
    with pytest.raises(BadSeal, match="somebody else"):
        opened(OFFICIAL, replace(seal_of(OFFICIAL), receiver_id="wxnobody"))


def test_an_envelope_is_padded_to_32_bytes_not_to_16() -> None:
    for length in range(64):
        assert len(base64.b64decode(close(seal_of(OFFICIAL), b"x" * length))) % 32 == 0


@given(some.binary(max_size=300))
def test_whatever_is_sealed_opens_again(plain: bytes) -> None:
    seal = seal_of(OFFICIAL)
    sealed = close(seal, plain)
    assert open_signed(seal, signature(seal, "1", "2", sealed), "1", "2", sealed) == plain


@given(some.text(max_size=200))
def test_junk_with_a_good_signature_is_refused_and_not_crashed_on(junk: str) -> None:
    seal = seal_of(OFFICIAL)
    with pytest.raises(BadSeal):
        open_signed(seal, signature(seal, "1", "2", junk), "1", "2", junk)
