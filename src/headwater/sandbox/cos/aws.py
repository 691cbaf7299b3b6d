"""The S3-compatible wire: AWS signature version 4, in a header, a query or a form."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import quote

from headwater.sandbox.cos.asked import SKEW_SECONDS, Asked, Keys
from headwater.sandbox.cos.errors import CosError, denied, mismatch

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
LONGEST_LIFE_SECONDS = 604_800

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([a-z0-9;.-]+),\s*"
    r"Signature=([0-9a-f]{64})"
)


def is_meant(asked: Asked) -> bool:
    """Whether the request is signed in this way at all."""
    header = asked.headers.get("authorization", "")
    return header.startswith(ALGORITHM) or asked.given.get("X-Amz-Algorithm") == ALGORITHM


def check(asked: Asked, keys: Keys) -> None:
    """Refuse a request that the holder of the key did not sign just now."""
    if asked.has("X-Amz-Signature"):
        _check_query(asked, keys)
    else:
        _check_header(asked, keys)


def signature(keys: Keys, scope: str, text: str) -> str:
    """The chain of keys for a day, a region and a service, over this text."""
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def scope_of(credential: str, keys: Keys) -> str:
    """The day, region, service and end that the credential names, if they are ours."""
    secret_id, _, scope = credential.partition("/")
    if secret_id != keys.secret_id:
        raise CosError(403, "InvalidAccessKeyId", "The access key Id you provided does not exist.")
    if not re.fullmatch(rf"\d{{8}}/{re.escape(keys.region)}/s3/aws4_request", scope):
        raise CosError(400, "AuthorizationHeaderMalformed", f"The scope {scope} is wrong.")
    return scope


def _check_header(asked: Asked, keys: Keys) -> None:
    given = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
    if given is None:
        raise denied("The Authorization header is not well formed.")
    scope = scope_of(given[1], keys)
    stamp = asked.headers.get("x-amz-date", "")
    if abs((asked.now - _moment(stamp)).total_seconds()) > SKEW_SECONDS:
        raise CosError(403, "RequestTimeTooSkewed", "The request time differs too much.")
    hashed = asked.headers.get("x-amz-content-sha256", "")
    if hashed.startswith("STREAMING-"):
        # What newer SDKs send unless told otherwise; COS does not read chunks with checksums.
        raise CosError(501, "NotImplemented", "A header you provided implies an unknown feature.")
    if hashed not in (UNSIGNED, asked.digest()):
        raise CosError(400, "XAmzContentSHA256Mismatch", "The body is not what was signed.")
    _compare(asked, keys, (scope, stamp, given[2], hashed), given[3])


def _check_query(asked: Asked, keys: Keys) -> None:
    given = asked.given
    scope, stamp = scope_of(given.get("X-Amz-Credential", ""), keys), given.get("X-Amz-Date", "")
    life = given.get("X-Amz-Expires", "")
    if not re.fullmatch(r"[0-9]{1,6}", life) or not 1 <= int(life) <= LONGEST_LIFE_SECONDS:
        raise CosError(400, "AuthorizationQueryParametersError", "X-Amz-Expires is out of range.")
    age = (asked.now - _moment(stamp)).total_seconds()
    if age < -SKEW_SECONDS or age > int(life):
        raise denied("Request has expired")
    signed = given.get("X-Amz-SignedHeaders", "")
    _compare(asked, keys, (scope, stamp, signed, UNSIGNED), given["X-Amz-Signature"])


def _compare(asked: Asked, keys: Keys, said: tuple[str, str, str, str], claimed: str) -> None:
    scope, stamp, signed, hashed = said
    names = signed.split(";")
    if "host" not in names or stamp[:8] != scope[:8]:
        raise mismatch()
    lines = "".join(f"{one}:{' '.join(asked.headers.get(one, '').split())}\n" for one in names)
    wanted = [(name, value) for name, value in asked.query if name != "X-Amz-Signature"]
    query = "&".join(sorted(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in wanted))
    canonical = "\n".join([asked.method, asked.raw_path, query, lines, signed, hashed])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    if not hmac.compare_digest(signature(keys, scope, text).encode(), claimed.encode()):
        raise mismatch()


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise denied("X-Amz-Date is missing or not a date.") from None
