"""Keys by serial: certificates that rotate, merchants without any, a second merchant key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from tests.sandbox.merchant import Town
from tests.sandbox.merchant import town as new_town

from headwater.sandbox.credentials import public_pem

CERTIFICATES = "/v3/certificates"


def key_of(pem: str) -> str:
    key = load_pem_x509_certificate(pem.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    return public_pem(key)


async def listed(town: Town) -> dict[str, str]:
    """The certificates by serial, opened."""
    data = (await town.get(CERTIFICATES)).json()["data"]
    return {one["serial_no"]: town.opened(one["encrypt_certificate"]).decode() for one in data}


async def rotated(town: Town, seconds: float) -> dict[str, Any]:
    answer = await town.side("POST", "/certificates", {"signs_after_seconds": seconds})
    made: dict[str, Any] = answer.json()
    return made


async def serial_of(town: Town, named: str = "") -> str:
    answer = await town.get(CERTIFICATES, **{"Wechatpay-Serial": named})
    return str(answer.headers["wechatpay-serial"])


async def test_the_certificate_signs_unless_a_key_is_named(town: Town) -> None:
    old = town.pay["platform_certificate_serial"]
    assert await serial_of(town) == old
    assert await serial_of(town, "PUB_KEY_ID_UNKNOWN") == old
    assert await serial_of(town, old.lower()) == old
    public = town.pay["platform_public_key_id"]
    assert await serial_of(town, public) == public


async def test_a_new_certificate_is_listed_before_it_signs(town: Town) -> None:
    old = town.pay["platform_certificate_serial"]
    new = await rotated(town, 86_400)
    assert set(await listed(town)) == {old, new["serial"]}
    assert (await listed(town))[new["serial"]] == new["pem"]
    town.clock.move(seconds=86_399)
    assert await serial_of(town) == old
    town.clock.move(seconds=1)
    answer = await town.get(CERTIFICATES, **{"Wechatpay-Serial": ""})
    assert answer.headers["wechatpay-serial"] == new["serial"]
    town.believes(answer.headers, answer.content, key_of(new["pem"]))
    assert await serial_of(town, old) == old


async def test_the_old_certificate_leaves_the_list_ten_days_later(town: Town) -> None:
    new = await rotated(town, 0)
    town.clock.move(days=9, hours=23)
    assert len(await listed(town)) == 2
    town.clock.move(hours=1)
    assert set(await listed(town)) == {new["serial"]}


async def test_a_notice_is_signed_with_the_certificate_that_is_in_use(town: Town) -> None:
    town.sandbox.faults.notices_signed_with = "certificate"
    new = await rotated(town, 0)
    await town.paid()
    await town.sandbox.deliver_due(town.clock())
    headers, body = town.shop.heard[-1]
    assert headers["wechatpay-serial"] == new["serial"]
    town.believes(headers, body, key_of(new["pem"]))


async def test_a_merchant_of_the_public_key_has_no_certificates(town: Town) -> None:
    town.sandbox.faults.no_certificates = True
    answer = await town.get(CERTIFICATES)
    assert answer.json() == {"data": []}
    assert await serial_of(town) == town.pay["platform_public_key_id"]


async def test_a_rotation_outlives_a_restart(tmp_path: Path) -> None:
    async with new_town(tmp_path / "state.jsonl") as first:
        new = await rotated(first, 0)
    async with new_town(tmp_path / "state.jsonl") as second:
        assert await serial_of(second) == new["serial"]


async def test_the_merchant_changes_its_key_while_both_are_good(town: Town) -> None:
    made = (await town.side("POST", "/merchant-keys")).json()
    old = dict(town.pay)
    assert (await town.get(CERTIFICATES)).status_code == 200
    town.sandbox.credentials["pay"] = old | made
    try:
        assert (await town.get(CERTIFICATES)).status_code == 200
        town.sandbox.credentials["pay"] = old | {"merchant_serial": made["merchant_serial"]}
        assert (await town.get(CERTIFICATES)).status_code == 401
    finally:
        town.sandbox.credentials["pay"] = old
