"""Who is named to the platform: only those who said yes, only hashed, never too many at once."""

from __future__ import annotations

import hashlib
import io
import random
import re
import zipfile
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.tencent_ads.advertiser import NOON, Advertiser, Said, measured, wanted

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.tencent_ads.actions import Action, ActionKind, batches
from headwater.connect.tencent_ads.audiences import (
    Audience,
    Audiences,
    FileState,
    IdKind,
    ProcessState,
    parts,
    zipped,
)
from headwater.connect.tencent_ads.people import (
    AdIdentity,
    AudiencePerson,
    MeasuredPerson,
    WithdrawnPerson,
)

PHONE_HASH = hashlib.sha256(b"13800138000").hexdigest()


def bought(number: int = 1, **changes: Any) -> Action:
    known: dict[str, Any] = {
        "kind": ActionKind.BOUGHT,
        "person": measured(),
        "at": NOON,
        "once_key": f"order-{number}",
    }
    return Action(**(known | changes))


@pytest.mark.parametrize(
    "kind,consent",
    [
        (MeasuredPerson, Said(is_granted=False)),
        (MeasuredPerson, Said(purpose="marketing")),
        (AudiencePerson, Said(purpose="marketing", is_granted=False)),
        (AudiencePerson, Said(purpose="measurement")),
        (WithdrawnPerson, Said(purpose="marketing")),
    ],
)
def test_nobody_is_named_without_the_word_that_it_takes(kind: Any, consent: Said) -> None:
    with pytest.raises(BadInput):
        kind(consent, AdIdentity(phone="13800138000"))


@pytest.mark.parametrize("phone", ["13800138000", "+8613800138000"])
def test_a_phone_is_hashed_as_eleven_digits(phone: str) -> None:
    assert AdIdentity(phone=phone).phone_sha256 == PHONE_HASH


@pytest.mark.parametrize(
    "ids",
    [
        {},
        {"phone": ""},
        {"phone": "+12125550100"},
        {"phone": "1380013800"},
        {"phone": "138001380001"},
        {"phone": "13800138000\n"},
        {"openid": "o-1"},
        {"unionid": "u-1"},
    ],
)
def test_an_identity_that_the_platform_could_not_know_is_refused(ids: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        AdIdentity(**ids)


def test_an_identity_is_never_shown() -> None:
    shown = repr(wanted(openid="o-secret", unionid="u-secret", appid="wx12"))
    assert "13800138000" not in shown
    assert "secret" not in shown


async def test_an_action_goes_out_with_hashes_value_and_key() -> None:
    advertiser = Advertiser()
    advertiser.will()
    person = measured(openid="o-1", unionid="u-1", appid="wx12")
    action = bought(
        person=person, value_fen=19_900, quantity=1, click_id="c-1", url="https://b.example"
    )
    assert await advertiser.ads.actions.add(7, [action]) == 1
    assert advertiser.body() == {
        "account_id": 5001,
        "user_action_set_id": 7,
        "actions": [
            {
                "action_time": int(NOON.timestamp()),
                "user_id": {
                    "sha256_phone": PHONE_HASH,
                    "wechat_openid": "o-1",
                    "wechat_unionid": "u-1",
                    "wechat_app_id": "wx12",
                },
                "action_type": "PURCHASE",
                "outer_action_id": "order-1",
                "action_param": {"value": 19_900, "quantity": 1},
                "trace": {"click_id": "c-1"},
                "url": "https://b.example",
            }
        ],
    }
    assert b"13800138000" not in advertiser.asked[-1].content


async def test_fifty_actions_go_at_once_and_one_more_goes_after() -> None:
    advertiser = Advertiser()
    advertiser.will()
    assert await advertiser.ads.actions.add(7, [bought(number) for number in range(50)]) == 1
    advertiser.will()
    advertiser.will()
    assert await advertiser.ads.actions.add(7, [bought(number) for number in range(51)]) == 2
    assert [len(advertiser.body(index)["actions"]) for index in (-2, -1)] == [50, 1]


async def test_a_call_stays_within_fifty_thousand_bytes() -> None:
    advertiser = Advertiser()
    long = "https://b.example/" + "x" * 2_030
    actions = [bought(number, url=long) for number in range(50)]
    for _call in range(3):
        advertiser.will()
    assert await advertiser.ads.actions.add(7, actions) == 3
    sizes = [
        len(msgspec.json.encode(msgspec.json.decode(request.content)["actions"]))
        for request in advertiser.asked[-3:]
    ]
    assert max(sizes) <= 50_000
    assert sum(len(advertiser.body(index)["actions"]) for index in (-3, -2, -1)) == 50


async def test_nothing_to_tell_asks_nothing() -> None:
    advertiser = Advertiser()
    assert await advertiser.ads.actions.add(7, []) == 0
    assert advertiser.asked == []


async def test_a_refusal_half_way_is_told_and_the_repeat_is_the_same() -> None:
    advertiser = Advertiser()
    advertiser.will()
    advertiser.will_refuse(31000)
    actions = [bought(number) for number in range(60)]
    with pytest.raises(ProviderRefused):
        await advertiser.ads.actions.add(7, actions)
    advertiser.will()
    advertiser.will()
    await advertiser.ads.actions.add(7, actions)
    assert advertiser.body(-2) == advertiser.body(-4)


@pytest.mark.parametrize(
    "change",
    [
        {"once_key": ""},
        {"once_key": "x" * 256},
        {"value_fen": -1},
        {"quantity": -1},
        {"url": "https://b.example/" + "x" * 2_048},
    ],
)
async def test_an_action_beyond_its_limits_is_not_sent(change: dict[str, Any]) -> None:
    advertiser = Advertiser()
    with pytest.raises(BadInput):
        await advertiser.ads.actions.add(7, [bought(), bought(2, **change)])
    assert advertiser.asked == []


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 60), max_size=40), most=st.integers(1, 7))
def test_batches_lose_nothing_and_never_grow_too_big(lengths: list[int], most: int) -> None:
    wires = [msgspec.Raw(b'"' + b"x" * length + b'"') for length in lengths]
    cut = list(batches(wires, most, most_bytes=66))
    assert [wire for batch in cut for wire in batch] == wires
    for batch in cut:
        assert 1 <= len(batch) <= most
        assert len(msgspec.json.encode(batch)) <= 66


def test_a_single_action_that_is_too_big_is_refused() -> None:
    at_limit = msgspec.Raw(b'"' + b"x" * 62 + b'"')
    assert len(msgspec.json.encode([at_limit])) == 66
    assert len(list(batches([at_limit], most_bytes=66))) == 1
    with pytest.raises(BadInput):
        list(batches([msgspec.Raw(b'"' + b"x" * 63 + b'"')], most_bytes=66))


async def test_a_source_of_data_is_made() -> None:
    advertiser = Advertiser()
    advertiser.will(user_action_set_id=7)
    made = await advertiser.ads.actions.create_set("WECHAT_MINI_PROGRAM", "店" * 10, appid="wx12")
    assert made == 7
    with pytest.raises(BadInput):
        await advertiser.ads.actions.create_set("WECHAT", "店")
    for name in ("", "店" * 11):
        with pytest.raises(BadInput):
            await advertiser.ads.actions.create_set("WEB", name)


def unpacked(content: bytes) -> list[str]:
    """Take the lines out of the form that was sent."""
    start, end = content.index(b"PK\x03\x04"), content.rindex(b"\r\n--")
    with zipfile.ZipFile(io.BytesIO(content[start:end])) as archive:
        (name,) = archive.namelist()
        return archive.read(name).decode().splitlines()


async def test_people_are_put_in_by_hash_and_each_once() -> None:
    advertiser = Advertiser()
    advertiser.will(custom_audience_file_id=9)
    people = [wanted("13800138000"), wanted("+8613800138000"), wanted("13800138001")]
    assert await advertiser.ads.audiences.put_in(3, IdKind.PHONE, people) == (9,)
    content = advertiser.asked[-1].content
    lines = unpacked(content)
    assert sorted(lines) == sorted([PHONE_HASH, hashlib.sha256(b"13800138001").hexdigest()])
    fields = dict(re.findall(rb'name="(\w+)"\r\n\r\n([^\r]*)\r\n', content))
    assert fields == {
        b"account_id": b"5001",
        b"audience_id": b"3",
        b"user_id_type": b"SHA256_MOBILE_PHONE",
        b"operation_type": b"APPEND",
    }


async def test_open_ids_name_their_app_and_do_not_mix() -> None:
    advertiser = Advertiser()
    advertiser.will(custom_audience_file_id=9)
    people = [wanted(None, openid=f"o-{number}", appid="wx12") for number in range(3)]
    await advertiser.ads.audiences.put_in(3, IdKind.OPENID, people)
    assert b'name="open_app_id"\r\n\r\nwx12' in advertiser.asked[-1].content
    other = wanted(None, openid="o-9", appid="wx99")
    with pytest.raises(BadInput):
        await advertiser.ads.audiences.put_in(3, IdKind.OPENID, [*people, other])
    with pytest.raises(BadInput):
        await advertiser.ads.audiences.put_in(3, IdKind.PHONE, people)
    with pytest.raises(BadInput):
        await advertiser.ads.audiences.put_in(3, IdKind.PHONE, [])


async def test_who_takes_a_yes_back_is_taken_out() -> None:
    advertiser = Advertiser()
    advertiser.will(custom_audience_file_id=10)
    no = Said(purpose="marketing", is_granted=False)
    gone = WithdrawnPerson(no, AdIdentity(phone="13800138000"))
    assert await advertiser.ads.audiences.take_out(3, IdKind.PHONE, [gone]) == (10,)
    assert b'name="operation_type"\r\n\r\nREDUCE' in advertiser.asked[-1].content


@pytest.mark.parametrize("room,files", [(130, 1), (129, 2)])
async def test_files_are_split_at_the_limit_and_not_before(room: int, files: int) -> None:
    advertiser = Advertiser()
    api = advertiser.ads.audiences._api
    for number in range(files):
        advertiser.will(custom_audience_file_id=number + 1)
    people = [wanted("13800138000"), wanted("13800138001")]
    made = await Audiences(api, most_bytes=1_024 + room).put_in(3, IdKind.PHONE, people)
    assert len(made) == files


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 99), max_size=60))
def test_parts_lose_no_line_and_zip_within_the_limit(lengths: list[int]) -> None:
    # Lines of noise do not shrink, which is the worst that can be put into a zip.
    noise = random.Random(7)
    lines = ["".join(noise.choices("0123456789abcdef", k=length)) for length in lengths]
    cut = list(parts(lines, most_bytes=1_124))
    assert b"".join(cut).decode().splitlines() == lines
    assert all(len(zipped(part)) <= 1_124 for part in cut)


def test_a_line_that_no_file_can_hold_is_refused() -> None:
    assert list(parts(["x" * 99], most_bytes=1_124))
    with pytest.raises(BadInput):
        list(parts(["x" * 100], most_bytes=1_124))


async def test_audiences_and_their_files_are_followed() -> None:
    advertiser = Advertiser()
    advertiser.will(audience_id=3)
    assert await advertiser.ads.audiences.create("老" * 10, "outer-1", "每月一次") == 3
    assert advertiser.body()["type"] == "CUSTOMER_FILE"
    with pytest.raises(BadInput):
        await advertiser.ads.audiences.create("老" * 11, "outer-1")
    listed = [
        {"audience_id": 3, "name": "老客", "status": "SUCCESS", "user_count": 120},
        {"audience_id": 4, "name": "新客", "status": "SLEEPING"},
    ]
    advertiser.will(list=listed, page_info={"page": 1, "total_page": 2})
    page = await advertiser.ads.audiences.list()
    assert page.items == (
        Audience(3, "老客", ProcessState.DONE, 120),
        Audience(4, "新客", ProcessState.UNKNOWN, 0),
    )
    assert not page.is_last
    file = {
        "custom_audience_file_id": 9,
        "audience_id": 3,
        "process_status": "ERROR",
        "process_code": 1001,
        "error_message": "文件为空",
        "line_count": 2,
    }
    advertiser.will(list=[file], page_info={"page": 2, "total_page": 2})
    files = await advertiser.ads.audiences.files(3, 2)
    assert files.items == (FileState(9, 3, ProcessState.FAILED, "文件为空", 2, 0, 0),)
    assert files.is_last
    assert advertiser.asked[-1].url.params["audience_id"] == "3"


async def test_a_count_below_nothing_is_trouble() -> None:
    advertiser = Advertiser()
    advertiser.will(list=[{"audience_id": 3, "user_count": -1}])
    with pytest.raises(Trouble):
        await advertiser.ads.audiences.list()
