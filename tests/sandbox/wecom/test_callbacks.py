"""Callbacks of WeCom: sealed, tried three times, and misbehaving when asked to."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from tests.sandbox.wecom.company import HOOK, Company

from headwater.sandbox.wecom.callbacks import xml


async def test_a_guides_acceptance_is_heard_as_a_new_customer(company: Company) -> None:
    company.friend()
    (event,) = await company.told()
    assert event["ToUserName"] == company.wecom["corpid"]
    assert (event["FromUserName"], event["MsgType"]) == ("sys", "event")
    assert event["Event"] == "change_external_contact"
    assert event["ChangeType"] == "add_external_contact"
    assert (event["UserID"], event["ExternalUserID"]) == ("zhangmin", company.external())
    assert event["WelcomeCode"]
    assert event["CreateTime"] == str(int(company.clock().timestamp()))


async def test_the_envelope_names_company_and_app(company: Company) -> None:
    company.friend()
    await company.told()
    body = ElementTree.fromstring(company.office.heard[0][1])
    assert body.findtext("ToUserName") == company.wecom["corpid"]
    assert body.findtext("AgentID") == str(company.wecom["agentid"])


async def test_what_a_call_changes_is_not_called_back(company: Company) -> None:
    company.friend()
    await company.told()
    await company.contact(
        "remark", {"userid": "zhangmin", "external_userid": company.external(), "remark": "林"}
    )
    assert len(await company.told()) == 1


async def test_three_tries_and_no_more(company: Company) -> None:
    company.office.status = 500
    company.friend()
    for tried in (1, 2, 3):
        await company.told()
        assert len(company.office.heard) == tried
        company.clock.move(seconds=4)
        await company.told()
        assert len(company.office.heard) == tried
        company.clock.move(seconds=1)
    company.clock.move(days=1)
    await company.told()
    assert len(company.office.heard) == 3


async def test_every_try_is_sealed_anew_for_the_same_event(company: Company) -> None:
    company.office.status = 503
    company.friend()
    await company.told()
    company.clock.move(seconds=5)
    first, second = await company.told()
    assert first == second
    (_, one), (_, other) = company.office.heard
    assert one != other


async def test_copies_a_delay_and_a_loss_on_request(company: Company) -> None:
    await company.side("PUT", "/misbehaviour", {"push_duplicates": 2, "push_delay_seconds": 30})
    company.friend()
    company.clock.move(seconds=29)
    assert await company.told() == []
    for seconds, heard in ((1, 1), (1, 2), (1, 3)):
        company.clock.move(seconds=seconds)
        assert len(await company.told()) == heard
    await company.side("PUT", "/misbehaviour", {"push_drop_next": 1})
    company.friend(2)
    company.clock.move(days=1)
    assert len(await company.told()) == 3


async def test_nobody_is_told_where_nobody_listens(company: Company) -> None:
    await company.side("POST", "/callbacks", {"wecom": None})
    company.friend()
    await company.side("POST", "/callbacks", {"wecom": HOOK})
    assert await company.told() == []


async def test_an_address_proves_itself_before_it_is_taken(company: Company) -> None:
    await company.side("POST", "/callbacks", {"wecom": None})
    company.office.adds_to_echo = b"\n"
    answer = await company.side("POST", "/wecom/callback", {"url": HOOK + "?shop=1"})
    assert answer.status_code == 409
    assert company.sandbox.ground.callbacks.url("wecom") is None
    company.office.adds_to_echo = b""
    answer = await company.side("POST", "/wecom/callback", {"url": HOOK + "?shop=1"})
    assert answer.status_code == 200
    company.friend()
    await company.told()
    assert company.office.heard[0][0]["shop"] == "1"


async def test_an_address_that_answers_badly_is_not_taken(company: Company) -> None:
    company.office.status = 403
    assert (await company.side("POST", "/wecom/callback", {"url": HOOK})).status_code == 409
    answer = await company.side("POST", "/wecom/callback", {"url": "ftp://shop.test/"})
    assert answer.status_code == 422


def test_text_cannot_break_out_of_its_element() -> None:
    said = ElementTree.fromstring(xml({"Name": "a]]><b>", "List": ["x", "y"], "Count": 2}))
    assert said.findtext("Name") == "a]]><b>"
    assert [one.text for one in said.findall("List/Item")] == ["x", "y"]
    assert said.findtext("Count") == "2"
