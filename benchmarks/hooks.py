"""Notices and pushes answered a second, and signatures believed a second.

python -m benchmarks.hooks
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from benchmarks import ground, orders, steady
from benchmarks.ground import Ground
from benchmarks.steady import Timetable
from headwater.app.credentials import pushes as push_keys
from headwater.base.db import SYSTEM, Pool
from headwater.connect import callbacks
from headwater.connect.wechat_pay import PlatformKeys
from headwater.connect.wechat_pay.signing import answer_message

PER_SECOND = 200
SECONDS = 20
UNCOUNTED = 2 * PER_SECOND
LIMIT_MS = 100
PATIENCE_SECONDS = 120
CRYPTO_SECONDS = 2.0
Say = Callable[[str], None]


async def main(say: Say = print) -> None:
    """Measure and print."""
    say(
        f"Hooks: {PER_SECOND} a second, half notices of payment that settle an order, half sealed"
        " pushes; one server, one worker beside it, durable (fsync on)."
    )
    async with ground.laid() as laid:
        await _print_answers(say, laid)
        _print_crypto(say, ground.known(laid.home)["pay"])


async def _print_answers(say: Say, laid: Ground) -> None:
    known = ground.known(laid.home)
    pool = await Pool.open(laid.cluster.app_url, 4)
    half = (PER_SECOND * SECONDS + UNCOUNTED) // 2
    attempts = await orders.attempts(pool, laid, half)
    where = (laid.cluster.app_url, str(laid.home))
    async with (
        ground.served("benchmarks.served", "ours", *where) as port,
        ground.served("benchmarks.behind", *where),
    ):
        # What this machine does to a route that does nothing, for judging the rest.
        idle = [b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"] * (5 * PER_SECOND)
        floor = await steady.send_from_outside(Timetable(port, PER_SECOND, UNCOUNTED, 64, idle))
        requests = _requests(known, attempts)
        table = Timetable(port, PER_SECOND, UNCOUNTED, 64, requests)
        result = await steady.send_from_outside(table)
        ended = time.perf_counter()
        await _until_done(pool)
        behind = time.perf_counter() - ended
    p95, longest = result.percentile(0.95), max(result.latencies_ms, default=0.0)
    say(
        f"  answered          {result.per_second:,.0f} a second, {result.failed} failed"
        f" {result.first_failure}"
    )
    say(f"  p50               {result.percentile(0.5):.1f} ms")
    say(f"  p95               {p95:.1f} ms (limit {LIMIT_MS}, ratio {p95 / LIMIT_MS:.2f})")
    say(f"  longest           {longest:.1f} ms (limit {LIMIT_MS}, ratio {longest / LIMIT_MS:.2f})")
    say(
        f"  an empty route    p95 {floor.percentile(0.95):.1f} ms, longest"
        f" {max(floor.latencies_ms, default=0.0):.1f} ms, at the same pace just before"
    )
    say(f"  work done         {behind:.1f} s after the last answer")
    async with pool.transaction(SYSTEM) as db:
        paid = await db.raw.fetchval("SELECT count(*) FROM trade.orders WHERE state = 'paid'")
    say(f"  orders paid       {paid} of {half}")
    await pool.close()


async def _until_done(pool: Pool) -> None:
    """Wait until the worker has nothing left of what the hooks have left for it."""
    left = (
        "SELECT (SELECT count(*) FROM base.jobs WHERE kind = 'connect.push')"
        " + (SELECT count(*) FROM base.outbox)"
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with pool.transaction(SYSTEM) as db:
                if not await db.raw.fetchval(left):
                    return
            await asyncio.sleep(0.05)


def _requests(known: dict[str, Any], attempts: list[tuple[str, int]]) -> list[bytes]:
    """Make a notice and a push in turn, as the platforms would write them this second."""
    now = int(time.time())
    notices = (_notice(known, number, attempt, now) for number, attempt in enumerate(attempts))
    pushes = (_push(known, number, now) for number in range(len(attempts)))
    return list(itertools.chain.from_iterable(zip(notices, pushes, strict=True)))


def _notice(known: dict[str, Any], number: int, attempt: tuple[str, int], now: int) -> bytes:
    pay, (out_trade_no, amount_fen) = known["pay"], attempt
    inside = {
        "mchid": pay["mchid"],
        "appid": known["official_account"]["appid"],
        "out_trade_no": out_trade_no,
        "transaction_id": f"42000{number:023d}",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "success_time": datetime.fromtimestamp(now, UTC).isoformat(),
        "payer": {"openid": "o-bench"},
        "amount": {
            "total": amount_fen,
            "payer_total": amount_fen,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }
    nonce = f"{number:012d}"
    sealed = AESGCM(pay["apiv3_key"].encode()).encrypt(
        nonce.encode(), json.dumps(inside).encode(), b"transaction"
    )
    body = {
        "id": f"EV-{number}",
        "create_time": datetime.fromtimestamp(now, UTC).isoformat(),
        "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": "transaction",
            "nonce": nonce,
        },
    }
    return _signed(pay, json.dumps(body, ensure_ascii=False).encode(), nonce, now)


def _signed(pay: dict[str, Any], body: bytes, nonce: str, now: int) -> bytes:
    key = _key(pay["only_the_sandbox_holds"]["platform_private_key_pem"])
    signature = key.sign(answer_message(str(now), nonce, body), PKCS1v15(), SHA256())
    headers = {
        "Wechatpay-Timestamp": str(now),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": pay["platform_public_key_id"],
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }
    return _written("/hooks/wechat-pay/payments", headers, body)


@cache
def _key(pem: str) -> RSAPrivateKey:
    """Load the platform's key once, since loading checks it at length."""
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _push(known: dict[str, Any], number: int, now: int) -> bytes:
    keys = push_keys(known)["official_account"][0]
    said = (
        "<xml><ToUserName>gh_1</ToUserName><FromUserName>open-1</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType>"
        f"<Content>你好</Content><MsgId>{10**17 + number}</MsgId></xml>"
    )
    nonce = str(number)
    sealed = callbacks.seal(keys, said.encode(), str(now), nonce)
    query = (
        f"?signature=x&timestamp={now}&nonce={nonce}&openid=open-1"
        f"&encrypt_type=aes&msg_signature={sealed.msg_signature}"
    )
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>"
    return _written("/hooks/official-account" + query, {}, body.encode())


def _written(path: str, headers: dict[str, str], body: bytes) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _print_crypto(say: Say, pay: dict[str, Any]) -> None:
    """Compare what we do to believe a notice with the one call that cannot be left out."""
    now = datetime.now(UTC)
    key = _key(pay["only_the_sandbox_holds"]["platform_private_key_pem"])
    public, body, stamp = key.public_key(), b"x" * 900, str(int(now.timestamp()))
    message = answer_message(stamp, "n0nce", body)
    signature = key.sign(message, PKCS1v15(), SHA256())
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": "n0nce",
        "Wechatpay-Serial": pay["platform_public_key_id"],
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
    }
    keys = PlatformKeys({pay["platform_public_key_id"]: pay["platform_public_key_pem"]})
    ours = _rate(lambda: keys.verify(headers, body, now))
    bare = _rate(lambda: public.verify(signature, message, PKCS1v15(), SHA256()))
    say(f"  verifications     {ours:,.0f} a second on one core (headers, clock, serial, signature)")
    say(f"  bare cryptography {bare:,.0f} a second, ratio {ours / bare:.2f}")


def _rate(call: Callable[[], object]) -> float:
    """Count calls for a while, in small batches so that the clock costs nothing."""
    done, begun = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < CRYPTO_SECONDS:
        for _each in range(50):
            call()
        done += 50
    return done / elapsed


if __name__ == "__main__":
    asyncio.run(main())
