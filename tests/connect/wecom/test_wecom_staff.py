"""Staff at WeCom: who logs in, what our app tells them, and two tickets that stay apart."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.connect.wecom.company import NOON, Company

from headwater.base.errors import BadInput
from headwater.connect.errors import LoginCodeSpent, NotAuthorised
from headwater.connect.wecom.sidebar import page_signature
from headwater.connect.wecom.staff import Colleague, Department, Note, StaffLogin

PAGE = "https://brand.example/guide?from=wecom"


def test_a_login_address_names_the_app_and_comes_back_to_us() -> None:
    address = Company().wecom.logins.url("https://brand.example/back?x=1", "st.ate")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("open.weixin.qq.com", "/connect/oauth2/authorize")
    assert parts.fragment == "wechat_redirect"
    assert parse_qs(parts.query) == {
        "appid": ["ww12"],
        "redirect_uri": ["https://brand.example/back?x=1"],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["st.ate"],
        "agentid": ["1000002"],
    }


@pytest.mark.parametrize("state", ["", "x" * 129])
def test_a_state_that_would_be_cut_is_refused(state: str) -> None:
    with pytest.raises(BadInput):
        Company().wecom.logins.url("https://b", state)


async def test_a_code_becomes_a_colleague_or_a_stranger() -> None:
    company = Company()
    company.will(userid="zhangsan", user_ticket="t")
    assert await company.wecom.logins.exchange("c0de") == StaffLogin("zhangsan", None, None)
    assert company.asked[-1].url.params["code"] == "c0de"
    assert company.token_used() == "app-token-1"
    company.will(openid="o-1", external_userid="wm-1")
    assert await company.wecom.logins.exchange("c1de") == StaffLogin(None, "o-1", "wm-1")


async def test_a_used_code_starts_the_login_again_and_a_closed_door_does_not() -> None:
    company = Company()
    company.will_refuse(40029, "invalid code")
    with pytest.raises(LoginCodeSpent):
        await company.wecom.logins.exchange("c0de")
    company.will_refuse(60020, "not allow to access from your ip")
    with pytest.raises(NotAuthorised):
        await company.wecom.logins.exchange("c0de")


async def test_the_directory_is_read() -> None:
    company = Company()
    company.will(department=[{"id": 1, "name": "活水", "parentid": 0}, {"id": 2}])
    assert (await company.wecom.directory.departments())[0] == Department(1, "活水", 0)
    company.will(userlist=[{"userid": "zhangsan", "name": "张三", "department": [2]}])
    found = await company.wecom.directory.colleagues(2)
    assert found == (Colleague("zhangsan", "张三", (2,)),)
    company.will(userid="zhangsan")
    assert await company.wecom.directory.by_mobile("13800000001") == "zhangsan"


async def test_a_note_goes_to_a_thousand_and_says_whom_it_missed() -> None:
    company = Company()
    company.will(msgid="m-1", invaliduser="u1|u2", unlicenseduser="u3")
    many = tuple(f"u{number}" for number in range(1_000))
    told = await company.wecom.notes.send(many, Note("今天 3 个任务"), once_seconds=4 * 3_600)
    assert told.unreached_ids == ("u1", "u2", "u3")
    body = company.body()
    assert (body["agentid"], body["msgtype"]) == (1000002, "text")
    assert body["touser"].count("|") == 999
    assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, 14_400)
    with pytest.raises(BadInput):
        await company.wecom.notes.send((*many, "u1000"), Note("x"))
    with pytest.raises(BadInput):
        await company.wecom.notes.send(many, Note("x"), once_seconds=4 * 3_600 + 1)
    with pytest.raises(BadInput):
        await company.wecom.notes.send(("a|b",), Note("x"))


async def test_a_card_opens_a_page() -> None:
    company = Company()
    company.will(msgid="m-1")
    await company.wecom.notes.send(("zhangsan",), Note("三位老客", "今日任务", PAGE))
    assert company.body()["textcard"] == {
        "title": "今日任务",
        "description": "三位老客",
        "url": PAGE,
        "btntxt": "详情",
    }
    company.will()
    await company.wecom.notes.recall("m-1")
    assert company.paths()[-1] == "message/recall"


@pytest.mark.parametrize(
    "note",
    [
        Note(""),
        Note("x" * 2_049),
        Note("x", "x" * 129, PAGE),
        Note("x" * 513, "x", PAGE),
        Note("x", "x"),
        Note("x", "x", PAGE, "五个字按钮"),
    ],
)
async def test_a_note_beyond_its_limits_is_not_sent(note: Note) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.notes.send(("zhangsan",), note)
    assert company.asked == []


@pytest.mark.parametrize("note", [Note("x" * 2_048), Note("x" * 512, "x" * 128, PAGE)])
async def test_a_note_at_its_limits_is_sent(note: Note) -> None:
    company = Company()
    company.will(msgid="m-1")
    assert (await company.wecom.notes.send(("zhangsan",), note)).message_id == "m-1"


async def test_each_signature_uses_its_own_ticket() -> None:
    company = Company()
    config = await company.wecom.sidebar.config(PAGE + "#part")
    agent = await company.wecom.sidebar.agent_config(PAGE)
    text = f"jsapi_ticket=company-ticket-1&noncestr={config.nonce}&timestamp={config.timestamp}"
    assert config.signature == hashlib.sha1(f"{text}&url={PAGE}".encode()).hexdigest()
    assert agent.signature == page_signature(
        "agent_config-ticket-2", agent.nonce, agent.timestamp, PAGE
    )
    assert (config.agentid, agent.agentid) == (None, 1000002)
    assert config.timestamp == int(NOON.timestamp())


def test_the_published_sample_has_the_published_signature() -> None:
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    signature = page_signature(
        ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value#x"
    )
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


async def test_twenty_pages_at_once_ask_for_one_ticket_of_each_kind() -> None:
    company = Company()
    await asyncio.gather(*(company.wecom.sidebar.config(PAGE) for _ in range(20)))
    await asyncio.gather(*(company.wecom.sidebar.agent_config(PAGE) for _ in range(20)))
    assert company.tickets == 2
    company.now = NOON + timedelta(seconds=7_200)
    await company.wecom.sidebar.config(PAGE)
    assert company.tickets == 3
