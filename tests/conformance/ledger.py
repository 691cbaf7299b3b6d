"""Which test holds which published vector, so that none is lost from sight."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent

_PAY = "test_wechat_pay_vectors.py"
_NEGATIVE = "test_pay_negative_vectors.py::test_a_negative_case_is_refused"
_PUSH = "test_callback_vectors.py"
_WEIXIN = "test_weixin_vectors.py"
_COS = "test_cos_vectors.py"

LEDGER: dict[str, str] = {
    "pay.v3.notification.signed+encrypted": (
        f"{_PAY}::test_the_published_notice_verifies_by_its_certificate_and_opens"
    ),
    "pay.v3.rsa-sha256.pubkey": (
        f"{_PAY}::test_the_published_signature_of_the_public_key_mode_verifies"
    ),
    "pay.v3.aes-gcm.decrypt": f"{_PAY}::test_the_published_small_secret_opens",
    "pay.v3.aes-256-gcm.32-byte-key": (
        f"{_PAY}::test_a_secret_under_a_full_length_key_opens_also_when_empty"
    ),
    "pay.v3.certificates.download": (
        f"{_PAY}::test_the_published_certificate_download_opens_to_the_certificate_that_signs"
    ),
    "pay.v3.authorization.string": f"{_PAY}::test_what_a_request_signs_is_spelled_as_published",
    "pay.v3.paySign.string": f"{_PAY}::test_what_a_pay_sheet_signs_is_spelled_as_published",
    "pay.v3.notification.derived.pay": f"{_PAY}::test_the_derived_payment_notice_becomes_a_fact",
    "pay.v3.notification.derived.ref": f"{_PAY}::test_the_derived_refund_notice_becomes_a_fact",
    "pay.v2.paySign.md5": f"{_PAY}::test_the_retired_signature_of_apiv2_is_the_published_one",
    "neg.pay.bad_gcm_tag": _NEGATIVE,
    "neg.pay.body_reserialised": _NEGATIVE,
    "neg.pay.missing_trailing_lf": _NEGATIVE,
    "neg.pay.stale": _NEGATIVE,
    "neg.pay.signtest": _NEGATIVE,
    "neg.pay.unsigned_2xx": _NEGATIVE,
    "neg.pay.serial_unknown": _NEGATIVE,
    "wecom.callback.verify_url.official-sample": f"{_PUSH}::test_a_published_push_opens",
    "wecom.callback.post.official-sample": f"{_PUSH}::test_a_published_push_opens",
    "wecom.callback.verify_url.wechatpy": f"{_PUSH}::test_a_published_push_opens",
    "wecom.callback.decrypt.wechatpy": f"{_PUSH}::test_a_published_push_opens",
    "wecom.callback.encrypt.deterministic.wechatpy": (
        f"{_PUSH}::test_a_published_reply_is_sealed_to_its_published_text_and_opens_again"
    ),
    "oa.aes.encrypt.deterministic.1": (
        f"{_PUSH}::test_the_official_accounts_sample_is_encrypted_as_published"
    ),
    "oa.aes.encrypt.deterministic.2": (
        f"{_PUSH}::test_the_official_accounts_sample_is_encrypted_as_published"
    ),
    "oa.msg_signature.from-sample": (
        f"{_PUSH}::test_the_signature_of_the_official_accounts_sample_is_the_derived_one"
    ),
    "neg.wecom.wrong_receive_id": (
        f"{_PUSH}::test_a_push_for_another_company_is_refused_after_opening"
    ),
    "neg.wecom.bad_signature": (
        f"{_PUSH}::test_a_push_whose_signature_does_not_match_is_refused_before_opening"
    ),
    "neg.wecom.pad_block_16": (
        f"{_PUSH}::test_a_message_padded_to_sixteen_differs_from_the_published_text"
    ),
    "miniprogram.encryptedData.demo": f"{_WEIXIN}::test_the_published_user_data_opens",
    "miniprogram.rawData.signature": (
        f"{_WEIXIN}::test_the_published_raw_data_matches_its_signature_and_no_other"
    ),
    "oa.jssdk.signature": f"{_WEIXIN}::test_the_published_page_is_signed_as_published",
    "neg.jssdk.fragment": f"{_WEIXIN}::test_what_follows_the_fragment_sign_is_not_signed",
    "cos.sign.put": f"{_COS}::test_each_published_request_is_believed",
    "cos.sign.get": f"{_COS}::test_each_published_request_is_believed",
    "cos.sign.get.range": f"{_COS}::test_each_published_request_is_believed",
    "cos.sign.post-policy": f"{_COS}::test_the_published_policy_signs_to_its_published_value",
}


def defined_in(file: str) -> set[str]:
    """Name the tests that a file of this folder defines."""
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}
