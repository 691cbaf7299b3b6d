"""The official account's client against the sandbox, which has its own cryptography and rules."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.connect.weixin.brand import Brand, opened
from tests.connect.weixin.stub import PNG

from headwater.connect.errors import CannotReach, ProviderRefused, WindowClosed, WindowSpent
from headwater.connect.official_account.articles import Draft, Stage
from headwater.connect.official_account.mass import Message
from headwater.connect.official_account.menu import Button
from headwater.connect.official_account.windows.rule import Interaction, allowance, interaction_of
from headwater.connect.weixin_api import File
from headwater.connect.weixin_pushes import kinds, replies
from headwater.connect.weixin_pushes.replies import Article

PICTURE = File("围巾.png", PNG + bytes(200), "image/png")


@pytest.fixture
async def brand() -> AsyncIterator[Brand]:
    async with opened() as brand:
        yield brand


async def test_a_follower_is_seen_tagged_and_listed(brand: Brand) -> None:
    person = await brand.person()
    openid = person["openid"]
    follower = await brand.account.followers.get(openid)
    assert (follower.openid, follower.is_following) == (openid, True)
    tag = await brand.account.tags.create("上海 😀")
    await brand.account.tags.tag(tag.id, [openid])
    assert await brand.account.tags.of(openid) == (tag.id,)
    assert (await brand.account.tags.people(tag.id)).openids == (openid,)
    assert (await brand.account.followers.get_many([openid]))[0].tag_ids == (tag.id,)
    await brand.account.tags.untag(tag.id, [openid])
    assert await brand.account.tags.of(openid) == ()
    await brand.account.tags.rename(tag.id, "华东")
    assert "华东" in [each.name for each in await brand.account.tags.list()]
    await brand.account.tags.delete(tag.id)
    page = await brand.account.followers.page()
    assert openid in page.openids
    with pytest.raises(ProviderRefused):
        await brand.account.followers.get("o-stranger")


async def test_a_menu_is_made_pressed_and_heard(brand: Brand) -> None:
    await brand.listens("official_account")
    person = await brand.person()
    assert await brand.account.menu.get() is None
    buttons = (Button("新品 😀", "click", "new"), Button("商城", "view", "https://b.example"))
    await brand.account.menu.create(buttons)
    menus = await brand.account.menu.get()
    assert menus is not None
    assert menus.buttons == buttons
    await brand.beside("POST", f"/people/{person['id']}/presses", path=[0])
    await brand.passes(1)
    (push,) = brand.heard
    assert (push.openid, push.happened) == (person["openid"], kinds.MenuPressed("new", None))
    await brand.account.menu.delete()
    assert await brand.account.menu.get() is None


async def test_free_words_keep_to_the_windows_that_we_count(brand: Brand) -> None:
    """What the rule allows is taken, and what it forbids is refused, message by message."""
    await brand.listens("official_account")
    person = await brand.person()
    openid = person["openid"]
    with pytest.raises(WindowClosed):
        await brand.account.chat.say(openid, "hi")
    await brand.beside("POST", f"/people/{person['id']}/words", text="还有吗 😀")
    await brand.passes(1)
    (push,) = brand.heard
    assert isinstance(push.happened, kinds.Said)
    assert push.happened.words == "还有吗 😀"
    interaction = interaction_of(push)
    assert isinstance(interaction, Interaction)
    sent: list[datetime] = []
    for _ in range(5):
        assert allowance([interaction], sent, brand.now()).left == 5 - len(sent)
        await brand.account.chat.say(openid, "有的 😀")
        sent.append(brand.now())
    assert allowance([interaction], sent, brand.now()).left == 0
    with pytest.raises(WindowSpent):
        await brand.account.chat.say(openid, "还在吗")
    await brand.passes(48 * 3600)
    assert allowance([interaction], [], brand.now()).left == 0
    with pytest.raises(WindowClosed):
        await brand.account.chat.say(openid, "还在吗")


async def test_a_code_brings_a_follower_with_its_scene(brand: Brand) -> None:
    await brand.listens("official_account")
    person = await brand.person(follows=False)
    code = await brand.account.qr_codes.lend("store-12", timedelta(days=1))
    at = f"/people/{person['id']}"
    await brand.beside("POST", at + "/scans", code=code.content)
    await brand.beside("PUT", at + "/following", follows=True, scene="store-12")
    await brand.passes(1)
    await brand.beside("POST", at + "/scans", code=code.content)
    await brand.passes(1)
    assert {push.openid for push in brand.heard} == {person["openid"]}
    told = [push.happened for push in brand.heard]
    assert told == [kinds.Followed("store-12"), kinds.Scanned("store-12")]
    assert (await brand.account.followers.get(person["openid"])).scene == "store-12"


async def test_a_template_is_answered_by_a_push(brand: Brand) -> None:
    await brand.listens("official_account")
    person = await brand.person()
    template = brand.sandbox.credentials["official_account"]["template_ids"]["member_care"]
    assert template in [each.template_id for each in await brand.account.templates.known()]
    fields = {"thing1": "围巾", "thing2": "已到店", "time3": "2026-11-22 12:00"}
    sent = await brand.account.templates.send(person["openid"], template, fields, None)
    await brand.passes(60)
    told = [push.happened for push in brand.heard]
    assert kinds.TemplateFinished(sent, kinds.Delivery.ARRIVED, "success") in told


async def test_articles_are_published_and_sent_once_under_their_key(brand: Brand) -> None:
    await brand.listens("official_account")
    await brand.person()
    cover = await brand.account.materials.keep("image", PICTURE)
    inside = await brand.account.materials.for_article(PICTURE)
    draft = Draft("冬季新品 😀", f'<p>羊绒</p><img src="{inside}">', cover.media_id, "小满")
    draft_id = await brand.account.articles.draft([draft])
    (read,) = await brand.account.articles.read(draft_id)
    assert (read.title, read.cover_media_id) == (draft.title, cover.media_id)
    assert await brand.account.articles.count_drafts() == 1

    message = Message.articles(draft_id)
    first = await brand.account.mass.send_to_all(message, "c-1")
    await brand.passes(90)
    again = await brand.account.mass.send_to_all(message, "c-1")
    assert (again.mass_id, again.was_sent_before) == (first.mass_id, True)
    finished = [
        push.happened for push in brand.heard if isinstance(push.happened, kinds.MassFinished)
    ]
    assert [each.mass_id for each in finished] == [first.mass_id]
    assert finished[0].is_sent
    assert finished[0].sent > 0


async def test_a_publication_comes_to_an_end(brand: Brand) -> None:
    await brand.listens("official_account")
    cover = await brand.account.materials.keep("image", PICTURE)
    draft_id = await brand.account.articles.draft([Draft("新品", "<p>羊绒</p>", cover.media_id)])
    publish_id = await brand.account.articles.publish(draft_id)
    await brand.passes(600)
    done = await brand.account.articles.publication(publish_id)
    assert done.stage is Stage.PUBLISHED
    told = [push.happened for push in brand.heard]
    assert kinds.PublishFinished(publish_id, 0, done.article_id, done.addresses) in told


async def test_a_lent_picture_is_shown_in_a_conversation(brand: Brand) -> None:
    person = await brand.person()
    await brand.beside("POST", f"/people/{person['id']}/words", text="看看")
    lent = await brand.account.materials.lend("image", PICTURE)
    assert lent.until == brand.now() + timedelta(days=3)
    await brand.account.chat.show(person["openid"], lent.media_id)
    with pytest.raises(ProviderRefused):
        await brand.account.chat.show(person["openid"], "no-such-media")


async def test_who_left_cannot_be_reached_in_any_way(brand: Brand) -> None:
    await brand.listens("official_account")
    person = await brand.person()
    await brand.beside("PUT", f"/people/{person['id']}/following", follows=False)
    await brand.passes(1)
    assert brand.heard[-1].happened == kinds.Unfollowed()
    with pytest.raises(CannotReach):
        await brand.account.chat.say(person["openid"], "hi")
    follower = await brand.account.followers.get(person["openid"])
    assert not follower.is_following


async def test_a_page_is_signed_with_the_ticket_that_the_platform_gave(brand: Brand) -> None:
    said = (await brand.account.pages.sign("https://b.example/a?x=1#/cart", brand.now())).for_page()
    again = (await brand.account.pages.sign("https://b.example/a", brand.now())).for_page()
    assert said["appId"] == brand.sandbox.credentials["official_account"]["appid"]
    assert len(bytes.fromhex(said["signature"])) == hashlib.sha1().digest_size
    assert said["signature"] != again["signature"]


async def test_tokens_that_die_early_are_replaced_without_anybody_noticing(brand: Brand) -> None:
    tags = brand.account.tags
    tag = await tags.create("上海")
    await brand.beside("POST", "/expired-tokens")
    assert [each.id for each in await tags.list() if each.name == "上海"] == [tag.id]


async def test_a_pushes_copies_have_one_key(brand: Brand) -> None:
    await brand.listens("official_account")
    person = await brand.person()
    changes: dict[str, Any] = {"push_duplicates": 2}
    await brand.beside("PUT", "/misbehaviour", **changes)
    await brand.beside("POST", f"/people/{person['id']}/words", text="还有吗")
    for _ in range(4):
        await brand.passes(5)
    assert len(brand.heard) > 1
    assert len({push.once_key for push in brand.heard}) == 1


WRITTEN = [(mode, form) for mode in ("sealed", "compatible", "plain") for form in ("xml", "json")]


@pytest.mark.parametrize("mode,form", WRITTEN)
async def test_words_are_heard_however_the_push_is_written(
    brand: Brand, mode: str, form: str
) -> None:
    await brand.listens("official_account")
    settings = {"mode": mode, "format": form}
    await brand.beside("PUT", "/weixin/push-settings", official_account=settings)
    person = await brand.person()
    await brand.beside("POST", f"/people/{person['id']}/words", text="还有吗 😀")
    await brand.passes(1)
    (push,) = brand.heard
    assert isinstance(push.happened, kinds.Said)
    assert (push.openid, push.happened.words) == (person["openid"], "还有吗 😀")


@pytest.mark.parametrize("mode", ["sealed", "plain"])
async def test_a_reply_reaches_the_phone_at_once(brand: Brand, mode: str) -> None:
    await brand.listens("official_account")
    settings = {"mode": mode, "format": "xml"}
    await brand.beside("PUT", "/weixin/push-settings", official_account=settings)
    person = await brand.person()
    article = Article("新品 😀", "羊绒 ]]>", "https://b.example/p.jpg", "https://b.example/1")
    answers = [
        lambda push: replies.words(push, "有的 ]]> 😀", brand.now()),
        lambda push: replies.news(push, [article], brand.now()),
        lambda push: replies.to_service(push, brand.now()),
    ]
    for answer in answers:
        brand.reply = answer
        await brand.beside("POST", f"/people/{person['id']}/words", text="还有吗")
        await brand.passes(1)
    inbox = (await brand.beside("GET", f"/people/{person['id']}/messages"))["messages"]
    shown = [(each["kind"], each["title"]) for each in inbox if each["kind"] != "own"]
    assert shown[:2] == [("text", "有的 ]]> 😀"), ("news", "新品 😀")]
    assert [each.happened for each in brand.heard if isinstance(each.happened, kinds.Unknown)] == []
