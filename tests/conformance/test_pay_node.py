"""npm's wechatpay-node-v3 against the sandbox: a client only, and never a judge of tags."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests import grounds
from tests.conformance.strangers import Town, town

JOURNEY = Path(__file__).parent / "node" / "journey.cjs"
MODULES = grounds.CHECKOUT / ".venv" / "node" / "node_modules"
PATIENCE_SECONDS = 60


def node() -> str:
    """Find node and the SDK; without node there is nothing to try, with it CI must try."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not here, so its SDK is not held against the sandbox")
    if not (MODULES / "wechatpay-node-v3").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("node is here, and in CI its SDK must be tried: run tools/node.sh")
        pytest.skip("the SDK for node is not installed: run tools/node.sh")
    return found


async def journey(program: str, there: Town) -> dict[str, Any]:
    """Let the shop on node do its whole journey, and read what it saw."""
    process = await asyncio.create_subprocess_exec(
        program,
        str(JOURNEY),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(MODULES)},
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        said, complained = await process.communicate(json.dumps(there.known).encode())
    assert process.returncode == 0, complained.decode()
    seen: dict[str, Any] = json.loads(said)
    return seen


def sheet_is_signed(there: Town, sheet: dict[str, str]) -> None:
    """Check the SDK's pay signature with the merchant's own key."""
    key = load_pem_private_key(there.pay["merchant_private_key_pem"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    signed = "".join(f"{sheet[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    signature = base64.b64decode(sheet["paySign"])
    key.public_key().verify(signature, signed.encode(), PKCS1v15(), SHA256())


async def test_a_shop_on_node_buys_hears_refunds_and_hears(tmp_path: Path) -> None:
    program = node()
    async with town(tmp_path) as there:
        seen = await journey(program, there)
        sheet_is_signed(there, seen["sheet"])
    paid, back = seen["paid"], seen["refunded"]
    assert (paid["isGenuine"], paid["event"]) == (True, "TRANSACTION.SUCCESS")
    assert (paid["inside"]["amount"]["total"], paid["inside"]["trade_state"]) == (100, "SUCCESS")
    assert paid["inside"]["payer"]["openid"] == seen["openid"]
    assert seen["queried"]["transaction_id"] == paid["inside"]["transaction_id"]
    assert (back["isGenuine"], back["event"]) == (True, "REFUND.SUCCESS")
    assert back["inside"]["refund_id"] == seen["asked"]["refund_id"]
    assert seen["refundQueried"]["status"] == "SUCCESS"
    assert seen["closed"]["status"] == 204
    assert seen["closed"]["then"]["trade_state"] == "CLOSED"
    assert len(seen["verified"]) >= 7
    assert all(seen["verified"])
    # The SDK never finishes the decryption, so it is no judge of tags; node itself would be one.
    assert seen["brokenTagOpens"] is True
    assert seen["nodeRefusesBrokenTag"] is True
