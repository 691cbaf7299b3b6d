"""Published examples of WeChat Pay APIv3, right and wrong, against our own cryptography."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.connect.provider import credentials, signature_by

from headwater.base.errors import Forged
from headwater.connect.wechat_pay import (
    PaymentNotice,
    PlatformKeys,
    RefundNotice,
    RefundStatus,
    TradeState,
    WechatPay,
)
from headwater.connect.wechat_pay.signing import (
    decrypt_resource,
    pay_sheet_message,
    request_message,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "wechat_pay.json").read_text(encoding="utf-8")
)["vectors"]
GO_NOTICE = VECTORS["pay.v3.notification.signed+encrypted"]
PAY = VECTORS["pay.v3.notification.derived.pay"]["inputs"]
REFUND = VECTORS["pay.v3.notification.derived.ref"]["inputs"]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def reader(vector: dict[str, Any]) -> WechatPay:
    """Build a client that knows the vector's key and merchant."""
    known = credentials(
        mchid="1900000001",
        appid="wxd678efh567hg6787",
        apiv3_key=vector["apiv3_key"],
        platform_keys={vector["public_key_id"]: vector["public_key_pem"]},
    )
    return WechatPay(known, httpx2.AsyncClient(), lambda: moment(0))


@dataclass(frozen=True)
class Received:
    """One notice as it reached us."""

    headers: dict[str, str]
    body: bytes
    seconds: int


def received(vector: dict[str, Any]) -> Received:
    return Received(vector["headers"], vector["body"].encode(), vector["now_for_skew_check"])


def test_the_published_notice_verifies_by_its_certificate_and_opens() -> None:
    given, expected = GO_NOTICE["inputs"], GO_NOTICE["expected"]
    keys = PlatformKeys({given["certificate_serial"]: given["certificate_pem"]})
    notice = received(given)
    keys.verify(notice.headers, notice.body, moment(notice.seconds))
    resource = json.loads(notice.body)["resource"]
    opened = decrypt_resource(  # The published key has 16 bytes; credentials demand 32.
        given["apiv3_key"].encode(),
        resource["nonce"],
        resource["ciphertext"],
        resource["associated_data"],
    )
    assert opened.decode() == expected["resource_plaintext"]


def test_a_certificate_under_a_wrong_serial_is_refused() -> None:
    pem = GO_NOTICE["inputs"]["certificate_pem"]
    for serial in ("D7CE59D1F522D702", "PUB_KEY_ID_1", "15550563411190470401"):
        with pytest.raises(ValueError, match=r"serial|public key"):
            PlatformKeys({serial: pem})


def test_the_published_signature_of_the_public_key_mode_verifies() -> None:
    """Our verifier speaks of whole answers, so the primitive is checked with its own padding."""
    vector = VECTORS["pay.v3.rsa-sha256.pubkey"]
    key = load_pem_public_key(vector["inputs"]["public_key_pem"].encode())
    assert isinstance(key, RSAPublicKey)
    signature = base64.b64decode(vector["expected"]["signature_b64"])
    key.verify(signature, vector["inputs"]["message"].encode(), PKCS1v15(), SHA256())
    assert PlatformKeys({vector["inputs"]["serial_or_key_id"]: vector["inputs"]["public_key_pem"]})


def test_the_published_small_secret_opens() -> None:
    vector = VECTORS["pay.v3.aes-gcm.decrypt"]
    given = vector["inputs"]
    opened = decrypt_resource(
        given["apiv3_key"].encode(),
        given["nonce"],
        given["ciphertext"],
        given["associated_data"],
    )
    assert opened.decode() == vector["expected"]["plaintext"]


def test_a_secret_under_a_full_length_key_opens_also_when_empty() -> None:
    vector = VECTORS["pay.v3.aes-256-gcm.32-byte-key"]
    given, expected = vector["inputs"], vector["expected"]
    key, nonce = given["apiv3_key"].encode(), given["nonce"]
    opened = decrypt_resource(key, nonce, expected["ciphertext"], given["associated_data"])
    assert opened.decode() == given["plaintext"]
    assert decrypt_resource(key, nonce, expected["empty_plaintext_and_aad_ciphertext"], "") == b""


def test_the_published_certificate_download_opens_to_the_certificate_that_signs() -> None:
    vector = VECTORS["pay.v3.certificates.download"]
    (entry,) = json.loads(vector["inputs"]["body"])["data"]
    sealed = entry["encrypt_certificate"]
    opened = decrypt_resource(
        vector["inputs"]["apiv3_key"].encode(),
        sealed["nonce"],
        sealed["ciphertext"],
        sealed["associated_data"],
    ).decode()
    assert opened == vector["expected"]["certificate_pem"]
    assert PlatformKeys({entry["serial_no"]: opened})
    assert x509.load_pem_x509_certificate(opened.encode()).serial_number == int(
        entry["serial_no"], 16
    )


def test_what_a_request_signs_is_spelled_as_published() -> None:
    vector = VECTORS["pay.v3.authorization.string"]
    given, expected = vector["inputs"], vector["expected"]
    at, nonce = int(given["timestamp"]), given["nonce"]
    path = given["path_and_query"]
    assert (
        request_message("POST", path, at, nonce, given["body"].encode()).decode()
        == expected["sign_string"]
    )
    assert (
        request_message("GET", path, at, nonce, b"").decode()
        == expected["sign_string_without_body"]
    )


def test_what_a_pay_sheet_signs_is_spelled_as_published() -> None:
    vector = VECTORS["pay.v3.paySign.string"]
    given = vector["inputs"]
    message = pay_sheet_message(
        given["appId"], given["timeStamp"], given["nonceStr"], given["package"]
    )
    assert message.decode() == vector["expected"]["sign_string"]


def test_the_retired_signature_of_apiv2_is_the_published_one() -> None:
    """Keep the list of published vectors whole: nothing of ours speaks APIv2."""
    vector = VECTORS["pay.v2.paySign.md5"]
    digest = hashlib.md5(vector["inputs"]["string"].encode(), usedforsecurity=False).hexdigest()
    assert digest.upper() == vector["expected"]["paySign"]


def test_the_derived_payment_notice_becomes_a_fact() -> None:
    notice = received(PAY)
    read = reader(PAY).read_notice(notice.headers, notice.body, moment(notice.seconds))
    assert read == PaymentNotice(
        notice_id="EV-2026112216000000001",
        out_trade_no="R20261122-0001",
        transaction_id="4200009999202611220000000001",
        amount_fen=100,
        payer_openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        paid_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        trade_state=TradeState.PAID,
        state_word="SUCCESS",
        attach="门店😀",
    )


def test_the_derived_refund_notice_becomes_a_fact() -> None:
    notice = received(REFUND)
    read = reader(REFUND).read_notice(notice.headers, notice.body, moment(notice.seconds))
    assert read == RefundNotice(
        notice_id="EV-2026112216050000001",
        out_refund_no="RF20261122-0001",
        out_trade_no="R20261122-0001",
        refund_id="50300009992026112200000000001",
        amount_fen=40,
        refund_status=RefundStatus.DONE,
        status_word="SUCCESS",
        refunded_at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC),
    )


def reserialised(notice: Received) -> Received:
    again = json.dumps(json.loads(notice.body)).encode()
    assert again != notice.body
    return Received(notice.headers, again, notice.seconds)


def probe(notice: Received) -> Received:
    signature = "WECHATPAY/SIGNTEST/" + notice.headers["Wechatpay-Signature"]
    return Received(
        notice.headers | {"Wechatpay-Signature": signature}, notice.body, notice.seconds
    )


def unknown_serial(notice: Received) -> Received:
    return Received(
        notice.headers | {"Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A72"},
        notice.body,
        notice.seconds,
    )


def stale(notice: Received) -> Received:
    return Received(notice.headers, notice.body, notice.seconds + 301)


def unsigned(notice: Received) -> Received:
    return Received({}, notice.body, notice.seconds)


@pytest.mark.parametrize("mutation", [reserialised, probe, unknown_serial, stale, unsigned])
@pytest.mark.parametrize("vector", [PAY, REFUND], ids=["pay", "refund"])
def test_a_negative_case_is_refused(
    vector: dict[str, Any], mutation: Callable[[Received], Received]
) -> None:
    wrong = mutation(received(vector))
    with pytest.raises(Forged):
        reader(vector).read_notice(wrong.headers, wrong.body, moment(wrong.seconds))


def test_a_broken_tag_is_refused_even_where_the_body_is_signed_again() -> None:
    notice = json.loads(PAY["body"])
    sealed = bytearray(base64.b64decode(notice["resource"]["ciphertext"]))
    sealed[-1] ^= 1
    notice["resource"]["ciphertext"] = base64.b64encode(sealed).decode()
    body = json.dumps(notice).encode()
    stamp = PAY["headers"]["Wechatpay-Timestamp"]
    signature = signature_by("new", f"{stamp}\nn\n".encode() + body + b"\n")
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": "n",
        "Wechatpay-Serial": "PUB_KEY_ID_0119000000012026112200000000000001",
        "Wechatpay-Signature": signature,
    }
    known = credentials(apiv3_key=PAY["apiv3_key"], appid="wxd678efh567hg6787")
    client = WechatPay(known, httpx2.AsyncClient(), lambda: moment(0))
    with pytest.raises(Forged) as refused:
        client.read_notice(headers, body, moment(PAY["now_for_skew_check"]))
    assert refused.value.details["why"] == "the resource does not open"


def test_a_signature_without_the_last_line_feed_is_refused() -> None:
    body = PAY["body"].encode()
    stamp = PAY["headers"]["Wechatpay-Timestamp"]
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": "n",
        "Wechatpay-Serial": "PUB_KEY_ID_0119000000012026112200000000000001",
        "Wechatpay-Signature": signature_by("new", f"{stamp}\nn\n".encode() + body),
    }
    keys = PlatformKeys(credentials().platform_keys)
    with pytest.raises(Forged):
        keys.verify(headers, body, moment(int(stamp)))
