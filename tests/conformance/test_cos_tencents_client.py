"""Tencent's own client for Python against the sandbox's bucket, where it is installed.

One of its packages comes as source only, and our set-up takes wheels only; so it is no part of the
lock. `pip install cos-python-sdk-v5` lets these tests run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.conformance import strangers
from tests.conformance.strangers import Town

qcloud_cos = pytest.importorskip("qcloud_cos", reason="Tencent's client is not installed")

WORDS = "活水".encode()
AWAY = asyncio.to_thread


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with strangers.town(tmp_path) as built:
        yield built


def tencents(town: Town, **changes: str) -> tuple[Any, str]:
    """Tencent's client; it signs the host without its port."""
    known = {**town.known["cos"], **changes}
    config = qcloud_cos.CosConfig(
        Region=known["region"],
        SecretId=known["secret_id"],
        SecretKey=known["secret_key"],
        Scheme="http",
        Domain=urlsplit(known["base_url"]).netloc,
    )
    return qcloud_cos.CosS3Client(config, retry=0), known["bucket"]


async def test_tencents_client_puts_reads_lists_and_deletes(town: Town) -> None:
    client, bucket = tencents(town)

    def journey() -> None:
        for key in ("图/一.txt", "b.txt"):
            client.put_object(Bucket=bucket, Key=key, Body=WORDS, ContentType="text/plain")
        got = client.get_object(Bucket=bucket, Key="图/一.txt")
        assert got["Body"].get_raw_stream().read() == WORDS
        # Header names have no case; this client hands them on as they came.
        assert client.head_object(Bucket=bucket, Key="b.txt")["content-length"] == str(len(WORDS))
        listed = client.list_objects(Bucket=bucket, MaxKeys=1)
        assert [one["Key"] for one in listed["Contents"]] == ["b.txt"]
        assert listed["IsTruncated"] == "true"
        more = client.list_objects(Bucket=bucket, Marker=listed["NextMarker"])
        assert [one["Key"] for one in more["Contents"]] == ["图/一.txt"]
        client.delete_object(Bucket=bucket, Key="b.txt")
        with pytest.raises(qcloud_cos.CosServiceError) as gone:
            client.get_object(Bucket=bucket, Key="b.txt")
        assert gone.value.get_error_code() == "NoSuchKey"

    await AWAY(journey)


async def test_tencents_client_signs_addresses_that_a_browser_can_use(town: Town) -> None:
    client, bucket = tencents(town)
    put = client.get_presigned_url(Bucket=bucket, Key="a.txt", Method="PUT", Expired=60)
    get = client.get_presigned_url(Bucket=bucket, Key="a.txt", Method="GET", Expired=60)
    assert (await town.http.put(put, content=WORDS)).status_code == 200
    assert (await town.http.get(get)).content == WORDS
    assert (await town.http.delete(get)).status_code == 403
    assert (await town.http.get(get.replace("a.txt", "b.txt"))).status_code == 403


async def test_tencents_client_with_a_wrong_key_is_refused(town: Town) -> None:
    for changes, code in (
        ({"secret_key": "x" * 32}, "SignatureDoesNotMatch"),
        ({"secret_id": "AKIDnobody"}, "InvalidAccessKeyId"),
    ):
        client, bucket = tencents(town, **changes)
        with pytest.raises(qcloud_cos.CosServiceError) as refused:
            await AWAY(client.put_object, Bucket=bucket, Key="a.txt", Body=WORDS)
        assert refused.value.get_error_code() == code
