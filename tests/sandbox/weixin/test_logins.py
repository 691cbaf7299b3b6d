"""Logins and phone numbers of the mini program: once, within five minutes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tests.sandbox.weixin.brand import Brand


async def session(brand: Brand, code: str, **changes: str) -> dict[str, Any]:
    app = brand.app("mini_program")
    query = {
        "appid": app.appid,
        "secret": app.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answer = await brand.send("GET", "/sns/jscode2session", params=query | changes)
    assert answer.headers["content-type"].startswith("text/plain")
    said: dict[str, Any] = json.loads(answer.content)
    return said


def code(brand: Brand) -> str:
    return brand.acts.login_code(brand.person(), brand.town.clock())


async def test_a_code_is_a_session_once(brand: Brand) -> None:
    given = code(brand)
    said = await session(brand, given)
    assert said["openid"] == brand.openid(kind="mini_program") != brand.openid()
    assert said["unionid"] == brand.person().unionid
    assert len(base64.b64decode(said["session_key"])) == 16
    assert "errcode" not in said
    assert (await session(brand, given))["errcode"] == 40163


async def test_a_code_ends_after_five_minutes(brand: Brand) -> None:
    given = code(brand)
    brand.town.clock.move(minutes=5)
    assert (await session(brand, given))["errcode"] == 40029
    assert (await session(brand, "nonsense"))["errcode"] == 40029


async def test_wrong_credentials_do_not_use_up_the_code(brand: Brand) -> None:
    given = code(brand)
    account = brand.app("official_account")
    for changes, expected in (
        ({"appid": ""}, 41002),
        ({"appid": account.appid, "secret": account.secret}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "x"}, 40125),
        ({"js_code": ""}, 41008),
        ({"grant_type": "x"}, 40002),
    ):
        assert (await session(brand, given, **changes))["errcode"] == expected
    assert "openid" in await session(brand, given)


async def test_an_unbound_program_learns_no_union_id(brand: Brand) -> None:
    brand.town.sandbox.faults.hide_unionid = True
    assert "unionid" not in await session(brand, code(brand))


async def test_a_person_logs_in_a_hundred_times_a_minute(brand: Brand) -> None:
    said = [await session(brand, code(brand)) for _ in range(101)]
    assert [one.get("errcode") for one in said] == [None] * 100 + [45011]
    brand.town.clock.move(minutes=1)
    assert "openid" in await session(brand, code(brand))


async def test_the_session_key_can_be_checked(brand: Brand) -> None:
    key = (await session(brand, code(brand)))["session_key"]
    right = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
    query = {"openid": brand.openid(kind="mini_program"), "sig_method": "hmac_sha256"}
    good = await brand.program("/wxa/checksession", **query, signature=right)
    assert good["errcode"] == 0
    for wrong in ("0" * 64, "签"):
        bad = await brand.program("/wxa/checksession", **query, signature=wrong)
        assert bad["errcode"] == 87009


async def test_a_phone_number_is_told_once(brand: Brand) -> None:
    given = brand.acts.phone_code(brand.person(), brand.town.clock())
    path = "/wxa/business/getuserphonenumber"
    wrong = await brand.program(path, {"code": given, "openid": brand.openid()})
    assert wrong["errcode"] == 40013
    said = await brand.program(path, {"code": given})
    assert said["phone_info"]["purePhoneNumber"] == brand.person().phone_number
    assert said["phone_info"]["watermark"]["appid"] == brand.app("mini_program").appid
    assert (await brand.program(path, {"code": given}))["errcode"] == 40029
    late = brand.acts.phone_code(brand.person(), brand.town.clock())
    brand.town.clock.move(minutes=5)
    assert (await brand.program(path, {"code": late}))["errcode"] == 40029


async def test_an_older_client_gets_the_number_sealed(brand: Brand) -> None:
    key = base64.b64decode((await session(brand, code(brand)))["session_key"])
    sealed, iv = brand.acts.program.sealed_phone(brand.person(), brand.town.clock())
    decryptor = Cipher(algorithms.AES(key), modes.CBC(base64.b64decode(iv))).decryptor()
    plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    info = json.loads(plain[: -plain[-1]])
    assert info["phoneNumber"] == brand.person().phone_number
    assert info["watermark"]["appid"] == brand.app("mini_program").appid
