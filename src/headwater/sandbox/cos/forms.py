"""Uploads from a browser's form: a signed policy says what may come, until when and how large."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.cos import aws, native
from headwater.sandbox.cos.asked import Keys
from headwater.sandbox.cos.errors import CosError, denied, mismatch

# What a form may carry without the policy naming it.
UNNAMED = {"policy", "file", "x-amz-signature", "q-signature", "signature", "success_action_status"}


class Policy(msgspec.Struct):
    expiration: str
    conditions: list[Any]


def check(fields: Mapping[str, str], size: int, keys: Keys, now: datetime) -> None:
    """Refuse a form that the holder of the key did not allow, or that asks for more."""
    encoded = fields.get("policy", "")
    try:
        text = base64.b64decode(encoded, validate=True)
        policy = msgspec.json.decode(text, type=Policy)
        until = datetime.fromisoformat(policy.expiration.replace("Z", "+00:00"))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        # Letters that are no base64, bytes that are no text, dates that are none: all ValueError.
        raise CosError(400, "InvalidPolicyDocument", f"The policy is not valid: {error}") from None
    _check_signature(fields, encoded, text, keys, now)
    if until.tzinfo is None or now >= until:
        raise denied("Policy expired")
    _check_conditions(fields, policy.conditions, size, keys.bucket)


def _check_signature(
    fields: Mapping[str, str], encoded: str, text: bytes, keys: Keys, now: datetime
) -> None:
    if "x-amz-signature" in fields:
        scope = aws.scope_of(fields.get("x-amz-credential", ""), keys)
        wanted, claimed = aws.signature(keys, scope, encoded), fields["x-amz-signature"]
    else:
        times = fields.get("q-key-time", "")
        native.check_who_and_when({**fields, "q-sign-time": times}, keys, now.timestamp())
        hashed = hashlib.sha1(text).hexdigest()  # noqa: S324 - the protocol's own choice.
        wanted = policy_signature(keys.secret_key, times, hashed)
        claimed = fields.get("q-signature", "")
    if not hmac.compare_digest(wanted.encode(), claimed.encode()):
        raise mismatch()


def policy_signature(secret_key: str, key_time: str, hashed: str) -> str:
    """What the holder of the key writes under a policy's hash."""
    key = native.sign_key(secret_key, key_time)
    return hmac.digest(key.encode(), hashed.encode(), "sha1").hex()


def _check_conditions(
    fields: Mapping[str, str], conditions: list[Any], size: int, bucket: str
) -> None:
    given, named = {**fields, "bucket": bucket}, set()
    for condition in conditions:
        match condition:
            case dict() if len(condition) == 1:
                name, wanted = next(iter(condition.items()))
                is_met = given.get(name.lower()) == wanted
            case ["eq", str(name), str(wanted)]:
                name = name.removeprefix("$")
                is_met = given.get(name.lower()) == wanted
            case ["starts-with", str(name), str(wanted)]:
                name = name.removeprefix("$")
                is_met = given.get(name.lower(), "").startswith(wanted)
            case ["content-length-range", int(least), int(most)]:
                if size > most:
                    raise CosError(400, "EntityTooLarge", "The upload is larger than allowed.")
                if size < least:
                    raise CosError(400, "EntityTooSmall", "The upload is smaller than allowed.")
                continue
            case _:
                raise CosError(400, "InvalidPolicyDocument", "A condition is not understood.")
        named.add(name.lower())
        if not is_met:
            raise denied(f"Policy Condition failed: {condition}")
    missing = set(fields) - named - UNNAMED
    if missing:
        raise denied(f"Extra input fields: {', '.join(sorted(missing))}")
