"""Every secret changes while orders are placed, notices come and calls go on."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests import grounds
from tests.faults.patience import until
from tests.house import House, raised
from tests.shopper import number_of, shelf, shopper

from headwater.app.rotation import Rotation, of_credentials, of_keys, of_settings
from headwater.app.serve import kept_fresh
from headwater.base import crypto, ids
from headwater.base.db import Pool
from headwater.base.postgres.supervisor import Cluster
from headwater.connect import callbacks
from headwater.connect.callbacks import CallbackKeys
from headwater.connect.errors import ProviderRefused
from headwater.connect.wechat_pay.signing import pay_sheet_message
from headwater.sandbox.pay.host import PayHost
from headwater.sandbox.weixin.host import WeixinHost

NEW_APIV3_KEY = "another-key-of-exactly-32-bytes!"
NEW_PUSHES = {
    "token": "anotherToken",
    "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


@dataclass
class Change:
    """A house whose credentials lie in a file that the test writes anew."""

    house: House
    file: Path
    known: dict[str, Any]
    rotation: Rotation

    def write(self, text: str | None = None) -> bool:
        """Write the credentials of now, or junk, and let the house look."""
        self.file.write_text(json.dumps(self.known) if text is None else text)
        return self.rotation.look()

    async def shopping(self, shoppers: int) -> list[str]:
        """Let so many buy at once, and tell how their orders stand."""
        here = await shelf(self.house, stock=shoppers)

        async def buy() -> str:
            async with shopper(self.house) as someone:
                await someone.logs_in()
                await someone.sends(here.line)
                number = number_of(await someone.checks_out(here))
                await someone.pays(number)
                await self.house.sandbox.deliver_due(self.house.now)
                return (await someone.order(number)).state

        return list(await asyncio.gather(*(buy() for _ in range(shoppers))))

    async def tell(self) -> str:
        """Send a template message to somebody new, with a token that is asked for if need be."""
        member_id = await self.house.member()
        open_id = await self.house.open_id(member_id)
        building = self.house.building
        fields = {"thing1": "围巾", "thing2": "到了"}
        return await building.account.templates.send(
            open_id, building.templates.member_care, fields, None
        )

    async def push(self, keys: CallbackKeys) -> int:
        """Push something new under these keys, and give the status of the answer."""
        said = f"<xml><FromUserName>o</FromUserName><MsgId>{ids.code(16)}</MsgId></xml>".encode()
        stamp = str(int(self.house.now.timestamp()))
        sealed = callbacks.seal(keys, said, stamp, "n")
        query = {
            "timestamp": stamp,
            "nonce": "n",
            "encrypt_type": "aes",
            "msg_signature": sealed.msg_signature,
        }
        body = f"<xml><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode()
        async with self.house.client() as http:
            answer = await http.post("/hooks/official-account", params=query, content=body)
        return answer.status_code

    def unheard(self) -> int:
        return sum(each.state != "heard" for each in self.house.sandbox.notices.everything())


@pytest.fixture
async def change(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Change]:
    source = await grounds.template(cluster)
    async with grounds.clone(cluster, source, "rotation") as name:
        url = grounds.url_of(cluster.app_url, name)
        async with raised(url, tmp_path / "home") as house:
            known = json.loads(json.dumps(dict(house.sandbox.credentials)))
            file = tmp_path / "credentials.json"
            file.write_text(json.dumps(known))
            yield Change(
                house, file, known, Rotation((of_credentials(file, house.building.outside),))
            )


async def test_the_apiv3_key_changes_and_no_notice_is_lost(change: Change) -> None:
    console = change.house.sandbox.others.the(PayHost).keys
    old = console.apiv3_key
    shopping = asyncio.create_task(change.shopping(4))
    change.known["pay"] |= {"apiv3_key": NEW_APIV3_KEY, "previous_apiv3_keys": [old]}
    assert change.write()
    states = [*await shopping, *await change.shopping(4)]
    console.apiv3_key = NEW_APIV3_KEY
    states += await change.shopping(4)
    del change.known["pay"]["previous_apiv3_keys"]
    assert change.write()
    states += await change.shopping(2)
    assert states == ["paid"] * 14
    assert change.unheard() == 0
    console.apiv3_key = old
    await change.shopping(1)
    assert change.unheard() == 1


async def test_the_merchants_key_changes_between_two_payments(change: Change) -> None:
    assert await change.shopping(2) == ["paid"] * 2
    doors = change.known["side_doors"]["base_url"]
    async with change.house.sandbox.client() as http:
        made = (await http.post(f"{doors}/merchant-keys")).json()
    change.known["pay"] |= made
    shopping = asyncio.create_task(change.shopping(4))
    assert change.write()
    assert await shopping == ["paid"] * 4
    assert await change.shopping(2) == ["paid"] * 2
    assert signs_sheets(change.house, made["merchant_private_key_pem"])


def signs_sheets(house: House, pem: str) -> bool:
    """Tell whether what the client takes to the pay sheet is signed by this key."""
    sheet = house.building.pay.pay_sheet("wx-prepay-1", house.now)
    message = pay_sheet_message(sheet.app_id, sheet.timestamp, sheet.nonce, sheet.package)
    key = load_pem_private_key(pem.encode(), None).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(base64.b64decode(sheet.pay_sign), message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


async def test_the_platforms_new_certificate_is_believed_beside_the_old_one(
    change: Change,
) -> None:
    doors = change.known["side_doors"]["base_url"]
    pay = change.known["pay"]
    async with change.house.sandbox.client() as http:
        made = (await http.post(f"{doors}/certificates", json={"signs_after_seconds": 60})).json()
    pay["platform_keys"] = {made["serial"]: made["pem"]}
    assert change.write()
    assert await change.shopping(2) == ["paid"] * 2
    change.house.wait(seconds=61)
    assert await change.shopping(2) == ["paid"] * 2
    assert change.unheard() == 0


async def test_the_official_accounts_secret_changes_and_messages_go_on(change: Change) -> None:
    weixin = change.house.sandbox.others.the(WeixinHost)
    tokens = weixin.keyring.of(weixin.apps["official_account"])
    assert await change.tell()
    tokens.app = replace(tokens.app, secret="another-secret")
    assert await change.tell(), "the token of before lives on"
    change.house.wait(hours=2)
    with pytest.raises(ProviderRefused):
        await change.tell()
    change.known["official_account"]["secret"] = "another-secret"
    assert change.write()
    assert await change.tell()


async def test_the_push_keys_change_and_both_are_believed_meanwhile(change: Change) -> None:
    account = change.known["official_account"]
    before = {"token": account["token"], "encoding_aes_key": account["encoding_aes_key"]}
    old = CallbackKeys(before["token"], before["encoding_aes_key"], account["appid"])
    new = CallbackKeys(NEW_PUSHES["token"], NEW_PUSHES["encoding_aes_key"], account["appid"])
    assert (await change.push(old), await change.push(new)) == (200, 401)
    account |= {**NEW_PUSHES, "previous": [before]}
    pushing = asyncio.gather(*(change.push(old) for _ in range(10)))
    assert change.write()
    assert await pushing == [200] * 10
    assert (await change.push(old), await change.push(new)) == (200, 200)
    del account["previous"]
    assert change.write()
    assert (await change.push(old), await change.push(new)) == (401, 200)


def half(known: dict[str, Any]) -> str:
    return json.dumps(known)[:400]


def without_key(known: dict[str, Any]) -> str:
    return json.dumps(known | {"pay": known["pay"] | {"apiv3_key": "short"}})


def without_section(known: dict[str, Any]) -> str:
    return json.dumps({name: part for name, part in known.items() if name != "sms"})


def other_merchant(known: dict[str, Any]) -> str:
    return json.dumps(known | {"pay": known["pay"] | {"mchid": "1900000009"}})


def odd_shapes(known: dict[str, Any]) -> str:
    return json.dumps(known | {"official_account": [], "wecom": "x"})


def deep(known: dict[str, Any]) -> str:
    return '{"pay":' + "[" * 3000 + "]" * 3000 + "}"


def nothing(known: dict[str, Any]) -> str:
    return ""


@pytest.mark.parametrize(
    "spoil", [half, without_key, without_section, other_merchant, odd_shapes, deep, nothing]
)
async def test_a_bad_file_is_refused_once_in_the_log_and_the_old_secrets_go_on(
    change: Change, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "headwater.app.rotation"):
        assert not change.write(spoil(change.known))
        assert not change.rotation.look()
    assert len([each for each in caplog.records if "refused" in each.getMessage()]) == 1
    assert change.known["pay"]["apiv3_key"] not in caplog.text
    assert await change.shopping(1) == ["paid"]
    change.known["pay"] |= {
        "apiv3_key": NEW_APIV3_KEY,
        "previous_apiv3_keys": [change.known["pay"]["apiv3_key"]],
    }
    assert change.write()
    assert await change.shopping(1) == ["paid"]


async def test_a_file_that_is_gone_changes_nothing_until_it_is_back(change: Change) -> None:
    change.file.unlink()
    assert not change.rotation.look()
    assert await change.shopping(1) == ["paid"]
    change.known["official_account"]["secret"] = "another-secret"
    assert change.write()
    assert not change.rotation.look()


async def test_a_process_looks_at_once_when_it_is_told_to_by_a_signal(change: Change) -> None:
    building = change.house.building
    before = building.outside.now

    async def is_changed() -> bool:
        return building.outside.now is not before

    async with kept_fresh(building, change.rotation):
        change.known["official_account"]["secret"] = "another-secret"
        change.file.write_text(json.dumps(change.known))
        os.kill(os.getpid(), signal.SIGHUP)
        await until(is_changed, 10, "the new credentials")
    assert await change.shopping(1) == ["paid"]


async def test_our_own_keys_change_while_people_are_logged_in_and_shop(change: Change) -> None:
    house = change.house
    building, file = house.building, house.building.settings.home / "keys.json"
    before = building.keys
    before.save(file)
    watch, announced = of_keys(file, building.secrets), before.announced()
    async with shopper(house) as someone:
        await someone.logs_in()
        kept = crypto.seal(building.keys, "林梅", "name")
        for fresh in (announced, announced.promoted()):
            fresh.save(file)
            assert watch.look()
            here = await shelf(house, stock=1)
            await someone.sends(here.line)
            number = number_of(await someone.checks_out(here))
            await someone.pays(number)
    assert building.keys.sealing[0] != before.sealing[0]
    assert crypto.unseal(building.keys, kept, "name") == "林梅"
    assert crypto.unseal(building.keys, crypto.seal(building.keys, "新", "name"), "name") == "新"


async def test_what_is_sealed_between_two_looks_opens_everywhere(change: Change) -> None:
    first = change.house.building.keys
    announced = first.announced()
    promoted = announced.promoted()
    for writes, reads in ((first, announced), (announced, first), (promoted, announced)):
        sealed = crypto.seal(writes, "13800138000", "phone")
        assert crypto.unseal(reads, sealed, "phone") == "13800138000"
        token = crypto.sign(writes, "login", {"who": 1})
        assert crypto.read_signed(reads, "login", token, 60) == {"who": 1}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda keys: {"sealing": [], "blind": keys["blind"], "signing": keys["signing"]},
        lambda keys: keys | {"sealing": ["00" * 32]},
        lambda keys: keys | {"blind": ["00" * 32]},
        lambda keys: keys | {"sealing": ["zz"]},
        lambda keys: keys | {"sealing": ["00", *keys["sealing"]]},
        lambda keys: [keys],
    ],
    ids=["none", "lost", "another index", "no hex", "too short", "a list"],
)
async def test_keys_that_would_leave_data_shut_are_refused(
    change: Change, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    building, file = change.house.building, change.house.building.settings.home / "keys.json"
    before = building.keys
    before.save(file)
    watch = of_keys(file, building.secrets)
    file.write_text(json.dumps(spoil(json.loads(file.read_text()))))
    with caplog.at_level(logging.ERROR, "headwater.app.rotation"):
        assert not watch.look()
    assert "refused" in caplog.text
    assert before.sealing[0].hex() not in caplog.text
    assert building.keys == before


async def test_the_metrics_token_and_the_databases_address_change_with_the_settings(
    change: Change, tmp_path: Path
) -> None:
    building, file = change.house.building, tmp_path / "settings.toml"
    led: list[str] = []
    fresh = replace(building.settings, metrics_token="new", database_url="postgresql://new/x")
    read = [building.settings]
    watch = of_settings(file, building, lambda _pool, url: led.append(url), lambda: read[0])
    assert not watch.look()
    for given, token, addresses in (
        (fresh, "new", ["postgresql://new/x"]),
        (replace(fresh, metrics_token="newer"), "newer", ["postgresql://new/x"]),
    ):
        read[0] = given
        file.write_text(str(token))
        assert watch.look()
        assert (building.metrics_token, led) == (token, addresses)
    async with change.house.client() as http:
        for token, status in (("newer", 200), ("new", 404)):
            bearer = {"Authorization": f"Bearer {token}"}
            assert (await http.get("/metrics", headers=bearer)).status_code == status


async def test_a_pool_that_is_led_elsewhere_serves_on(change: Change) -> None:
    building = change.house.building
    Pool.lead_to(building.pool, str(building.settings.database_url))
    assert await change.shopping(2) == ["paid", "paid"]
