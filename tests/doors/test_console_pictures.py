"""Pictures: put in at the console, drawn anew, seen by shoppers, and let go when replaced."""

from __future__ import annotations

import io
import re
from typing import Any

import httpx2
import pytest
from PIL import Image
from tests import make
from tests.doors import desks
from tests.doors.desks import TOKEN, desk
from tests.house import SHOP, House
from tests.make import Item, Shop

from headwater.base.db import SYSTEM
from headwater.catalog import pictures
from headwater.catalog.pictures import Picture

SHOWN = re.compile(r'src="/media/([a-z0-9.-]+)"')


def photo(kind: str = "JPEG", side: int = 400, place: bool = True) -> bytes:
    """A photograph that says where it was taken."""
    out, drawn = io.BytesIO(), Image.new("RGB", (side, side // 2), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    drawn.save(out, kind, exif=exif if place else b"")
    return out.getvalue()


async def goods(house: House) -> tuple[Shop, Item]:
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        return shop, await make.item(db, shop)


async def kept(house: House, item: Item) -> Picture | None:
    async with house.building.transaction(SYSTEM) as db:
        return await pictures.of(db, item.product_id)


async def token_on(client: httpx2.AsyncClient, page: str) -> str:
    found = TOKEN.search((await client.get(page)).text)
    assert found is not None
    return found[1]


async def put(
    client: httpx2.AsyncClient, page: str, content: bytes, **more: Any
) -> httpx2.Response:
    """Send the form with its file, as a browser without script does."""
    fields = {"form_token": await token_on(client, page), **more}
    files = {"picture": ("a.jpg", content, "image/jpeg")}
    return await client.post(f"{page}/picture", data=fields, files=files)


async def test_a_picture_put_in_by_the_form_is_seen_by_shoppers_without_where_it_was_taken(
    house: House,
) -> None:
    _shop, item = await goods(house)
    page = f"/console/products/{item.product_id}"
    async with desk(house, "operator") as client:
        assert (await put(client, page, photo())).status_code == 303
        assert SHOWN.search((await client.get(page)).text)
    async with house.client() as shopper:
        found = SHOWN.search((await shopper.get(f"/products/{item.product_id}")).text)
        assert found is not None
        answer = await shopper.get(f"/media/{found[1]}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert b"taken at home" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (400, 200)


async def test_a_browser_with_script_puts_the_picture_into_storage_by_itself(house: House) -> None:
    _shop, item = await goods(house)
    page, content = f"/console/products/{item.product_id}", photo("PNG")
    async with desk(house, "admin") as client:
        token = {"form_token": await token_on(client, page)}
        asked = {"content_type": "image/png", "size": str(len(content)), **token}
        upload = (await client.post(f"{page}/picture/address", data=asked)).json()
        address = upload["url"].removeprefix(SHOP)
        refused = await client.put(address, content=content + b"x", headers=upload["headers"])
        assert refused.status_code == 401
        done = await client.put(address, content=content, headers=upload["headers"])
        assert done.status_code == 200
        # What came in is no picture of the shop until it was drawn anew.
        assert (await client.get(address.partition("?")[0])).status_code == 404
        ticket = {"ticket": upload["ticket"], **token}
        taken = await client.post(f"{page}/picture", data=ticket, files={"other": b""})
        assert taken.status_code == 303, taken.text
    assert await kept(house, item) is not None


async def test_a_ticket_for_one_product_is_none_for_another(house: House) -> None:
    shop, item = await goods(house)
    async with house.building.transaction(SYSTEM) as db:
        other = await make.item(db, shop)
    page, content = f"/console/products/{item.product_id}", photo()
    async with desk(house, "admin") as client:
        token = {"form_token": await token_on(client, page)}
        asked = {"content_type": "image/jpeg", "size": str(len(content)), **token}
        upload = (await client.post(f"{page}/picture/address", data=asked)).json()
        await client.put(
            upload["url"].removeprefix(SHOP), content=content, headers=upload["headers"]
        )
        path = f"/console/products/{other.product_id}/picture"
        ticket = {"ticket": upload["ticket"], **token}
        assert (await client.post(path, data=ticket, files={"o": b""})).status_code == 422
        forged = {"ticket": upload["ticket"] + "x", **token}
        assert (await client.post(path, data=forged, files={"o": b""})).status_code == 401
    assert await kept(house, other) is None


async def test_another_picture_takes_the_place_of_the_one_before_which_is_let_go(
    house: House,
) -> None:
    _shop, item = await goods(house)
    page = f"/console/products/{item.product_id}"
    async with desk(house, "operator") as client:
        await put(client, page, photo())
        first = await kept(house, item)
        await put(client, page, photo(side=600))
        second = await kept(house, item)
        assert first is not None
        assert second is not None
        assert first != second
        for name in first.names:
            assert (await client.get(f"/media/{name}")).status_code == 404
        for name in second.names:
            assert (await client.get(f"/media/{name}")).status_code == 200
        await desks.send(client, page, f"{page}/picture/removal")
        assert not SHOWN.search((await client.get(page)).text)
        for name in second.names:
            assert (await client.get(f"/media/{name}")).status_code == 404
    assert await kept(house, item) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        photo()[:200],
        photo(side=20),
    ],
    ids=["nothing", "junk", "svg", "half", "tiny"],
)
async def test_what_is_no_picture_is_refused_in_the_readers_words_and_changes_nothing(
    house: House, content: bytes
) -> None:
    _shop, item = await goods(house)
    page = f"/console/products/{item.product_id}"
    async with desk(house, "operator") as client:
        await put(client, page, photo())
        before = await kept(house, item)
        answer = await put(client, page, content)
    assert answer.status_code == 422
    assert "图片" in answer.text
    assert "not_a" not in answer.text
    assert await kept(house, item) == before is not None


async def test_a_file_that_is_too_long_is_refused_before_it_is_read(house: House) -> None:
    _shop, item = await goods(house)
    page = f"/console/products/{item.product_id}"
    async with desk(house, "operator") as client:
        assert (await put(client, page, b"x" * 10_100_000)).status_code == 422


async def test_only_who_has_the_whole_brand_and_the_right_changes_its_pictures(
    house: House,
) -> None:
    shop, item = await goods(house)
    page = f"/console/products/{item.product_id}"
    async with desk(house, "analyst") as client:
        assert 'type="file"' not in (await client.get(page)).text
    async with desk(house, "operator", "store", shop.store_id) as client:
        assert 'type="file"' not in (await client.get(page)).text
    other, _item = await goods(house)
    async with desk(house, "operator", "brand", other.brand_id) as client:
        token = await token_on(client, "/console/stores")
        files = {"picture": ("a.jpg", photo(), "image/jpeg")}
        answer = await client.post(f"{page}/picture", data={"form_token": token}, files=files)
        assert answer.status_code == 404
    assert await kept(house, item) is None


async def test_a_brand_has_a_picture_of_its_own(house: House) -> None:
    shop, _item = await goods(house)
    async with desk(house, "operator", "brand", shop.brand_id) as client:
        fields = {"form_token": await token_on(client, "/console/stores")}
        files = {"picture": ("a.jpg", photo(), "image/jpeg")}
        path = f"/console/brands/{shop.brand_id}/picture"
        assert (await client.post(path, data=fields, files=files)).status_code == 303
        assert SHOWN.search((await client.get("/console/stores")).text)
    # The shop's front keeps for a minute which brands and stores there are.
    house.wait(minutes=2)
    async with house.client() as shopper:
        shopper.cookies.set("store", str(shop.store_id))
        assert "banner-picture" in (await shopper.get("/")).text


@pytest.mark.parametrize("name", ["incoming-abc", "a.html", "A.jpg", ".hidden.jpg", "none.jpg"])
async def test_nothing_but_pictures_is_given_out(house: House, name: str) -> None:
    await house.building.storage.put("incoming-abc", b"<script>")
    await house.building.storage.put("a.html", b"<script>")
    async with house.client() as client:
        assert (await client.get(f"/media/{name}")).status_code == 404
        assert (await client.put(f"/media/{name}", content=b"x")).status_code == 401
