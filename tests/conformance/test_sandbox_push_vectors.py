"""The published examples of sealing and signing against the simulated weixin host's own code."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as some
from wechatpy.crypto import PrpCrypto, WeChatCrypto, WeChatWxaCrypto
from wechatpy.exceptions import InvalidSignatureException

from headwater.sandbox.weixin.program.logins import sealed
from headwater.sandbox.weixin.pushes.crypto import NotSealed, Sealer, signature
from headwater.sandbox.weixin.pushes.wire import NoXml, read_xml, xml
from headwater.sandbox.weixin.web.jssdk import signature as page_signature


def vectors(name: str) -> dict[str, Any]:
    file = Path(__file__).parent / "vectors" / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["vectors"]
    return found


CALLBACKS, WEIXIN = vectors("callbacks"), vectors("weixin")
SEALED = (
    "oa.aes.encrypt.deterministic.1",
    "oa.aes.encrypt.deterministic.2",
    "wecom.callback.encrypt.deterministic.wechatpy",
)
OPENED = (
    "wecom.callback.verify_url.official-sample",
    "wecom.callback.post.official-sample",
    "wecom.callback.verify_url.wechatpy",
    "wecom.callback.decrypt.wechatpy",
)
KEY, APPID, TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6", "pamtest"


@pytest.mark.parametrize("name", SEALED)
def test_what_is_published_is_sealed_so(name: str) -> None:
    said, expected = CALLBACKS[name]["inputs"], CALLBACKS[name]["expected"]
    sealer = Sealer(said["encoding_aes_key"], said.get("appid") or said["receive_id"])
    plain = said["plaintext"].encode()
    assert sealer.seal(plain, said["random16"].encode()) == expected["encrypt"]
    assert sealer.open(expected["encrypt"]) == plain


@pytest.mark.parametrize("name", OPENED)
def test_what_is_published_is_opened_and_signed_so(name: str) -> None:
    said, expected = CALLBACKS[name]["inputs"], CALLBACKS[name]["expected"]
    closed = said.get("echostr") or said["encrypt"]
    parts = (said["token"], said["timestamp"], said["nonce"], closed)
    assert signature(*parts) == said["msg_signature"]
    sealer = Sealer(said["encoding_aes_key"], said["receive_id"])
    assert sealer.open(closed).decode() == expected["plaintext"]
    with pytest.raises(NotSealed):
        Sealer(said["encoding_aes_key"], "wx0000000000000000").open(closed)


def test_a_message_is_signed_as_published() -> None:
    one = CALLBACKS["oa.msg_signature.from-sample"]
    said = one["inputs"]
    parts = (said["token"], said["timestamp"], said["nonce"], said["encrypt"])
    assert signature(*parts) == one["expected"]["msg_signature"]


def test_a_page_is_signed_as_published_without_its_fragment() -> None:
    one = WEIXIN["oa.jssdk.signature"]
    said = one["inputs"]
    for url in (said["url"], said["url"] + "#/route"):
        signed = page_signature(said["jsapi_ticket"], said["noncestr"], said["timestamp"], url)
        assert signed == one["expected"]["signature"]


def test_user_data_is_sealed_as_published() -> None:
    said = WEIXIN["miniprogram.encryptedData.demo"]["inputs"]
    key, iv = (base64.b64decode(said[name]) for name in ("session_key", "iv"))
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(base64.b64decode(said["encryptedData"])) + decryptor.finalize()
    plain = padded[: -padded[-1]]
    assert sealed(said["session_key"], iv, plain) == said["encryptedData"]
    opened = WeChatWxaCrypto(said["session_key"], said["iv"], said["appid"])
    assert opened.decrypt_message(said["encryptedData"]) == json.loads(plain)


@given(some.text(max_size=300))
def test_wechatpy_opens_what_we_seal_and_we_open_what_it_seals(text: str) -> None:
    there, here = WeChatCrypto(TOKEN, KEY, APPID), Sealer(KEY, APPID)
    closed = here.seal(text.encode())
    signed = signature(TOKEN, "1409304348", "n1", closed)
    body = {"Encrypt": closed}
    assert there.decrypt_message(body, signed, "1409304348", "n1") == text
    theirs = read_xml(there.encrypt_message(text, "n1", "1409304348").encode())
    assert signature(TOKEN, "1409304348", "n1", theirs["Encrypt"]) == theirs["MsgSignature"]
    assert here.open(theirs["Encrypt"]).decode() == text


@given(some.integers(min_value=0), some.integers(min_value=0, max_value=7))
def test_a_flipped_bit_breaks_the_signature_for_both(place: int, bit: int) -> None:
    closed = Sealer(KEY, APPID).seal(b"<xml><a>1</a></xml>", b"aaaabbbbccccdddd")
    signed = signature(TOKEN, "1409304348", "n1", closed)
    whole = bytearray(base64.b64decode(closed))
    whole[place % len(whole)] ^= 1 << bit
    changed = base64.b64encode(bytes(whole)).decode()
    assert signature(TOKEN, "1409304348", "n1", changed) != signed
    there = WeChatCrypto(TOKEN, KEY, APPID)
    with pytest.raises(InvalidSignatureException):
        there.decrypt_message({"Encrypt": changed}, signed, "1409304348", "n1")


def test_a_wrong_padding_is_refused_here_but_not_by_wechatpy() -> None:
    """PKCS7 says that all bytes of the padding are alike; the SDK looks at the last one only."""
    key = base64.b64decode(KEY + "=")
    body = b"aaaabbbbccccdddd" + (1).to_bytes(4, "big") + b"x" + APPID.encode()
    pad = 32 - len(body) % 32
    padded = body + b"\0" * (pad - 1) + bytes([pad])
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    closed = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    assert PrpCrypto(key).decrypt(closed, APPID) == "x"
    with pytest.raises(NotSealed):
        Sealer(KEY, APPID).open(closed)


NAMES = some.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
# XML knows no control characters, and its readers trim the ends.
TEXTS = some.text(
    some.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")),
    max_size=60,
)


@given(some.dictionaries(NAMES, TEXTS, min_size=1, max_size=6))
def test_what_is_written_as_xml_is_read_back(fields: dict[str, str]) -> None:
    assert read_xml(xml(fields)) == fields


@given(some.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for told in (body, b"<xml>" + body + b"</xml>"):
        try:
            assert isinstance(read_xml(told), dict)
        except NoXml:
            continue


@given(some.text(max_size=200))
def test_any_text_is_opened_or_refused(closed: str) -> None:
    with pytest.raises(NotSealed):
        Sealer(KEY, APPID).open(closed)
