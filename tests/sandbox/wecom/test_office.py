"""Groups, files, the app's notes, logins, members; and what a restart remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sandbox.wecom.company import Company
from tests.sandbox.wecom.company import company as new_company

PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"
MEGABYTE = 1024 * 1024


async def test_a_group_is_heard_of_and_read(company: Company) -> None:
    first, second = company.friend(1), company.person(2)
    chat = company.acts.open_group("zhangmin", "会员群", [first], company.clock())
    company.acts.join(second, chat.chat_id, company.clock())
    company.acts.leave(first, chat.chat_id, company.clock())
    company.acts.rename("zhangmin", chat.chat_id, "老友群", company.clock())
    company.acts.dismiss("zhangmin", chat.chat_id, company.clock())
    _, made, joined, left, renamed, ended = await company.told()
    assert (made["Event"], made["ChangeType"]) == ("change_external_chat", "create")
    assert made["ChatId"] == chat.chat_id
    assert (joined["UpdateDetail"], joined["JoinScene"]) == ("add_member", "3")
    assert (joined["MemChangeCnt"], joined["MemChangeList"]) == ("1", company.external(2))
    assert joined["CurMemVer"] == left["LastMemVer"]
    assert (left["UpdateDetail"], left["QuitScene"]) == ("del_member", "0")
    assert renamed["UpdateDetail"] == "change_name"
    assert ended["ChangeType"] == "dismiss"


async def test_a_group_shows_its_members(company: Company) -> None:
    person = company.friend()
    chat = company.acts.open_group("zhangmin", "会员群", [person], company.clock())
    listed = await company.contact("groupchat/list", {"limit": 10})
    assert listed["group_chat_list"] == [{"chat_id": chat.chat_id, "status": 0}]
    asked = {"chat_id": chat.chat_id, "need_name": 1}
    said = (await company.contact("groupchat/get", asked))["group_chat"]
    staff, customer = said["member_list"]
    assert (staff["userid"], staff["type"], staff["name"]) == ("zhangmin", 1, "张敏")
    assert (customer["userid"], customer["type"]) == (company.external(), 2)
    assert customer["unionid"] == person.unionid
    assert customer["invitor"] == {"userid": "zhangmin"}
    assert await company.refused("groupchat/get", {"chat_id": "wrno"}) == 40050
    others = {"limit": 10, "owner_filter": {"userid_list": ["liwei"]}}
    assert (await company.contact("groupchat/list", others))["group_chat_list"] == []
    assert await company.refused("groupchat/list", {}) == 40063
    assert await company.refused("groupchat/list", {"limit": 1_001}) == 40058


async def test_groups_of_who_left_are_handed_on(company: Company) -> None:
    person = company.friend()
    chat = company.acts.open_group("zhangmin", "会员群", [person], company.clock())
    body = {"chat_id_list": [chat.chat_id, "wrno"], "new_owner": "liwei"}
    said = await company.contact("groupchat/transfer", body)
    assert [one["errcode"] for one in said["failed_chat_list"]] == [90500, 90501]
    company.acts.resign("zhangmin", company.clock())
    said = await company.contact("groupchat/list", {"limit": 10, "status_filter": 1})
    assert len(said["group_chat_list"]) == 1
    said = await company.contact("groupchat/transfer", body)
    assert [one["errcode"] for one in said["failed_chat_list"]] == [90501]
    said = await company.contact("groupchat/get", {"chat_id": chat.chat_id})
    assert said["group_chat"]["owner"] == "liwei"
    assert said["group_chat"]["member_list"][0]["userid"] == "liwei"


async def test_a_file_is_kept_three_days(company: Company) -> None:
    company.friend()
    said = await company.upload("media/upload", PICTURE, type="image")
    assert (said["type"], said["errcode"]) == ("image", 0)
    assert said["created_at"] == str(int(company.clock().timestamp()))
    image = {"msgtype": "image", "image": {"media_id": said["media_id"]}}
    body = {"external_userid": [company.external()], "attachments": [image]}
    company.clock.move(days=3)
    await company.contact("add_msg_template", body)
    company.clock.move(seconds=1)
    assert await company.refused("add_msg_template", body) == 40007
    shown = await company.http.get(f"{company.wecom['base_url']}/wwpic/{said['media_id']}")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/png")


@pytest.mark.parametrize(
    "kind, content, errcode",
    [
        ("image", PICTURE + bytes(10 * MEGABYTE - len(PICTURE)), 0),
        ("image", PICTURE + bytes(10 * MEGABYTE - len(PICTURE) + 1), 45001),
        ("file", b"123456", 0),
        ("file", b"12345", 44001),
        ("image", b"GIF89a......", 40004),
        ("voice", b"#!AMR" + bytes(2 * MEGABYTE - 5), 0),
        ("voice", b"#!AMR" + bytes(2 * MEGABYTE - 4), 45001),
        ("program", b"123456", 40004),
    ],
)
async def test_a_file_keeps_its_bounds(
    company: Company, kind: str, content: bytes, errcode: int
) -> None:
    assert (await company.upload("media/upload", content, type=kind))["errcode"] == errcode


async def test_a_lasting_picture_has_an_address(company: Company) -> None:
    url = (await company.upload("media/uploadimg", PICTURE))["url"]
    company.clock.move(days=400)
    assert (await company.http.get(url)).content == PICTURE
    large = PICTURE + bytes(2 * MEGABYTE - len(PICTURE))
    assert (await company.upload("media/uploadimg", large))["errcode"] == 0
    assert (await company.upload("media/uploadimg", large + b"x"))["errcode"] == 45001


async def test_an_upload_without_a_file_is_refused(company: Company) -> None:
    said = await company.post("media/upload?type=image", {})
    assert said["errcode"] in (40004, 44001)


async def note(company: Company, **changes: Any) -> Any:
    body = {
        "touser": "zhangmin|nobody",
        "msgtype": "text",
        "agentid": company.wecom["agentid"],
        "text": {"content": "今天有 3 位客户要回访"},
        **changes,
    }
    return await company.post("message/send", body, "secret")


async def test_the_app_tells_a_guide_something(company: Company) -> None:
    said = await note(company)
    assert (said["errcode"], said["invaliduser"]) == (0, "nobody")
    (message,) = company.acts.inbox("zhangmin")
    assert message.words == "今天有 3 位客户要回访"
    recalled = await company.post("message/recall", {"msgid": said["msgid"]}, "secret")
    assert recalled["errcode"] == 0
    assert company.acts.inbox("zhangmin") == []


@pytest.mark.parametrize(
    "changes, errcode",
    [
        ({"text": {"content": "x" * 2_048}}, 0),
        ({"text": {"content": "x" * 2_049}}, 45002),
        ({"text": {}}, 44004),
        ({"agentid": 1}, 40056),
        ({"msgtype": "poem"}, 40008),
        ({"touser": "nobody"}, 81013),
        ({"touser": "", "toparty": "3"}, 0),
        ({"touser": "@all"}, 0),
        ({"touser": "|".join(["nobody"] * 999 + ["liwei"])}, 0),
        ({"touser": "|".join(["nobody"] * 1_000 + ["liwei"])}, 40058),
        ({"toparty": "|".join(["3"] * 100)}, 0),
        ({"toparty": "|".join(["3"] * 101)}, 40058),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14_400}, 0),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14_401}, 40058),
    ],
)
async def test_a_note_keeps_its_bounds(company: Company, changes: Any, errcode: int) -> None:
    assert (await note(company, **changes))["errcode"] == errcode


async def test_the_same_note_within_its_interval_arrives_once(company: Company) -> None:
    for seconds in (0, 1_799, 1_800):
        await note(company, enable_duplicate_check=1)
        company.clock.move(seconds=seconds)
    assert len(company.acts.inbox("zhangmin")) == 1
    await note(company, enable_duplicate_check=1)
    assert len(company.acts.inbox("zhangmin")) == 2


async def test_more_than_thirty_notes_a_minute_are_dropped_silently(company: Company) -> None:
    for number in range(31):
        assert (await note(company, text={"content": f"{number}"}))["errcode"] == 0
    assert len(company.acts.inbox("zhangmin")) == 30
    company.clock.move(minutes=1)
    await note(company)
    assert len(company.acts.inbox("zhangmin")) == 31


def login(company: Company, **changes: str) -> dict[str, str]:
    return {
        "appid": company.wecom["corpid"],
        "redirect_uri": "http://shop.test/guide?next=%2Ftasks",
        "response_type": "code",
        "scope": "snsapi_base",
        "agentid": str(company.wecom["agentid"]),
        "state": "st4te",
        **changes,
    }


async def code_for(company: Company, userid: str = "zhangmin") -> str:
    url = company.wecom["login_url"] + "/connect/oauth2/authorize"
    answer = await company.http.get(url, params=login(company, **{"as": userid}))
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (query["state"], query["next"]) == (["st4te"], ["/tasks"])
    return query["code"][0]


async def test_a_guide_logs_in_once_with_a_code(company: Company) -> None:
    code = await code_for(company)
    said = await company.get("auth/getuserinfo", "secret", code=code)
    assert (said["errcode"], said["userid"]) == (0, "zhangmin")
    assert (await company.get("auth/getuserinfo", "secret", code=code))["errcode"] == 40029


async def test_a_login_code_lives_five_minutes(company: Company) -> None:
    code = await code_for(company)
    company.clock.move(seconds=299)
    assert (await company.get("auth/getuserinfo", "secret", code=code))["errcode"] == 0
    code = await code_for(company)
    company.clock.move(seconds=300)
    assert (await company.get("auth/getuserinfo", "secret", code=code))["errcode"] == 40029


async def test_the_login_page_asks_who_it_is(company: Company) -> None:
    url = company.wecom["login_url"] + "/connect/oauth2/authorize"
    page = await company.http.get(url, params=login(company))
    assert page.status_code == 200
    assert "张敏" in page.text
    assert "as=zhangmin" in page.text
    wrong = await company.http.get(url, params=login(company, appid="wwother"))
    assert wrong.status_code == 400
    wrong = await company.http.get(url, params=login(company, redirect_uri="javascript:1"))
    assert wrong.status_code == 400
    by_scan = company.wecom["login_url"] + "/wwlogin/sso/login"
    page = await company.http.get(by_scan, params=login(company, login_type="CorpApp"))
    assert page.status_code == 200
    assert (await company.http.get(by_scan, params=login(company))).status_code == 400


async def test_members_and_departments_are_read(company: Company) -> None:
    said = await company.get("department/list", "secret")
    assert [one["name"] for one in said["department"]] == ["活水", "人民广场店", "徐家汇店"]
    assert [one["parentid"] for one in said["department"]] == [0, 1, 1]
    said = await company.get("user/simplelist", "secret", department_id="1", fetch_child="1")
    assert len(said["userlist"]) == 4
    said = await company.get("user/simplelist", "secret", department_id="2")
    assert [one["userid"] for one in said["userlist"]] == ["zhangmin", "liwei"]
    assert (await company.get("user/list", "secret", department_id="99"))["errcode"] == 60123
    mobile = company.acts.member("liwei").mobile
    said = await company.post("user/getuserid", {"mobile": mobile}, "secret")
    assert said["userid"] == "liwei"
    said = await company.post("user/getuserid", {"mobile": "13000000000"}, "secret")
    assert said["errcode"] == 46004
    said = await company.contact("get_follow_user_list")
    assert "zhangmin" in said["follow_user"]


async def test_a_restart_remembers_who_knows_whom(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    async with new_company(state) as before:
        person = before.friend()
        before.acts.add_tags("等级", ["金"], before.clock())
        tag_id = before.acts.tag_groups()[0][1][0][0]
        before.acts.tag("zhangmin", person, [tag_id], [], before.clock())
        way = await before.way()
        before.acts.hire("sunli", "孙莉", 3, before.clock())
        chat = before.acts.open_group("zhangmin", "会员群", [person], before.clock())
        picture = await before.upload("media/upload", PICTURE, type="image")
        body = {"external_userid": [before.external()], "text": {"content": "周末有礼"}}
        msgid = (await before.contact("add_msg_template", body))["msgid"]
        moment = before.acts.post("zhangmin", "今日穿搭", [], before.clock())
        transfer = {
            "handover_userid": "zhangmin",
            "takeover_userid": "liwei",
            "external_userid": [before.external()],
        }
        await before.contact("transfer_customer", transfer)
        shown = (await before.side("GET", "/wecom/staff/zhangmin")).json()
    async with new_company(state) as after:
        assert (await after.side("GET", "/wecom/staff/zhangmin")).json() == shown
        said = await after.contact("get", external_userid=after.external())
        assert said["follow_user"][0]["tags"][0]["tag_id"] == tag_id
        assert (await after.contact("get_contact_way", {"config_id": way}))["errcode"] == 0
        assert after.acts.member("sunli").name == "孙莉"
        assert after.acts.owned_groups("zhangmin")[0].chat_id == chat.chat_id
        assert after.acts.moments(after.person(), after.clock())[0].moment_id == moment
        shown_picture = await after.http.get(
            f"{after.wecom['base_url']}/wwpic/{picture['media_id']}"
        )
        assert shown_picture.content == PICTURE
        after.acts.confirm("zhangmin", "broadcast", msgid, after.clock())
        after.clock.move(days=1)
        events = await after.told()
        assert [one["ChangeType"] for one in events][-2:] == [
            "del_external_contact",
            "add_external_contact",
        ]
