"""Our WeCom client against the simulated company, which shares no code with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.connect.wecom.brand import Brand, opened

from headwater.base.errors import NotReached, Trouble
from headwater.connect.errors import (
    LoginCodeSpent,
    NotAuthorised,
    ProviderRefused,
    UnknownToProvider,
)
from headwater.connect.wecom import Wecom
from headwater.connect.wecom.api import Upload
from headwater.connect.wecom.customers.contacts import Remark
from headwater.connect.wecom.customers.transfers import Handover, TakeoverState
from headwater.connect.wecom.customers.ways import NewWay
from headwater.connect.wecom.errors import NotACustomer, WelcomeSpent
from headwater.connect.wecom.outreach.broadcasts import (
    NewBroadcast,
    SendState,
    TaskState,
    ToCustomers,
)
from headwater.connect.wecom.outreach.content import Content, Image, Link
from headwater.connect.wecom.outreach.moments import JobState, NewMoment
from headwater.connect.wecom.pushes import CustomerGone, CustomerNoted
from headwater.connect.wecom.sidebar import PageSignature
from headwater.connect.wecom.staff import Note

PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
async def brand() -> AsyncIterator[Brand]:
    async with opened() as found:
        yield found


async def test_a_customer_comes_with_a_state_and_is_greeted_once(brand: Brand) -> None:
    came = await brand.befriends()
    assert (came.user_id, came.external_id, came.state) == ("zhangmin", brand.external(), "share-7")
    assert came.welcome is not None
    content = Content("您好", (Link("新品", "https://brand.test/p/1", "围巾"),))
    await brand.wecom.welcomes.send(came.welcome, content)
    talk = brand.sandbox.people.messages(brand.person(), "guide:zhangmin")
    assert any("您好" in message.title for message in talk)
    with pytest.raises(WelcomeSpent):
        await brand.wecom.welcomes.send(came.welcome, content)


async def test_a_welcome_comes_too_late_at_the_platform_as_well(brand: Brand) -> None:
    came = await brand.befriends()
    assert came.welcome is not None
    late = type(came.welcome)(came.welcome.code, came.welcome.until + timedelta(hours=1))
    await brand.wait(seconds=21)
    with pytest.raises(ProviderRefused):
        await brand.wecom.welcomes.send(late, Content("您好"))


async def test_a_busy_platform_says_when_nothing_was_done(brand: Brand) -> None:
    came = await brand.befriends()
    assert came.welcome is not None
    brand.sandbox.faults.welcome_busy_next = 1
    with pytest.raises(NotReached):
        await brand.wecom.welcomes.send(came.welcome, Content("您好"))
    await brand.wecom.welcomes.send(came.welcome, Content("您好"))
    brand.sandbox.faults.wecom_busy_next = 1
    with pytest.raises(NotReached):
        await brand.wecom.contacts.staff()
    brand.sandbox.faults.wecom_fail_next = 1
    with pytest.raises(Trouble):
        await brand.wecom.contacts.staff()


async def test_both_answers_about_a_customer_agree(brand: Brand) -> None:
    await brand.befriends()
    await brand.wecom.contacts.note("zhangmin", brand.external(), Remark("林女士", "爱买围巾"))
    group = await brand.wecom.tags.add("喜好", ("围巾", "帽子"))
    tag = group.tags[0].tag_id
    await brand.wecom.contacts.mark("zhangmin", brand.external(), add=(tag,))
    single = await brand.wecom.contacts.get(brand.external())
    batch = await brand.wecom.contacts.batch(("zhangmin",))
    assert batch.items == (single,)
    assert single.unionid == brand.person().unionid
    (follower,) = single.followers
    assert (follower.remark, follower.state, follower.tag_ids) == ("林女士", "share-7", (tag,))
    assert await brand.wecom.contacts.ids_of("zhangmin") == (brand.external(),)
    assert await brand.wecom.contacts.ids_of("liwei") == ()
    assert brand.external() in await brand.wecom.contacts.ids_of("zhangmin")


async def test_a_union_id_may_be_missing(brand: Brand) -> None:
    brand.sandbox.faults.hide_unionid = True
    await brand.befriends()
    assert (await brand.wecom.contacts.get(brand.external())).unionid is None


async def test_strangers_are_refused_in_words_of_ours(brand: Brand) -> None:
    with pytest.raises((NotACustomer, UnknownToProvider)):
        await brand.wecom.contacts.get("wm-nobody")
    with pytest.raises((NotACustomer, UnknownToProvider)):
        await brand.wecom.contacts.note("zhangmin", brand.external(), Remark("x"))


async def test_a_wrong_secret_is_said_and_not_repeated(brand: Brand) -> None:
    wrong = Wecom(brand.credentials(contact_secret="wrong-s3cret"), brand.http, brand.now)
    with pytest.raises(NotAuthorised) as refused:
        await wrong.contacts.staff()
    assert "wrong-s3cret" not in str(refused.value)


async def test_tokens_that_die_early_are_replaced(brand: Brand) -> None:
    await brand.wecom.contacts.staff()
    brand.sandbox.faults.wecom_tokens_die_next = 1
    assert "zhangmin" in await brand.wecom.contacts.staff()


async def test_what_people_do_is_heard_and_what_we_do_is_not(brand: Brand) -> None:
    await brand.befriends()
    brand.heard.clear()
    await brand.wecom.contacts.note("zhangmin", brand.external(), Remark("林女士"))
    await brand.sandbox.deliver_due()
    assert brand.heard == []
    brand.acts.note("zhangmin", brand.person(), brand.now(), remark="老林")
    brand.acts.delete_guide(brand.person(), "zhangmin", brand.now())
    await brand.sandbox.deliver_due()
    assert [type(each) for each in brand.heard] == [CustomerNoted, CustomerGone]
    gone = brand.heard[-1]
    assert isinstance(gone, CustomerGone)
    assert gone.ended_by == "customer"


async def test_a_broadcast_waits_for_the_guide_and_counts_who_was_reached(brand: Brand) -> None:
    await brand.befriends(1)
    await brand.befriends(2)
    to = ToCustomers((brand.external(1), brand.external(2)), "zhangmin")
    made = await brand.wecom.broadcasts.create(NewBroadcast(Content("周末见"), to))
    (task,) = (await brand.wecom.broadcasts.tasks(made.broadcast_id)).items
    assert (task.user_id, task.state) == ("zhangmin", TaskState.WAITING)
    await brand.wecom.broadcasts.remind(made.broadcast_id)
    brand.acts.delete_guide(brand.person(2), "zhangmin", brand.now())
    brand.acts.confirm("zhangmin", "broadcast", made.broadcast_id, brand.now())
    (task,) = (await brand.wecom.broadcasts.tasks(made.broadcast_id)).items
    assert task.state is TaskState.CONFIRMED
    results = (await brand.wecom.broadcasts.results(made.broadcast_id, "zhangmin")).items
    assert {each.external_id: each.state for each in results} == {
        brand.external(1): SendState.SENT,
        brand.external(2): SendState.NOT_A_FRIEND,
    }
    begin_at = brand.now() - timedelta(days=1)
    end_at = brand.now() + timedelta(seconds=1)
    listed = await brand.wecom.broadcasts.records("single", begin_at, end_at)
    assert [record.words for record in listed.items] == ["周末见"]


async def test_a_broadcast_that_is_cancelled_reaches_nobody(brand: Brand) -> None:
    await brand.befriends()
    to = ToCustomers((brand.external(),), "zhangmin")
    made = await brand.wecom.broadcasts.create(NewBroadcast(Content("周末见"), to))
    await brand.wecom.broadcasts.cancel(made.broadcast_id)
    (task,) = brand.acts.tasks("zhangmin")
    assert task.state == "cancelled"


async def test_a_moment_is_made_posted_seen_and_liked(brand: Brand) -> None:
    await brand.befriends()
    picture = Upload("a.png", PIXEL, "image/png")
    media = await brand.wecom.uploads.upload_for_moments("image", picture)
    assert media.until == brand.now() + timedelta(days=3)
    new = NewMoment("新品到店", (Image(media.media_id),), sender_ids=("zhangmin",))
    job_id = await brand.wecom.moments.create(new)
    await brand.wait(seconds=5)
    job = await brand.wecom.moments.job(job_id)
    assert job.state is JobState.DONE
    assert job.moment_id is not None
    (poster,) = (await brand.wecom.moments.results.posters(job.moment_id)).items
    assert (poster.user_id, poster.has_posted) == ("zhangmin", False)
    brand.acts.confirm("zhangmin", "moment", job.moment_id, brand.now())
    (seen,) = brand.acts.moments(brand.person(), brand.now())
    brand.acts.like(brand.person(), seen.moment_id, "zhangmin", brand.now())
    brand.acts.comment(brand.person(), seen.moment_id, "zhangmin", "多少钱", brand.now())
    (poster,) = (await brand.wecom.moments.results.posters(job.moment_id)).items
    assert poster.has_posted
    reactions = await brand.wecom.moments.results.reactions(job.moment_id, "zhangmin")
    assert [each.external_id for each in reactions.likes] == [brand.external()]
    assert [each.external_id for each in reactions.comments] == [brand.external()]
    reached = await brand.wecom.moments.results.seen_by(job.moment_id, "zhangmin")
    assert reached.items == (brand.external(),)


async def test_a_customer_passes_on_after_a_day_unless_they_refuse(brand: Brand) -> None:
    await brand.befriends(1)
    await brand.befriends(2)
    await brand.wait(days=2)
    handover = Handover("zhangmin", "liwei", (brand.external(1), brand.external(2)))
    handed = await brand.wecom.transfers.serving(handover)
    assert [each.refusal_code for each in handed] == [None, None]
    (asked,) = brand.acts.transfers(brand.person(2))
    brand.acts.refuse_transfer(brand.person(2), asked.id, brand.now())
    await brand.wait(hours=25)
    results = (await brand.wecom.transfers.serving_results("zhangmin", "liwei")).items
    assert {each.external_id: each.state for each in results} == {
        brand.external(1): TakeoverState.DONE,
        brand.external(2): TakeoverState.REFUSED_BY_CUSTOMER,
    }
    assert await brand.wecom.contacts.ids_of("liwei") == (brand.external(1),)


async def test_the_customers_of_somebody_who_left_find_another(brand: Brand) -> None:
    await brand.befriends()
    brand.acts.resign("zhangmin", brand.now())
    (left,) = (await brand.wecom.transfers.unassigned()).items
    assert (left.from_user_id, left.external_id) == ("zhangmin", brand.external())
    handover = Handover("zhangmin", "liwei", (left.external_id,))
    (handed,) = await brand.wecom.transfers.resigned(handover)
    assert handed.refusal_code is None
    await brand.wait(hours=25)
    (result,) = (await brand.wecom.transfers.resigned_results("zhangmin", "liwei")).items
    assert result.state is TakeoverState.DONE


async def test_group_chats_are_read_and_handed_over(brand: Brand) -> None:
    await brand.befriends()
    chat = brand.acts.open_group("zhangmin", "老客群", [brand.person()], brand.now())
    (listed,) = (await brand.wecom.groups.list(("zhangmin",))).items
    found = await brand.wecom.groups.get(listed.chat_id)
    assert (found.name, found.owner_id) == ("老客群", "zhangmin")
    assert {member.is_staff for member in found.members} == {True, False}
    assert await brand.wecom.groups.hand_over((listed.chat_id,), "liwei", has_left=False) == ()
    assert (await brand.wecom.groups.get(listed.chat_id)).owner_id == "liwei"
    assert chat is not None


async def test_staff_log_in_and_are_told(brand: Brand) -> None:
    address = brand.wecom.logins.url("http://brand.test/guide/wecom", "st-1")
    page = await brand.http.get(
        address.partition("#")[0], headers={"Cookie": "sandbox_guide=zhangmin"}
    )
    assert page.status_code in (302, 303, 307), page.text
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"] == ["st-1"]
    login = await brand.wecom.logins.exchange(back["code"][0])
    assert login.user_id == "zhangmin"
    with pytest.raises(LoginCodeSpent):
        await brand.wecom.logins.exchange(back["code"][0])
    told = await brand.wecom.notes.send(("zhangmin", "nobody"), Note("今天 3 个任务"))
    assert told.unreached_ids == ("nobody",)
    assert len(brand.acts.inbox("zhangmin")) == 1
    colleague = await brand.wecom.directory.get("zhangmin")
    assert colleague.department_ids
    assert await brand.wecom.directory.departments()


async def is_good(brand: Brand, kind: str, url: str, signed: PageSignature) -> bool:
    """Ask the simulated platform whether a page inside WeCom would be let in."""
    side_doors = brand.sandbox.credentials["side_doors"]["base_url"]
    handed = {
        "kind": kind,
        "url": url,
        "noncestr": signed.nonce,
        "timestamp": str(signed.timestamp),
        "signature": signed.signature,
    }
    answer = await brand.http.post(f"{side_doors}/wecom/signatures", json=handed)
    return bool(answer.json()["is_good"])


async def test_both_signatures_of_a_page_are_right_and_not_to_be_exchanged(brand: Brand) -> None:
    page = "http://brand.test/guide/sidebar?x=1"
    config = await brand.wecom.sidebar.config(page + "#top")
    agent = await brand.wecom.sidebar.agent_config(page)
    assert await is_good(brand, "config", page, config)
    assert await is_good(brand, "agentConfig", page, agent)
    assert not await is_good(brand, "agentConfig", page, config)
    assert not await is_good(brand, "config", page + "&y=2", config)


async def test_an_address_that_is_not_on_the_list_may_not_call(brand: Brand) -> None:
    side_doors = brand.sandbox.credentials["side_doors"]["base_url"]
    await brand.http.put(f"{side_doors}/wecom/addresses", json={"allowed": ["192.0.2.1"]})
    with pytest.raises(NotAuthorised) as refused:
        await brand.wecom.contacts.staff()
    assert refused.value.provider_code == "60020"


async def test_a_way_is_read_changed_and_gone(brand: Brand) -> None:
    made = await brand.wecom.ways.create(NewWay(("zhangmin",), state="s-1", remark="门口"))
    way = await brand.wecom.ways.get(made.way_id)
    assert (way.user_ids, way.state, way.remark) == (("zhangmin",), "s-1", "门口")
    await brand.wecom.ways.update(made.way_id, NewWay(("liwei",), state="s-2"))
    assert (await brand.wecom.ways.get(made.way_id)).user_ids == ("liwei",)
    begin_at, end_at = brand.now() - timedelta(days=1), brand.now() + timedelta(seconds=1)
    assert (await brand.wecom.ways.ids(begin_at, end_at)).items == (made.way_id,)
    await brand.wecom.ways.delete(made.way_id)
    with pytest.raises(ProviderRefused):
        await brand.wecom.ways.get(made.way_id)
