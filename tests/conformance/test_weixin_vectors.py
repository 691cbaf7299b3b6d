"""Published examples of the mini program and of signed pages, right and wrong, against our code."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as some

from headwater.base.errors import Forged
from headwater.connect.mini_program.user_data import open_user_data, raw_signature_matches
from headwater.connect.official_account.pages import page_signature

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "weixin.json").read_text(encoding="utf-8")
)["vectors"]
SEALED = VECTORS["miniprogram.encryptedData.demo"]["inputs"]
RAW = VECTORS["miniprogram.rawData.signature"]
PAGE = VECTORS["oa.jssdk.signature"]


def opened(**changes: str) -> Any:
    said = SEALED | changes
    return open_user_data(said["encryptedData"], said["iv"], said["session_key"], said["appid"])


def test_the_published_user_data_opens() -> None:
    expected = VECTORS["miniprogram.encryptedData.demo"]["expected"]["plaintext_json"]
    assert opened() == expected


def test_user_data_for_another_app_is_forged() -> None:
    with pytest.raises(Forged) as forged:
        opened(appid="wx4f4bc4dec97d474c")
    assert "another app" in str(forged.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"session_key": base64.b64encode(bytes(16)).decode()},
        {"session_key": base64.b64encode(bytes(15)).decode()},
        {"session_key": base64.b64encode(bytes(32)).decode()},
        {"session_key": "钥匙"},
        {"session_key": ""},
        {"iv": ""},
        {"iv": "!" * 24},
        {"encryptedData": ""},
        {"encryptedData": SEALED["encryptedData"][:-8]},
        {"encryptedData": "\ud800"},
    ],
)
def test_user_data_with_another_key_beginning_or_end_is_forged(changes: dict[str, str]) -> None:
    with pytest.raises(Forged):
        opened(**changes)


@given(some.integers(0, 8 * len(base64.b64decode(SEALED["encryptedData"])) - 1))
def test_a_flipped_bit_never_changes_the_watermark_unseen(bit: int) -> None:
    """CBC has no tag: a bit may garble words, but what opens is still for this app, or Forged."""
    raw = bytearray(base64.b64decode(SEALED["encryptedData"]))
    raw[bit // 8] ^= 1 << bit % 8
    try:
        fields = opened(encryptedData=base64.b64encode(bytes(raw)).decode())
    except Forged:
        return
    assert fields["watermark"]["appid"] == SEALED["appid"]


@given(some.binary(max_size=100))
def test_whatever_was_sealed_with_the_key_opens_or_is_forged(plain: bytes) -> None:
    padder = PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    key, iv = base64.b64decode(SEALED["session_key"]), base64.b64decode(SEALED["iv"])
    encryptor = Cipher(AES128(key), CBC(iv)).encryptor()
    sealed = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    with pytest.raises(Forged):
        opened(encryptedData=sealed)


def test_the_published_raw_data_matches_its_signature_and_no_other() -> None:
    raw, key = RAW["inputs"]["rawData"], RAW["inputs"]["session_key"]
    signature = RAW["expected"]["signature"]
    assert raw_signature_matches(raw, key, signature)
    assert not raw_signature_matches(raw + " ", key, signature)
    assert not raw_signature_matches(json.dumps(json.loads(raw)), key, signature)
    assert not raw_signature_matches(raw, SEALED["session_key"], signature)
    assert not raw_signature_matches(raw, key, signature[:-1] + "0")
    assert not raw_signature_matches(raw, key, "签名")
    assert not raw_signature_matches(raw, key, "")


def signed(url: str = PAGE["inputs"]["url"], **changes: Any) -> str:
    said = PAGE["inputs"] | changes
    return page_signature(said["jsapi_ticket"], url, said["noncestr"], said["timestamp"])


def test_the_published_page_is_signed_as_published() -> None:
    assert signed() == PAGE["expected"]["signature"]


@pytest.mark.parametrize("fragment", ["#", "#/route", "#/route?x=1#y"])
def test_what_follows_the_fragment_sign_is_not_signed(fragment: str) -> None:
    assert signed(PAGE["inputs"]["url"] + fragment) == PAGE["expected"]["signature"]


@pytest.mark.parametrize(
    "other",
    [
        {"jsapi_ticket": "another"},
        {"noncestr": "another"},
        {"timestamp": 1414587458},
        {"url": "http://mp.weixin.qq.com?params=Value"},
        {"url": "http://mp.weixin.qq.com/?params=value"},
    ],
)
def test_another_ticket_nonce_moment_or_address_is_signed_otherwise(other: Any) -> None:
    assert signed(**other) != PAGE["expected"]["signature"]
