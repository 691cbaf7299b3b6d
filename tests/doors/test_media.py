"""Where pictures lie follows from the credentials, and pages may show them from there only."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.house import House

from headwater.app import credentials, doors
from headwater.base.errors import BadInput
from headwater.connect.object_storage import Cos, LocalFolder
from headwater.web.kit.site import content_policy

BUCKET = {
    "secret_id": "AKID",
    "secret_key": "secret",
    "bucket": "media-1250000000",
    "region": "ap-shanghai",
    "public_url": "https://img.brand.example",
}


def known(house: House, **bucket: Any) -> dict[str, Any]:
    return {**house.sandbox.credentials, "cos": bucket}


async def test_without_a_bucket_that_is_used_pictures_lie_in_a_folder(house: House) -> None:
    outside = house.building.outside
    for given in ({}, {**BUCKET, "is_used": False}):
        outside.become(known(house, **given))
        assert isinstance(house.building.storage, LocalFolder)


async def test_a_bucket_in_the_credentials_takes_the_pictures(house: House) -> None:
    house.building.outside.become(known(house, **BUCKET))
    storage = house.building.storage
    assert isinstance(storage, Cos)
    assert storage.url("a.jpg") == "https://img.brand.example/a.jpg"
    origins = ("https://media-1250000000.cos.ap-shanghai.myqcloud.com", "https://img.brand.example")
    assert storage.origins == origins
    policy = content_policy(doors.site_of(house.building.settings, ("k",), None, origins))
    assert f"img-src 'self' data: {' '.join(origins)}" in policy
    assert f"connect-src 'self' {' '.join(origins)}" in policy
    async with house.client() as client:
        answer = await client.get("/media/product-1-small.jpg")
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://img.brand.example/product-1-small.jpg"
        assert (await client.get("/media/incoming-1")).status_code == 404
        assert (await client.put("/media/a.jpg", content=b"x")).status_code == 401


@pytest.mark.parametrize("missing", ["secret_id", "secret_key", "region"])
def test_a_bucket_without_its_keys_is_named_before_anybody_relies_on_it(missing: str) -> None:
    whole = {"cos": {name: value for name, value in BUCKET.items() if name != missing}}
    with pytest.raises(KeyError, match=missing):
        credentials.cos(whole)


def test_a_file_that_lacks_the_buckets_region_is_refused_with_its_name(house: House) -> None:
    given = known(house, **{**BUCKET, "region": ""})
    with pytest.raises(BadInput) as refused:
        credentials.understood(msgspec.json.encode(given), "credentials.json")
    assert "cos.region" in refused.value.why
