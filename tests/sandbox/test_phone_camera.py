"""The camera of the simulated phone: pasted codes, pictures of codes, codes that lie around."""

from __future__ import annotations

import html
import io
import re

import httpx2
import segno
from PIL import Image
from tests.sandbox.merchant import Town
from tests.sandbox.test_phone import phone, post

from headwater.sandbox.phone.shopper.camera import LARGEST_PICTURE_BYTES


async def native(town: Town, number: str = "T20261122-0001") -> str:
    body = {name: value for name, value in town.body(number).items() if name != "payer"}
    return str((await town.post("/v3/pay/transactions/native", body)).json()["code_url"])


async def upload(town: Town, content: bytes) -> httpx2.Response:
    url = town.sandbox.credentials["phone"]["base_url"] + "/phone/camera/picture"
    return await town.http.post(url, files={"picture": ("code.png", content, "image/png")})


def drawn(content: str) -> bytes:
    out = io.BytesIO()
    segno.make(content).save(out, kind="png", scale=6, border=4)
    return out.getvalue()


async def test_a_pay_code_lies_around_until_it_is_paid(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    code = await native(town)
    page = await phone(town, "/phone/camera")
    assert "龙井茶 50g" in page.text
    codes = [html.unescape(one) for one in re.findall(r'name="code" value="([^"]+)"', page.text)]
    assert codes[0] == code
    led = await post(town, "/phone/camera", {"code": code})
    assert led.headers["location"].startswith("/phone/pay?code=weixin")
    await post(town, "/phone/pay", {"code": code, "decision": "approve"})
    assert "龙井茶" not in (await phone(town, "/phone/camera")).text


async def test_a_picture_of_a_code_is_read_as_the_code_itself(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    code = await native(town)
    led = await upload(town, drawn(code))
    assert led.status_code == 303
    assert led.headers["location"].startswith("/phone/pay?code=weixin")


async def test_a_picture_without_a_code_and_a_file_that_is_none_are_refused(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    plain = io.BytesIO()
    Image.new("RGB", (80, 80), "white").save(plain, "PNG")
    for content, sentence in (
        (plain.getvalue(), "没有认出码"),
        (b"GIF89a", "读不了"),
        (b"", "读不了"),
    ):
        answer = await upload(town, content)
        assert (answer.status_code, sentence in answer.text) == (400, True)


async def test_a_picture_too_large_to_read_is_refused_before_it_is_opened(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    answer = await upload(town, b"\x89PNG" + bytes(LARGEST_PICTURE_BYTES))
    assert answer.status_code == 400


async def test_a_code_that_nothing_opens_says_so(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    answer = await post(town, "/phone/camera", {"code": "<b>6901234567892"})
    assert (answer.status_code, "没有能打开" in answer.text) == (400, True)


async def test_an_address_in_a_code_opens_in_the_phones_own_browser(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    led = await post(town, "/phone/camera", {"code": "https://shop.test/s/abc?x=1"})
    assert led.headers["location"] == "/phone/web?url=https%3A%2F%2Fshop.test%2Fs%2Fabc%3Fx%3D1"
    page = await phone(town, "/phone/web", url="https://shop.test/s/abc?x=1")
    assert "<iframe" not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]


async def test_only_the_brands_own_pages_stand_inside_the_phone(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p4"})
    await town.prepay()
    ours = await phone(town, "/phone/web", url="http://shop.test/cart")
    assert '<iframe src="http://shop.test/cart"' in ours.text
    assert "http://shop.test" in ours.headers["content-security-policy"]
    assert "<iframe" not in (await phone(town, "/phone/web", url="http://shop.test.evil/")).text
    for address in ("javascript:alert(1)", "", "data:text/html,x", "http://shop.test@evil.test/"):
        assert (await phone(town, "/phone/web", url=address)).status_code == 400


async def test_what_was_paid_and_refunded_stands_in_the_wallet(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    assert "还没有付过款" in (await phone(town, "/phone/wallet")).text
    await post(town, "/phone/pay", {**town.call(await town.prepay()), "decision": "approve"})
    wallet = (await phone(town, "/phone/wallet")).text
    assert "−¥39.90" in wallet
    await town.http.get(town.sandbox.credentials["phone"]["base_url"] + "/phone?as=p2")
    assert "还没有付过款" in (await phone(town, "/phone/wallet")).text
