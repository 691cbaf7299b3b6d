"""Amazon's client, and our adapter upon it, against the sandbox's bucket."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from PIL import Image
from tests.conformance import strangers
from tests.conformance.strangers import Town

from headwater.base.errors import BadInput, NotFound, NotReached
from headwater.connect.errors import ProviderRefused
from headwater.connect.object_storage import Cos, CosCredentials, pictures

Answer = TypeVar("Answer")
WORDS = "活水".encode()
AWAY = asyncio.to_thread


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with strangers.town(tmp_path) as built:
        yield built


def amazons(town: Town, **changes: Any) -> tuple[Any, str]:
    known = town.known["cos"]
    config = Config(
        signature_version="s3v4",
        retries={"total_max_attempts": 1},
        **{
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            **changes,
        },
    )
    client = boto3.client(
        "s3",
        region_name=known["region"],
        endpoint_url=known["base_url"],
        aws_access_key_id=known["secret_id"],
        aws_secret_access_key=known["secret_key"],
        config=config,
    )
    return client, known["bucket"]


async def test_boto3_puts_reads_lists_and_deletes(town: Town) -> None:
    client, bucket = amazons(town)

    def journey() -> None:
        for key in ("图/一.txt", "b c+d.txt"):
            client.put_object(Bucket=bucket, Key=key, Body=WORDS, Metadata={"of": "us"})
        got = client.get_object(Bucket=bucket, Key="图/一.txt", Range="bytes=0-2")
        assert (got["Body"].read(), got["Metadata"]) == (WORDS[:3], {"of": "us"})
        assert client.head_object(Bucket=bucket, Key="b c+d.txt")["ContentLength"] == len(WORDS)
        found = client.list_objects_v2(Bucket=bucket, MaxKeys=1)
        more = client.list_objects_v2(
            Bucket=bucket, ContinuationToken=found["NextContinuationToken"]
        )
        keys = [one["Key"] for page in (found, more) for one in page["Contents"]]
        assert keys == ["b c+d.txt", "图/一.txt"]
        client.delete_object(Bucket=bucket, Key="b c+d.txt")
        with pytest.raises(ClientError) as gone:
            client.head_object(Bucket=bucket, Key="b c+d.txt")
        assert gone.value.response["Error"]["Code"] == "404"

    await AWAY(journey)


async def test_the_chunks_and_checksums_of_newer_sdks_are_refused_as_cos_refuses_them(
    town: Town,
) -> None:
    client, bucket = amazons(town)
    url = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a.txt"})
    scope = httpx2.URL(url).params["X-Amz-Credential"]
    # What botocore sends over TLS unless it is told "when_required".
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, "
        f"Signature={'0' * 64}",
        "X-Amz-Date": httpx2.URL(url).params["X-Amz-Date"],
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
    refused = await town.http.put(url.partition("?")[0], content=WORDS, headers=headers)
    assert (refused.status_code, "<Code>NotImplemented</Code>" in refused.text) == (501, True)


async def test_a_form_with_a_policy_is_taken_and_one_that_asks_for_more_is_not(
    town: Town,
) -> None:
    client, bucket = amazons(town)
    conditions = [["content-length-range", 1, len(WORDS)], ["starts-with", "$Content-Type", "te"]]
    form = client.generate_presigned_post(
        bucket, "up.txt", Fields={"Content-Type": "text/plain"}, Conditions=conditions
    )

    async def send(content: bytes, **changes: str) -> httpx2.Response:
        files = {"file": ("up.txt", content, "text/plain")}
        return await town.http.post(form["url"], data={**form["fields"], **changes}, files=files)

    assert (await send(WORDS)).status_code == 204
    assert (await AWAY(client.get_object, Bucket=bucket, Key="up.txt"))["Body"].read() == WORDS
    for refused, code in (
        (await send(WORDS + b"x"), "EntityTooLarge"),
        (await send(b""), "EntityTooSmall"),
        (await send(WORDS, key="other.txt"), "AccessDenied"),
        (await send(WORDS, **{"Content-Type": "image/png"}), "AccessDenied"),
        (await send(WORDS, extra="x"), "AccessDenied"),
        (await send(WORDS, policy="e30="), "InvalidPolicyDocument"),
        (await send(WORDS, **{"x-amz-signature": "0" * 64}), "SignatureDoesNotMatch"),
    ):
        assert (f"<Code>{code}</Code>" in refused.text, refused.is_success) == (True, False), code


def ours(town: Town, through: bool = False) -> Cos:
    """Our adapter; `through` leads Tencent's real host names to the sandbox."""
    known = CosCredentials.known(town.known["cos"])
    if not through:
        return Cos(known)
    real = f"http://cos.{known.region}.myqcloud.com"
    keys = (known.secret_id, known.secret_key, known.bucket, known.region)
    return Cos(CosCredentials(*keys, base_url=real), {"http": str(known.base_url)})


@pytest.mark.parametrize("through", [False, True])
async def test_our_adapter_speaks_to_the_bucket_by_its_own_host_name(
    town: Town, through: bool
) -> None:
    storage = ours(town, through)
    await storage.put("a.txt", b"first", "text/plain")
    await storage.put("a.txt", WORDS, "text/plain")
    assert await storage.get("a.txt", most_bytes=len(WORDS)) == WORDS
    with pytest.raises(BadInput):
        await storage.get("a.txt", most_bytes=len(WORDS) - 1)
    await storage.delete("a.txt")
    await storage.delete("a.txt")
    with pytest.raises(NotFound):
        await storage.get("a.txt")


async def test_our_signed_addresses_let_a_browser_put_and_read_exactly_that(town: Town) -> None:
    storage = ours(town)
    upload = storage.upload("photo.png", "image/png", 3, datetime.now(UTC))
    put: Callable[..., Any] = town.http.put
    assert (await put(upload.url, content=b"abcd", headers=upload.headers)).status_code == 403
    other = {"Content-Type": "text/html"}
    assert (await put(upload.url, content=b"abc", headers=other)).status_code == 403
    done = await put(upload.url, content=b"abc", headers=upload.headers)
    assert (done.status_code, await storage.get("photo.png")) == (200, b"abc")
    read = await town.http.get(storage.url("photo.png"))
    assert (read.content, read.headers["content-type"]) == (b"abc", "image/png")
    bare = storage.url("photo.png").partition("?")[0]
    assert (await town.http.get(bare)).status_code == 403


async def test_a_browsers_upload_becomes_pictures_in_the_bucket_that_a_page_may_show(
    town: Town,
) -> None:
    storage, content = ours(town), io.BytesIO()
    Image.new("RGB", (300, 200), (9, 90, 9)).save(content, "PNG")
    upload = storage.upload("incoming-1", "image/png", len(content.getvalue()), datetime.now(UTC))
    put: Callable[..., Any] = town.http.put
    await put(upload.url, content=content.getvalue(), headers=upload.headers)
    names = await pictures.take_in(storage, "incoming-1", "product-1")
    assert set(names) == {"small", "medium", "large"}
    read = await town.http.get(storage.url(names["small"]))
    assert (read.status_code, read.headers["content-type"]) == (200, "image/jpeg")
    # A page's policy names the very hosts that the addresses lead to.
    assert storage.url(names["small"]).startswith(storage.origins)
    assert upload.url.startswith(storage.origins)
    with pytest.raises(NotFound):
        await storage.get("incoming-1")


async def test_what_goes_wrong_is_said_in_our_words(town: Town) -> None:
    known = CosCredentials.known(town.known["cos"])
    wrong = CosCredentials(known.secret_id, "x" * 32, known.bucket, known.region, known.base_url)
    with pytest.raises(ProviderRefused) as refused:
        await Cos(wrong).get("a.txt")
    assert refused.value.provider_code == "SignatureDoesNotMatch"
    nowhere = CosCredentials(
        known.secret_id, known.secret_key, known.bucket, known.region, "http://127.0.0.1:9"
    )
    with pytest.raises(NotReached):
        await Cos(nowhere).put("a.txt", WORDS)
    assert (
        Cos(
            CosCredentials(known.secret_id, "x", "b-1", known.region, None, "https://cdn.example/")
        ).url("a.txt")
        == "https://cdn.example/a.txt"
    )
