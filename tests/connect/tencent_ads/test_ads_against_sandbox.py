"""Our Tencent Ads client against the simulated platform, which shares no code with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.connect.tencent_ads.advertiser import NOON, Said

from headwater.base.errors import NotReached, Trouble
from headwater.base.times import business_day
from headwater.connect.errors import LoginCodeSpent, NotAuthorised, ProviderRefused
from headwater.connect.tencent_ads import AdsCredentials, TencentAds
from headwater.connect.tencent_ads.actions import Action, ActionKind
from headwater.connect.tencent_ads.audiences import IdKind, ProcessState
from headwater.connect.tencent_ads.grants import KeptGrant
from headwater.connect.tencent_ads.people import (
    AdIdentity,
    AudiencePerson,
    MeasuredPerson,
    WithdrawnPerson,
)
from headwater.connect.tencent_ads.reports import Level
from headwater.connect.tokens import MemoryRows
from headwater.sandbox import Credentials, Sandbox, make_credentials, make_sandbox

BACK = "http://brand.test/ads/back?from=console"
YES = Said(purpose="marketing")
NO = Said(purpose="marketing", is_granted=False)


@dataclass
class Brand:
    """A brand that advertises, with a clock that the test moves."""

    sandbox: Sandbox
    http: httpx2.AsyncClient
    clock: list[datetime]

    def __post_init__(self) -> None:
        known = self.sandbox.credentials["ads"]
        credentials = AdsCredentials(
            client_id=known["client_id"],
            client_secret=known["client_secret"],
            account_id=known["account_id"],
            api_url=known["base_url"],
            authorize_url=known["authorize_url"],
            token_url=known["token_url"],
        )
        self.keeper = KeptGrant(MemoryRows(), credentials.account_id, self.now)
        self.ads = TencentAds(credentials, self.keeper, self.http, self.now)

    def now(self) -> datetime:
        return self.clock[0]

    def phone(self, number: int) -> str:
        return self.sandbox.people.get(f"p{number}").phone_number

    async def does(self, path: str, **what: Any) -> Any:
        """Do at a side door what no API can do."""
        base_url = self.sandbox.credentials["side_doors"]["base_url"]
        answer = await self.http.post(f"{base_url}/ads/{path}", json=what)
        assert answer.is_success, answer.text
        return answer.json()

    async def sees(self, path: str) -> Any:
        base_url = self.sandbox.credentials["side_doors"]["base_url"]
        return (await self.http.get(f"{base_url}/ads/{path}")).json()

    async def agrees(self) -> None:
        given = await self.does("grants", redirect_uri=BACK)
        await self.ads.grants.accept(given["authorization_code"], BACK)


@cache
def drawn() -> Credentials:
    """Make the keys once per run; making them is slow."""
    return make_credentials(12, NOON)


@pytest.fixture
async def brand() -> AsyncIterator[Brand]:
    clock = [NOON]
    sandbox = make_sandbox(12, 1.0, lambda: clock[0], None, drawn())
    async with sandbox.client() as http:
        yield Brand(sandbox, http, clock)
    await sandbox.close()


def bought(brand: Brand, number: int, value_fen: int, click_id: str | None = None) -> Action:
    person = MeasuredPerson(Said(), AdIdentity(phone=brand.phone(number)))
    return Action(
        kind=ActionKind.BOUGHT,
        person=person,
        at=brand.now(),
        once_key=f"order-{number}",
        value_fen=value_fen,
        click_id=click_id,
    )


async def test_the_advertiser_agrees_in_the_browser(brand: Brand) -> None:
    address = brand.ads.grants.url(BACK, "st-1")
    assert (await brand.http.get(address)).status_code == 200
    agreed = await brand.http.post(address)
    assert agreed.status_code == 302
    back = parse_qs(urlsplit(agreed.headers["location"]).query)
    assert (back["state"], back["from"]) == (["st-1"], ["console"])
    code = back["authorization_code"][0]
    grant = await brand.ads.grants.accept(code, BACK)
    assert grant.until == NOON + timedelta(days=30)
    assert await brand.ads.actions.sets() == ()
    with pytest.raises(LoginCodeSpent):
        await brand.ads.grants.accept(code, BACK)


async def test_a_permission_lives_as_long_as_it_is_used(brand: Brand) -> None:
    await brand.agrees()
    for _day in range(4):
        await brand.ads.actions.sets()
        brand.clock[0] += timedelta(days=20)
    brand.clock[0] += timedelta(days=11)
    with pytest.raises(NotAuthorised):
        await brand.ads.actions.sets()
    await brand.agrees()
    await brand.ads.actions.sets()


async def test_a_token_that_ends_early_is_replaced(brand: Brand) -> None:
    await brand.agrees()
    await brand.ads.actions.sets()
    await brand.does("expired-tokens")
    assert await brand.ads.actions.sets() == ()


async def test_what_buyers_did_is_counted_once(brand: Brand) -> None:
    await brand.agrees()
    set_id = await brand.ads.actions.create_set("WEB", "官网")
    with pytest.raises(ProviderRefused):
        await brand.ads.actions.create_set("WEB", "官网")
    (known,) = await brand.ads.actions.sets()
    assert (known.set_id, known.kind, known.name) == (set_id, "WEB", "官网")
    actions = [bought(brand, 1, 19_900), bought(brand, 2, 5_000)]
    await brand.ads.actions.add(set_id, actions)
    await brand.ads.actions.add(set_id, actions)
    kept = (await brand.sees("actions"))["actions"]
    assert sorted((each["person_id"], each["value_fen"]) for each in kept) == [
        ("p1", 19_900),
        ("p2", 5_000),
    ]


async def test_silence_after_the_effect_is_repeated_without_harm(brand: Brand) -> None:
    await brand.agrees()
    set_id = await brand.ads.actions.create_set("WEB", "官网")
    brand.sandbox.faults.ads_fail_next = 1
    with pytest.raises(Trouble):
        await brand.ads.actions.add(set_id, [bought(brand, 1, 100)])
    brand.sandbox.faults.ads_frequency_next = 1
    with pytest.raises(NotReached):
        await brand.ads.actions.add(set_id, [bought(brand, 1, 100)])
    await brand.ads.actions.add(set_id, [bought(brand, 1, 100)])
    assert len((await brand.sees("actions"))["actions"]) == 1


async def test_people_go_into_an_audience_and_out_again(brand: Brand) -> None:
    await brand.agrees()
    audience_id = await brand.ads.audiences.create("老客", "outer-1")
    identities = [AdIdentity(phone=brand.phone(number)) for number in (1, 2, 3)]
    people = [AudiencePerson(YES, identity) for identity in identities]
    (file_id,) = await brand.ads.audiences.put_in(audience_id, IdKind.PHONE, people)
    assert (await brand.ads.audiences.files(audience_id)).items[0].state in (
        ProcessState.PENDING,
        ProcessState.PROCESSING,
    )
    brand.clock[0] += timedelta(seconds=10)
    (file,) = (await brand.ads.audiences.files(audience_id)).items
    assert (file.file_id, file.state, file.refusal) == (file_id, ProcessState.DONE, None)
    assert (file.lines, file.valid_lines, file.people) == (3, 3, 3)
    (audience,) = (await brand.ads.audiences.list()).items
    assert (audience.audience_id, audience.people) == (audience_id, 3)
    gone = WithdrawnPerson(NO, identities[1])
    await brand.ads.audiences.take_out(audience_id, IdKind.PHONE, [gone])
    brand.clock[0] += timedelta(seconds=10)
    (known,) = (await brand.sees("audiences"))["audiences"]
    assert known["person_ids"] == ["p1", "p3"]


async def test_people_are_found_by_the_ids_of_an_app(brand: Brand) -> None:
    await brand.agrees()
    audience_id = await brand.ads.audiences.create("公众号粉丝", "outer-2")
    appid = brand.sandbox.credentials["official_account"]["appid"]
    person = brand.sandbox.people.get("p1")
    identity = AdIdentity(
        openid=brand.sandbox.people.openid(person, appid), unionid=person.unionid, appid=appid
    )
    people = [AudiencePerson(YES, identity)]
    await brand.ads.audiences.put_in(audience_id, IdKind.OPENID, people)
    brand.clock[0] += timedelta(seconds=10)
    await brand.ads.audiences.put_in(audience_id, IdKind.UNIONID, people)
    brand.clock[0] += timedelta(seconds=10)
    files = (await brand.ads.audiences.files(audience_id)).items
    assert [(file.state, file.people) for file in files] == [(ProcessState.DONE, 1)] * 2


async def test_what_ads_cost_and_brought_is_read_in_fen(brand: Brand) -> None:
    await brand.agrees()
    set_id = await brand.ads.actions.create_set("WEB", "官网")
    shown = {"adgroup_id": 77, "views": 1_000, "clicks": 10, "cost_fen": 12_345}
    click = await brand.does("shows", **shown, person_id="p1")
    await brand.ads.actions.add(set_id, [bought(brand, 1, 19_900, str(click["click_id"]))])
    today = business_day(brand.now())
    rows = [row async for row in brand.ads.reports.every_day(Level.ADGROUP, today, today)]
    assert [(row.day, row.subject_id, row.cost_fen) for row in rows] == [(today, 77, 12_345)]
    assert (rows[0].views, rows[0].clicks) == (1_000, 10)
    assert (rows[0].conversions, rows[0].order_fen) == (1, 19_900)
    hours = (await brand.ads.reports.hourly(Level.ADVERTISER, today)).items
    assert [(row.hour, row.cost_fen) for row in hours] == [(12, 12_345)]
