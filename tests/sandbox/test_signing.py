"""Signatures both ways: what the pay host accepts, and what its clients may believe."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from tests.sandbox.merchant import NOON, Town

from headwater.sandbox.credentials import public_pem
from headwater.sandbox.pay.signing import is_signed_by, lines

JSAPI = "/v3/pay/transactions/jsapi"

# Printed in the tests of Tencent's own Go client: the message is the word "source".
PUBLISHED_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt
/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+
U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4
SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oU
xwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmd
a7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT
8wIDAQAB
-----END PUBLIC KEY-----"""
PUBLISHED_SIGNATURE = (
    "BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6"
    "pHU4ld815U4jsKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqI"
    "MzoZUguLli/K8V29QiOhuH6IEqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51"
    "qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg=="
)


def test_the_published_signature_is_accepted_and_a_changed_one_is_not() -> None:
    key = load_pem_public_key(PUBLISHED_KEY.encode())
    assert isinstance(key, RSAPublicKey)
    assert is_signed_by(key, b"source", PUBLISHED_SIGNATURE)
    assert not is_signed_by(key, b"sourcf", PUBLISHED_SIGNATURE)
    assert not is_signed_by(key, b"source", "C" + PUBLISHED_SIGNATURE[1:])
    assert not is_signed_by(key, b"source", "not base64")


def test_the_signed_string_ends_every_line() -> None:
    signed = lines("POST", "/v3/certificates", "1624523846", "A1B2C3D4E5F6G7", b"Hello World!\n")
    assert signed == b"POST\n/v3/certificates\n1624523846\nA1B2C3D4E5F6G7\nHello World!\n\n"


async def test_an_answer_is_signed_over_its_raw_bytes(town: Town) -> None:
    answer = await town.post(JSAPI, town.body())
    assert answer.headers["wechatpay-serial"] == town.pay["platform_public_key_id"]
    assert answer.headers["wechatpay-signature-type"] == "WECHATPAY2-SHA256-RSA2048"
    town.believes(answer.headers, answer.content)
    with pytest.raises(InvalidSignature):
        town.believes(answer.headers, answer.content + b" ")


async def test_the_serial_asked_for_is_the_serial_that_signs(town: Town) -> None:
    serial = town.pay["platform_certificate_serial"]
    answer = await town.post(JSAPI, town.body(), **{"Wechatpay-Serial": serial})
    assert answer.headers["wechatpay-serial"] == serial
    certificate = load_pem_x509_certificate(town.pay["platform_certificate_pem"].encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    town.believes(answer.headers, answer.content, public_pem(key))


async def test_the_platform_certificate_opens_with_the_merchants_key(town: Town) -> None:
    answer = await town.get("/v3/certificates")
    (one,) = answer.json()["data"]
    assert town.opened(one["encrypt_certificate"]).decode() == town.pay["platform_certificate_pem"]
    assert one["serial_no"] == town.pay["platform_certificate_serial"]
    assert one["encrypt_certificate"]["associated_data"] == "certificate"


async def test_a_body_changed_on_the_way_is_refused_with_what_was_signed(town: Town) -> None:
    content = json.dumps(town.body()).encode()
    headers = town.signed("POST", JSAPI, content)
    answer = await town.send("POST", JSAPI, content.replace(b"3990", b"3991"), headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    told = answer.json()["detail"]["sign_information"]
    assert (told["method"], told["url"]) == ("POST", JSAPI)
    assert told["truncated_sign_message"].startswith(f"POST\n{JSAPI}\n")
    assert told["sign_message_length"] > len(content)
    assert town.sandbox.payments.everything() == []


async def test_a_query_changed_on_the_way_is_refused(town: Town) -> None:
    path = "/v3/pay/transactions/out-trade-no/T20261122-0001?mchid="
    headers = town.signed("GET", path + town.pay["mchid"], b"")
    assert (await town.send("GET", path + "1900000001", b"", headers)).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_clock_that_is_off_is_refused(town: Town, seconds: int) -> None:
    at = NOON + timedelta(seconds=seconds)
    headers = town.signed("GET", "/v3/certificates", b"", at)
    answer = await town.send("GET", "/v3/certificates", b"", headers)
    assert (answer.status_code, answer.json()["detail"]["field"]) == (401, "timestamp")


@pytest.mark.parametrize("seconds", [-300, 300])
async def test_a_clock_at_the_limit_is_accepted(town: Town, seconds: int) -> None:
    at = NOON + timedelta(seconds=seconds)
    headers = town.signed("GET", "/v3/certificates", b"", at)
    assert (await town.send("GET", "/v3/certificates", b"", headers)).status_code == 200


async def test_a_request_replayed_is_refused(town: Town) -> None:
    headers = town.signed("GET", "/v3/certificates", b"")
    assert (await town.send("GET", "/v3/certificates", b"", headers)).status_code == 200
    again = await town.send("GET", "/v3/certificates", b"", headers)
    assert (again.status_code, again.json()["detail"]["field"]) == (401, "nonce_str")


async def test_a_forged_request_does_not_use_up_the_nonce(town: Town) -> None:
    headers = town.signed("GET", "/v3/certificates", b"")
    forged = headers["Authorization"].replace('signature="', 'signature="A')
    refused = await town.send("GET", "/v3/certificates", b"", {"Authorization": forged})
    assert refused.status_code == 401
    assert (await town.send("GET", "/v3/certificates", b"", headers)).status_code == 200


def without(header: str, name: str) -> str:
    return header.replace(f"{name}=", f"{name}_gone=")


@pytest.mark.parametrize("name", ["mchid", "nonce_str", "signature", "timestamp", "serial_no"])
async def test_a_header_with_a_part_missing_is_refused(town: Town, name: str) -> None:
    header = without(town.signed("GET", "/v3/certificates", b"")["Authorization"], name)
    answer = await town.send("GET", "/v3/certificates", b"", {"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("part", ["mchid", "merchant_serial"])
async def test_an_unknown_merchant_or_serial_is_refused(town: Town, part: str) -> None:
    known: Any = town.pay[part].lower()
    header = town.signed("GET", "/v3/certificates", b"")["Authorization"]
    changed = header.replace(known, "0" * len(known))
    answer = await town.send("GET", "/v3/certificates", b"", {"Authorization": changed})
    assert answer.status_code == 401


async def test_no_authorization_at_all_is_refused(town: Town) -> None:
    assert (await town.send("GET", "/v3/certificates", b"", {})).status_code == 401
