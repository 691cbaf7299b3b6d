"""Reading what a push says, and refusing what no push ever says."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from headwater.base.errors import Forged
from headwater.connect.pushes import identity_of, read_fields, sealed_in, understood_fields

SCAN = b"""<xml><ToUserName><![CDATA[gh_1]]></ToUserName>
<FromUserName><![CDATA[open-1]]></FromUserName>
<CreateTime>1409659813</CreateTime><MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[scancode_push]]></Event>
<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType></ScanCodeInfo>
<PicList><item><PicMd5Sum>a</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum></item></PicList>
</xml>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<xml><Content>&b;</Content></xml>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'


class Text(msgspec.Struct):
    FromUserName: str
    CreateTime: int


def event(**changes: str) -> dict[str, str]:
    return {"FromUserName": "sys", "CreateTime": "1409659813", "Event": "subscribe"} | changes


def test_an_xml_push_reads_to_its_fields_with_what_lies_inside_and_lists() -> None:
    read = read_fields(SCAN)
    assert read["FromUserName"] == "open-1"
    assert read["ScanCodeInfo"] == {"ScanType": "qrcode"}
    assert read["PicList"]["item"] == [{"PicMd5Sum": "a"}, {"PicMd5Sum": "b"}]
    assert understood_fields(Text, read) == Text("open-1", 1409659813)


def test_a_json_push_reads_like_the_same_push_in_xml() -> None:
    json = (
        '{"FromUserName":"o","CreateTime":7,"Content":"你好😀","Is":true,"No":null,"In":{"A":[1]}}'
    )
    xml = "<xml><FromUserName>o</FromUserName><CreateTime>7</CreateTime></xml>"
    read = read_fields(json.encode())
    assert read == {
        "FromUserName": "o",
        "CreateTime": "7",
        "Content": "你好😀",
        "Is": "1",
        "No": "",
        "In": {"A": ["1"]},
    }
    assert understood_fields(Text, read) == understood_fields(Text, read_fields(xml.encode()))


def test_the_sealed_message_is_found_in_either_envelope() -> None:
    assert sealed_in(b"<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[s==]]></Encrypt></xml>")
    assert sealed_in(b' {"ToUserName":"a","Encrypt":"s=="}') == "s=="
    assert sealed_in(b"<xml><ToUserName>a</ToUserName></xml>") == ""


@pytest.mark.parametrize(
    "raw",
    [
        BOMB,
        OUTSIDE,
        b"<!DOCTYPE xml><xml></xml>",
        b"<?php echo 1 ?><xml></xml>",
        b"<xml><Encrypt>s</xml>",
        b"<xml>\x00</xml>",
        b"<xml>&undeclared;</xml>",
        b"<xml>\xff\xfe</xml>",
        "<xml><A>1</A></xml>".encode("utf-16"),
        b"<xml/><xml/>",
        b"<",
        b"",
        b"[]",
        b"7",
        b'{"A":"\\u0000"}',
        b'{"\\u0000":"a"}',
        b'{"A":"\\ud800"}',
        b'{"A":' + b"[" * 4000 + b"]" * 4000 + b"}",
    ],
)
def test_what_no_push_ever_says_is_refused(raw: bytes) -> None:
    with pytest.raises(Forged):
        read_fields(raw)


@pytest.mark.parametrize("wrap", [(b"<a>", b"</a>"), (b'{"a":', b"}")], ids=["xml", "json"])
def test_a_push_is_eight_deep_at_most(wrap: tuple[bytes, bytes]) -> None:
    def deep(levels: int) -> bytes:
        return wrap[0] * levels + (b"" if wrap[0] == b"<a>" else b"1") + wrap[1] * levels

    assert read_fields(deep(8))
    with pytest.raises(Forged):
        read_fields(deep(9))


def test_a_push_has_two_thousand_elements_at_most() -> None:
    assert len(read_fields(b"<xml>" + b"<a/>" * 1999 + b"</xml>")["a"]) == 1999
    with pytest.raises(Forged):
        read_fields(b"<xml>" + b"<a/>" * 2000 + b"</xml>")


@pytest.mark.parametrize(
    "envelope", [b"<xml><Encrypt><a/><b>1</b></Encrypt></xml>", b'{"Encrypt":{"a":1}}']
)
def test_an_envelope_whose_seal_is_no_text_is_refused(envelope: bytes) -> None:
    with pytest.raises(Forged):
        sealed_in(envelope)


def test_a_message_is_known_by_its_id_and_its_copy_is_the_same() -> None:
    first = {"MsgId": "4561255354251345929", "Content": "hello"}
    assert identity_of(first) == identity_of(first | {"Content": "hello again"})
    assert identity_of(first) != identity_of(first | {"MsgId": "4561255354251345930"})


def test_two_events_of_one_second_are_two_and_a_copy_is_none() -> None:
    assert identity_of(event()) == identity_of(dict(reversed(event().items())))
    assert identity_of(event()) != identity_of(event(CreateTime="1409659814"))
    assert identity_of(event(ExternalUserID="a")) != identity_of(event(ExternalUserID="b"))


def test_however_long_a_name_is_the_identity_stays_short() -> None:
    assert len(identity_of(event(FromUserName="x" * 5000))) < 200
    assert len(identity_of({"MsgId": "9" * 5000})) < 100


@given(raw=some.binary(max_size=400))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    for form in (raw, b"<xml>" + raw + b"</xml>", b'{"A":"' + raw + b'"}'):
        try:
            identity_of(read_fields(form))
        except Forged:
            continue


@given(text=some.text(), name=some.text(max_size=5))
def test_no_json_text_crashes_the_reader(text: str, name: str) -> None:
    try:
        read = read_fields(msgspec.json.encode({name: [text, 1.5], "MsgId": text}))
    except Forged:
        assert "\0" in text + name
    else:
        assert identity_of(read)
