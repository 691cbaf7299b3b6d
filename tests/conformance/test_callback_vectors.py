"""Published examples of sealed pushes, right and wrong, against our own cryptography."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as some

from headwater.base.errors import Forged
from headwater.connect.callbacks import (
    CallbackKeys,
    encrypted,
    open_sealed,
    plain_signature_matches,
    seal,
    signature_of,
    verify_plain,
)

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


def keys_of(given: dict[str, Any], **changes: Any) -> CallbackKeys:
    keys = CallbackKeys(
        token=given.get("token", "pamtest"),
        aes_key=given["encoding_aes_key"],
        receiver_id=given.get("receive_id", given.get("appid", "")),
    )
    return replace(keys, **changes)


def moment(timestamp: str, later_seconds: int = 0) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC) + timedelta(seconds=later_seconds)


def opened(given: dict[str, Any], later_seconds: int = 0, **changes: Any) -> bytes:
    said = given | changes
    keys = keys_of(said)
    sealed = said["echostr"] if "echostr" in said else said["encrypt"]
    at = moment(given["timestamp"], later_seconds)
    return open_sealed(keys, said["msg_signature"], said["timestamp"], said["nonce"], sealed, at)


@pytest.mark.parametrize("name", OPENED)
def test_a_published_push_opens(name: str) -> None:
    vector = VECTORS[name]
    assert opened(vector["inputs"]).decode() == vector["expected"]["plaintext"]


def test_a_published_reply_is_sealed_to_its_published_text_and_opens_again() -> None:
    given, expected = SEALED["inputs"], SEALED["expected"]
    plain, salt = given["plaintext"].encode(), given["random16"].encode()
    sealed = seal(keys_of(given), plain, given["timestamp"], given["nonce"], salt)
    assert (sealed.encrypt, sealed.msg_signature) == (
        expected["encrypt"],
        expected["msg_signature"],
    )
    assert opened(given | {"encrypt": sealed.encrypt, **expected}) == plain


@pytest.mark.parametrize("number", [1, 2])
def test_the_official_accounts_sample_is_encrypted_as_published(number: int) -> None:
    vector = VECTORS[f"oa.aes.encrypt.deterministic.{number}"]
    given = vector["inputs"]
    made = encrypted(keys_of(given), given["plaintext"].encode(), given["random16"].encode())
    assert made == vector["expected"]["encrypt"]


def test_the_signature_of_the_official_accounts_sample_is_the_derived_one() -> None:
    vector = VECTORS["oa.msg_signature.from-sample"]
    given = vector["inputs"]
    made = signature_of(given["token"], given["timestamp"], given["nonce"], given["encrypt"])
    assert made == vector["expected"]["msg_signature"]


def test_a_push_for_another_company_is_refused_after_opening() -> None:
    with pytest.raises(Forged) as refused:
        opened(OFFICIAL, receive_id="wx0000000000000000")
    assert refused.value.details["why"] == "the message is for another receiver"


def test_an_empty_receiver_is_no_wild_card() -> None:
    with pytest.raises(Forged):
        opened(OFFICIAL, receive_id="")
    nobody = keys_of(OFFICIAL, receiver_id="")
    sealed = seal(nobody, b"for an agency's app", "1409659813", "n")
    given = ("1409659813", "n", sealed.encrypt, moment("1409659813"))
    assert open_sealed(nobody, sealed.msg_signature, *given) == b"for an agency's app"


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "1409659814"},
        {"nonce": "1372623148"},
        {"encrypt": "SypEvHKD8QQKFhvQ6QleEB4J58tiPdvo" + OFFICIAL["encrypt"][32:]},
        {"encrypt": ""},
        {"msg_signature": ""},
        {"msg_signature": OFFICIAL["msg_signature"].upper()},
        {"msg_signature": "签"},
        {"token": "QDG6eL"},
    ],
    ids=lambda change: f"{next(iter(change))}={next(iter(change.values()))[:12]}",
)
def test_a_push_whose_signature_does_not_match_is_refused_before_opening(
    change: dict[str, Any],
) -> None:
    with pytest.raises(Forged) as refused:
        opened(OFFICIAL, **change)
    assert refused.value.details["why"] == "the signature does not match"


@pytest.mark.parametrize("change", [{"timestamp": "1409659813 "}, {"nonce": "a\nb"}])
def test_a_malformed_timestamp_or_nonce_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Forged, match="malformed"):
        opened(OFFICIAL, **change)


@pytest.mark.parametrize("later_seconds", [-300, 0, 300])
def test_within_five_minutes_either_way_a_push_is_believed(later_seconds: int) -> None:
    assert opened(OFFICIAL, later_seconds)


@pytest.mark.parametrize("later_seconds", [-301, 301])
def test_a_second_beyond_five_minutes_a_push_is_refused(later_seconds: int) -> None:
    with pytest.raises(Forged, match="stale"):
        opened(OFFICIAL, later_seconds)


def test_a_message_padded_to_sixteen_differs_from_the_published_text() -> None:
    """The official push is the one whose length tells the two paddings apart."""
    expected = VECTORS["wecom.callback.post.official-sample"]["expected"]
    keys, salt = keys_of(OFFICIAL), expected["random16"].encode()
    plain = expected["plaintext"].encode()
    assert encrypted(keys, plain, salt) == OFFICIAL["encrypt"]
    content = salt + len(plain).to_bytes(4, "big") + plain + keys.receiver_id.encode()
    missing = 16 - len(content) % 16
    assert cipher_text(keys, content + bytes([missing]) * missing) != OFFICIAL["encrypt"]


def cipher_text(keys: CallbackKeys, content: bytes) -> str:
    encryptor = Cipher(AES(keys.secret), CBC(keys.secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(content) + encryptor.finalize()).decode()


PADDED = b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + b"corp"


@pytest.mark.parametrize(
    "content",
    [
        PADDED + b"\x06" * 5 + b"\x05",
        PADDED + b"\x06" * 5 + b"\x00",
        PADDED + b"\x06" * 5 + b"\x21",
        b"\x10" * 16,
        b"r" * 16 + (99).to_bytes(4, "big") + b"hi" + b"\x0a" * 10,
        b"r" * 12 + b"\x04" * 4,
    ],
    ids=["uneven", "zero", "over 32", "only padding", "too short", "no room for the length"],
)
def test_a_broken_inside_is_refused_even_where_it_is_signed(content: bytes) -> None:
    keys = CallbackKeys("token", OFFICIAL["encoding_aes_key"], "corp")
    encrypt = cipher_text(keys, content)
    signature = signature_of("token", "1409659813", "n", encrypt)
    with pytest.raises(Forged):
        open_sealed(keys, signature, "1409659813", "n", encrypt, moment("1409659813"))


def test_a_push_in_plain_is_believed_by_its_own_signature_and_no_other() -> None:
    keys, at = CallbackKeys("pamtest", "", "wx"), moment("1409304348")
    signature = signature_of("pamtest", "1409304348", "xxxxxx")
    verify_plain(keys, signature, "1409304348", "xxxxxx", at)
    assert not plain_signature_matches("pamtest", "1409304349", "xxxxxx", signature)
    with pytest.raises(Forged):
        verify_plain(replace(keys, token="other"), signature, "1409304348", "xxxxxx", at)
    with pytest.raises(Forged):
        verify_plain(keys, signature, "1409304348", "xxxxxx", at + timedelta(seconds=301))


def test_an_address_without_a_key_opens_nothing() -> None:
    keys = CallbackKeys("token", "", "wx")
    signature = signature_of("token", "1409659813", "n", "AAAA")
    with pytest.raises(Forged, match="no key"):
        open_sealed(keys, signature, "1409659813", "n", "AAAA", moment("1409659813"))


@pytest.mark.parametrize("aes_key", ["short", "x" * 42, "x" * 44, "x" * 42 + "\n", "+" * 43])
def test_a_key_of_another_length_or_alphabet_is_refused(aes_key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        CallbackKeys("token", aes_key, "wx")


@given(plain=some.binary(max_size=300), nonce=some.text("abc019", min_size=1, max_size=20))
def test_what_is_sealed_opens_and_one_flipped_bit_never_does(plain: bytes, nonce: str) -> None:
    keys = keys_of(OFFICIAL)
    sealed = seal(keys, plain, "1409659813", nonce)
    at = moment("1409659813")
    given = ("1409659813", nonce)
    assert open_sealed(keys, sealed.msg_signature, *given, sealed.encrypt, at) == plain
    raw = bytearray(base64.b64decode(sealed.encrypt))
    raw[len(plain) % len(raw)] ^= 1
    changed = base64.b64encode(raw).decode()
    with pytest.raises(Forged):
        open_sealed(keys, sealed.msg_signature, *given, changed, at)


@given(signature=some.text(), timestamp=some.text(), nonce=some.text(), sealed=some.text())
def test_no_text_from_a_stranger_does_more_than_be_refused(
    signature: str, timestamp: str, nonce: str, sealed: str
) -> None:
    with pytest.raises(Forged):
        open_sealed(keys_of(OFFICIAL), signature, timestamp, nonce, sealed, moment("1409659813"))


@given(content=some.binary(max_size=200), nonce=some.text("ab", min_size=1, max_size=4))
def test_no_bytes_inside_a_signed_push_do_more_than_be_refused(content: bytes, nonce: str) -> None:
    keys = keys_of(OFFICIAL)
    for encrypt in (
        base64.b64encode(content).decode(),
        cipher_text(keys, content + bytes(-len(content) % 16)),
    ):
        signature = signature_of(keys.token, "1409659813", nonce, encrypt)
        with pytest.raises(Forged):
            open_sealed(keys, signature, "1409659813", nonce, encrypt, moment("1409659813"))
