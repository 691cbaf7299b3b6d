"""Tencent's COS through its S3-compatible side, which is a public interface with many clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from headwater.base.errors import Forged, NotFound, NotReached, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.object_storage.port import (
    LARGEST_UPLOAD_BYTES,
    UPLOAD_SECONDS,
    Upload,
    check_upload,
    safe,
    too_long,
)

CONNECT_SECONDS, ANSWER_SECONDS = 3, 20
LINK_SECONDS = 3_600
CONNECTIONS = 10

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class CosCredentials:
    """One bucket and its pair of keys, the secret one out of the repr; Tencent's own by default.

    `base_url` names another host than Tencent's. With a `public_url` (a CDN, an own domain)
    objects are read there without a signature.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    bucket: str
    region: str
    base_url: str | None = None
    public_url: str | None = None

    @classmethod
    def known(cls, part: Mapping[str, Any]) -> CosCredentials:
        """Read the part named `cos` of the credentials."""
        given = {name: part.get(name) for name in cls.__dataclass_fields__}
        return cls(**given)  # type: ignore[arg-type]


class Cos:
    """The port on one bucket. Every verb may be repeated: objects are whole under their names."""

    def __init__(self, credentials: CosCredentials, proxies: Mapping[str, str] | None = None):
        self._bucket = credentials.bucket
        self._public_url = (credentials.public_url or "").rstrip("/")
        self._s3: Any = boto3.client(
            "s3",
            region_name=credentials.region,
            endpoint_url=credentials.base_url or _endpoint(credentials.region),
            aws_access_key_id=credentials.secret_id,
            aws_secret_access_key=credentials.secret_key,
            config=Config(
                signature_version="s3v4",
                # COS takes no bucket in the path, and none of the checksums of newer S3.
                s3={"addressing_style": "virtual"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"mode": "standard", "total_max_attempts": 3},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                max_pool_connections=CONNECTIONS,
                proxies=dict(proxies or {}),
            ),
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """The bucket's own host, which takes what browsers put, and the domain that gives it out.

        Both are read off the addresses that are made, so that they name what a browser will see.
        """
        signed = self._signed("get_object", {"Key": "a"}, LINK_SECONDS)
        found = [_origin(signed)]
        return tuple(found + ([_origin(self._public_url)] if self._public_url else []))

    async def put(
        self, name: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> None:
        """Keep these bytes; the same name again replaces them whole, never in part."""
        given = {"Body": content, "ContentType": content_type}
        await self._ask(name, lambda where: self._s3.put_object(**where, **given))

    async def get(self, name: str, most_bytes: int = LARGEST_UPLOAD_BYTES) -> bytes:
        """Give the bytes back as often as one asks, or NotFound; one that is longer is refused.

        No more than that is read, whatever the bucket says about its length.
        """

        def read(where: dict[str, str]) -> bytes:
            with self._s3.get_object(**where)["Body"] as body:
                content: bytes = body.read(most_bytes + 1)
            if len(content) > most_bytes:
                raise too_long()
            return content

        return await self._ask(name, read)

    async def delete(self, name: str) -> None:
        """Take the object away; again, or where nothing was, it is gone all the same."""
        await self._ask(name, lambda where: self._s3.delete_object(**where))

    def url(self, name: str) -> str:
        """Say where a browser finds the object: for an hour, unless the bucket has a domain."""
        if self._public_url:
            return f"{self._public_url}/{safe(name)}"
        return self._signed("get_object", {"Key": safe(name)}, LINK_SECONDS)

    def upload(self, name: str, content_type: str, size_bytes: int, now: datetime) -> Upload:
        """Let a browser put one object of this kind and size; again it replaces what it put.

        The signature is made by boto3, which reads the machine's clock and not ours.
        """
        check_upload(content_type, size_bytes)
        given = {"Key": safe(name), "ContentType": content_type, "ContentLength": size_bytes}
        url = self._signed("put_object", given, UPLOAD_SECONDS)
        return Upload("PUT", url, {"Content-Type": content_type})

    async def take(
        self,
        name: str,
        query: Mapping[str, str],
        content_type: str,
        content: bytes,
        now: datetime,
    ) -> None:
        """Refuse: browsers put into the bucket by themselves, and never through our door."""
        raise Forged(why="uploads go to the bucket")

    def _signed(self, verb: str, given: Mapping[str, Any], seconds: int) -> str:
        where = {"Bucket": self._bucket, **given}
        url: str = self._s3.generate_presigned_url(verb, Params=where, ExpiresIn=seconds)
        return url

    async def _ask(self, name: str, verb: Callable[[dict[str, str]], Answer]) -> Answer:
        """Do one thing in a thread, and say in our words what went wrong."""
        where = {"Bucket": self._bucket, "Key": safe(name)}
        try:
            return await asyncio.to_thread(verb, where)
        except ClientError as error:
            raise _said(error, name) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise NotReached(f"COS cannot be reached: {error}") from error
        except BotoCoreError as error:
            raise Trouble(f"COS did not answer: {error}") from error


def _said(error: ClientError, name: str) -> Exception:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = error.response.get("Error", {})
    if said.get("Code") in ("NoSuchKey", "404"):
        return NotFound(name=name)
    if status >= 500 or status == 429:
        return Trouble(f"COS answered {status}")
    return ProviderRefused(str(said.get("Code", status)), str(said.get("Message", "")))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _endpoint(region: str) -> str:
    return f"https://cos.{region}.myqcloud.com"
