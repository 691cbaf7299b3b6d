"""An advertiser's program written for these tests alone."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from tests.sandbox.merchant import Clock, credentials

from headwater.sandbox import Sandbox, make_sandbox

BACK = "http://shop.test/ads"


@dataclass
class Advertiser:
    """A sandbox with a still clock, and a program that was let in."""

    sandbox: Sandbox
    clock: Clock
    http: httpx2.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def ads(self) -> dict[str, Any]:
        part: dict[str, Any] = self.sandbox.credentials["ads"]
        return part

    async def agreed(self, state: str = "st4te") -> str:
        """The code that comes back when somebody presses the button."""
        query = {"client_id": self.ads["client_id"], "redirect_uri": BACK, "state": state}
        answer = await self.http.post(self.ads["authorize_url"], params=query)
        assert answer.status_code == 302, answer.text
        said = parse_qs(urlsplit(answer.headers["location"]).query)
        assert said["state"] == [state]
        return said["authorization_code"][0]

    async def trade(self, **query: str) -> Any:
        known = {"client_id": self.ads["client_id"], "client_secret": self.ads["client_secret"]}
        return (await self.http.get(self.ads["token_url"], params={**known, **query})).json()

    async def by_code(self, code: str, **changes: str) -> Any:
        given = {"authorization_code": code, "redirect_uri": BACK, **changes}
        return await self.trade(grant_type="authorization_code", **given)

    async def enter(self) -> None:
        said = await self.by_code(await self.agreed())
        assert said["code"] == 0, said
        self.tokens = said["data"]

    def common(self, **changes: str) -> dict[str, str]:
        return {
            "access_token": self.tokens["access_token"],
            "timestamp": str(int(self.clock().timestamp())),
            "nonce": secrets.token_hex(16),
            **changes,
        }

    def url(self, path: str) -> str:
        return f"{self.ads['base_url']}/v3.0/{path}"

    async def post(self, path: str, body: dict[str, Any], **changes: str) -> Any:
        whole = {"account_id": self.ads["account_id"], **body}
        query = self.common(**changes)
        answer = await self.http.post(self.url(path), params=query, json=whole)
        assert answer.status_code == 200
        return answer.json()

    async def get(self, path: str, **asked: Any) -> Any:
        query = {"account_id": str(self.ads["account_id"]), **self.common()}
        for name, value in asked.items():
            query[name] = value if isinstance(value, str) else json.dumps(value)
        answer = await self.http.get(self.url(path), params=query)
        assert answer.status_code == 200
        return answer.json()

    async def good(self, path: str, body: dict[str, Any] | None = None, **asked: Any) -> Any:
        said = await (self.get(path, **asked) if body is None else self.post(path, body))
        assert said["code"] == 0, said
        return said["data"]

    async def send_file(self, audience_id: int, content: bytes, /, **changes: str) -> Any:
        form = {
            "account_id": str(self.ads["account_id"]),
            "audience_id": str(audience_id),
            "user_id_type": "SHA256_MOBILE_PHONE",
            **changes,
        }
        files = {"file": ("people.zip", content, "application/zip")}
        url, query = self.url("custom_audience_files/add"), self.common()
        return (await self.http.post(url, params=query, data=form, files=files)).json()

    def phone_hash(self, number: int = 1) -> str:
        phone = self.sandbox.people.get(f"p{number}").phone_number
        return hashlib.sha256(phone.encode()).hexdigest()

    async def side(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        url = self.sandbox.credentials["side_doors"]["base_url"] + path
        return await self.http.request(method, url, json=body)


def zipped(*lines: str, name: str = "people.txt") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "\n".join(lines) + "\n")
    return packed.getvalue()


@asynccontextmanager
async def advertiser(state_file: Path | None = None) -> AsyncIterator[Advertiser]:
    """Everything in one process; the program is let in."""
    clock = Clock()
    sandbox = make_sandbox(7, 1.0, clock, None, credentials(), state_file)
    async with sandbox.client() as http:
        built = Advertiser(sandbox, clock, http)
        await built.enter()
        yield built
    await sandbox.close()
