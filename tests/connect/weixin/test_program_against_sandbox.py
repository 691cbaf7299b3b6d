"""The mini program's client against the sandbox, which has its own cryptography and rules."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from tests.connect.weixin.brand import Brand, opened

from headwater.base.errors import Forged, Trouble
from headwater.connect.errors import (
    LoginCodeSpent,
    MessageDoesNotFit,
    NoAuthorisationLeft,
    NotKnownYet,
    PageUnknown,
    ProviderRefused,
    ShippingFinal,
    TemplateUnknown,
    VisitTooOld,
)
from headwater.connect.mini_program.content import Form, Place, Suggestion
from headwater.connect.mini_program.links import Target
from headwater.connect.mini_program.shipping import Parcel, PaymentKey, Shipment, Way, wait_before
from headwater.connect.mini_program.shipping_orders import Stage, Wanted
from headwater.connect.mini_program.subscriptions import Authorisation, authorisation_after
from headwater.connect.mini_program.user_data import open_user_data
from headwater.connect.weixin_pushes import kinds
from headwater.sandbox.weixin.host import WeixinHost

NUMBER = "R20261122-0001"


@pytest.fixture
async def brand() -> AsyncIterator[Brand]:
    async with opened() as brand:
        yield brand


async def test_a_person_is_the_same_in_both_apps_by_union_id_only(brand: Brand) -> None:
    person = await brand.person()
    session = await brand.came(person)
    assert session.unionid == person["unionid"]
    assert session.openid != person["openid"]
    visit = await brand.beside("POST", f"/people/{person['id']}/visits", path="", query="")
    await brand.program.login.session(visit["login_code"])
    with pytest.raises(LoginCodeSpent):
        await brand.program.login.session(visit["login_code"])


async def test_a_login_code_is_over_after_five_minutes(brand: Brand) -> None:
    person = await brand.person()
    code = (await brand.beside("POST", f"/people/{person['id']}/login-codes"))["code"]
    await brand.passes(300)
    with pytest.raises(LoginCodeSpent):
        await brand.program.login.session(code)


async def test_a_phone_number_comes_by_its_button_and_sealed(brand: Brand) -> None:
    person = await brand.person(phone_number="13800138000")
    code = (await brand.beside("POST", f"/people/{person['id']}/phone-codes"))["code"]
    assert (await brand.program.login.phone(code)).international == "+8613800138000"
    with pytest.raises(LoginCodeSpent):
        await brand.program.login.phone(code)
    session = await brand.came(person)
    acts = brand.sandbox.others.the(WeixinHost).acts.program
    known = brand.sandbox.people.get(person["id"])
    sealed, iv = acts.sealed_phone(known, brand.now())
    appid = brand.sandbox.credentials["mini_program"]["appid"]
    opened = open_user_data(sealed, iv, session.session_key, appid)
    assert opened["purePhoneNumber"] == "13800138000"
    with pytest.raises(Forged):
        open_user_data(sealed, iv, session.session_key, "wx99")


async def test_a_code_leads_whoever_scans_it_to_its_scene(brand: Brand) -> None:
    person = await brand.person()
    picture = await brand.program.codes.make("s~12!", "pages/store/index", width=600)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    led = await brand.beside("POST", f"/people/{person['id']}/scans", code=code.text)
    assert (led["kind"], led["path"], led["query"]) == (
        "program",
        "pages/store/index",
        "scene=s~12%21",
    )
    await brand.beside("PUT", "/weixin/pages", pages=["pages/store/index"], is_released=True)
    with pytest.raises(PageUnknown):
        await brand.program.codes.make("s", "pages/another")


async def test_links_open_the_page_and_are_over_when_they_say(brand: Brand) -> None:
    person = await brand.person()
    target = Target("pages/drop", "d=1")
    until = brand.now() + timedelta(days=30)
    for link in (
        await brand.program.links.url_link(target, until, brand.now()),
        await brand.program.links.scheme(target, until, brand.now()),
    ):
        led = await brand.beside("POST", f"/people/{person['id']}/links", url=link)
        assert (led["kind"], led["path"], led["query"]) == ("program", "pages/drop", "d=1")
    await brand.passes(30 * 86_400)
    led = await brand.beside("POST", f"/people/{person['id']}/links", url=link)
    assert led["kind"] != "program"


async def test_one_yes_is_one_message_and_the_pushes_say_so(brand: Brand) -> None:
    await brand.listens("mini_program")
    person = await brand.person()
    session = await brand.came(person)
    ids = brand.sandbox.credentials["mini_program"]["template_ids"]
    template, other = ids["pickup_ready"], ids["drop_starts"]
    fields = {"thing1": "围巾 😀", "thing2": "人民广场店", "character_string3": "A-12"}
    send = brand.program.subscriptions.send
    with pytest.raises(NoAuthorisationLeft):
        await send(session.openid, template, fields)
    choices = {template: True, other: False}
    await brand.beside("POST", f"/people/{person['id']}/subscriptions", choices=choices)
    with pytest.raises(MessageDoesNotFit):
        await send(session.openid, template, fields | {"thing1": "围" * 21})
    with pytest.raises(TemplateUnknown):
        await send(session.openid, "no-such-template", fields)
    await send(session.openid, template, fields, "pages/order?id=1")
    with pytest.raises(NoAuthorisationLeft):
        await send(session.openid, template, fields)
    await brand.passes(60)
    told = [push.happened for push in brand.heard]
    given = kinds.AuthorisationsGiven((kinds.Choice(template, True), kinds.Choice(other, False)))
    assert given in told
    (sent,) = [each for each in told if isinstance(each, kinds.SubscriptionsSent)]
    assert (sent.messages[0].template_id, sent.messages[0].error) == (template, 0)


def picked_up(brand: Brand, number: str = NUMBER, words: str = "羊绒围巾 😀*1") -> Shipment:
    key = PaymentKey(mchid=brand.sandbox.credentials["pay"]["mchid"], out_trade_no=number)
    return Shipment(key, Way.PICKED_UP, (Parcel(words),))


async def test_a_pick_up_is_uploaded_once_the_platform_knows_the_payment(brand: Brand) -> None:
    session = await brand.came(await brand.person())
    payment = await brand.bought(session, NUMBER)
    shipping, orders = brand.program.shipping, brand.program.shipping_orders
    with pytest.raises(NotKnownYet):
        await shipping.upload(picked_up(brand), session.openid, brand.now())
    await brand.passes(wait_before(1).total_seconds())
    before = await orders.get(payment)
    assert (before.stage, before.paid_fen, before.is_shipped) == (Stage.TO_SHIP, 19_900, False)
    assert await shipping.upload(picked_up(brand), session.openid, brand.now())
    after = await orders.get(payment)
    assert (after.stage, after.is_shipped, after.times_shipped) == (Stage.SHIPPED, True, 1)
    await brand.passes(1)
    assert not await shipping.upload(picked_up(brand), session.openid, brand.now())


async def test_shipping_is_corrected_once_and_then_final(brand: Brand) -> None:
    session = await brand.came(await brand.person())
    await brand.bought(session, NUMBER)
    await brand.passes(10)
    upload = brand.program.shipping.upload
    assert await upload(picked_up(brand, words="围巾"), session.openid, brand.now())
    await brand.passes(1)
    assert await upload(picked_up(brand, words="围巾和手套"), session.openid, brand.now())
    await brand.passes(1)
    with pytest.raises(ShippingFinal):
        await upload(picked_up(brand, words="帽子"), session.openid, brand.now())


async def test_an_express_order_settles_and_the_pushes_say_when(brand: Brand) -> None:
    await brand.listens("mini_program")
    person = await brand.person()
    session = await brand.came(person)
    payment = await brand.bought(session, NUMBER)
    await brand.passes(10)
    parcel = Parcel("围巾*1", "SF100", "SF", receiver_phone="138****8000")
    shipment = Shipment(payment, Way.EXPRESS, (parcel,))
    await brand.program.shipping.upload(shipment, session.openid, brand.now())
    await brand.passes(1)
    orders = brand.program.shipping_orders
    page = await orders.page(Wanted(stage=Stage.SHIPPED))
    assert [each.out_trade_no for each in page.orders] == [NUMBER]
    await orders.remind_to_confirm(payment, brand.now())
    with pytest.raises(ProviderRefused):
        await orders.remind_to_confirm(payment, brand.now())
    await brand.beside("POST", f"/people/{person['id']}/receipts", out_trade_no=NUMBER)
    for _ in range(10):
        await brand.passes(86_400)
    assert (await orders.get(payment)).stage in (Stage.DONE, Stage.SETTLING)
    settled = [
        push.happened for push in brand.heard if isinstance(push.happened, kinds.OrderSettling)
    ]
    assert {each.out_trade_no for each in settled} == {NUMBER}
    assert settled[-1].settled_at is not None


async def test_the_shipping_service_is_in_force(brand: Brand) -> None:
    orders = brand.program.shipping_orders
    assert await orders.is_managed()
    assert await orders.is_confirmed()
    await orders.set_message_page("pages/order/index?out_trade_no=${商品订单号}")


async def test_words_are_judged_and_pictures_later_by_a_push(brand: Brand) -> None:
    await brand.listens("mini_program")
    session = await brand.came(await brand.person())
    content = brand.program.content
    fine = await content.check_text(session.openid, "很暖和 😀", Place.COMMENT)
    assert fine.suggestion is Suggestion.FINE
    risky = await content.check_text(session.openid, "代开发票", Place.COMMENT)
    assert risky.suggestion is Suggestion.RISKY
    url = "https://b.example/p.jpg"
    trace = await content.check_media(session.openid, url, Form.PICTURE, Place.COMMENT)
    await brand.passes(60)
    told = [push.happened for push in brand.heard]
    assert [each.trace_id for each in told if isinstance(each, kinds.MediaChecked)] == [trace]
    await brand.passes(2 * 3600)
    with pytest.raises(VisitTooOld):
        await content.check_text(session.openid, "很暖和", Place.COMMENT)


async def test_a_union_id_may_be_missing_and_a_token_may_die(brand: Brand) -> None:
    person = await brand.person()
    await brand.beside("PUT", "/misbehaviour", hide_unionid=True, tokens_die_next=1)
    session = await brand.came(person)
    assert session.unionid is None
    fine = await brand.program.content.check_text(session.openid, "很暖和", Place.COMMENT)
    assert fine.suggestion is Suggestion.FINE
    again = await brand.program.content.check_text(session.openid, "很暖和", Place.COMMENT)
    assert again.suggestion is Suggestion.FINE


async def test_a_busy_platform_is_trouble_and_nothing_is_said_twice(brand: Brand) -> None:
    person = await brand.person()
    session = await brand.came(person)
    template = brand.sandbox.credentials["mini_program"]["template_ids"]["drop_starts"]
    choices = {template: True}
    await brand.beside("POST", f"/people/{person['id']}/subscriptions", choices=choices)
    fields = {"thing1": "首发", "time2": "2026-11-22 20:00", "thing3": "记得来"}
    await brand.beside("PUT", "/misbehaviour", weixin_fail_next=1)
    with pytest.raises(Trouble) as trouble:
        await brand.program.subscriptions.send(session.openid, template, fields)
    assert authorisation_after(trouble.value) is Authorisation.UNKNOWN
    await brand.program.subscriptions.send(session.openid, template, fields)
    with pytest.raises(NoAuthorisationLeft):
        await brand.program.subscriptions.send(session.openid, template, fields)
