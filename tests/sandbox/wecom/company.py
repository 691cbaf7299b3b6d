"""A merchant of WeCom written for these tests alone: asks, listens, opens what is sealed."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.sandbox.merchant import Clock, credentials

from headwater.sandbox import Sandbox, make_sandbox
from headwater.sandbox.people import Person
from headwater.sandbox.simulated import in_process
from headwater.sandbox.wecom import Acts, WecomHost

HOOK = "http://shop.test/hooks/wecom"


@dataclass
class Office:
    """The merchant's server: keeps every callback, and answers as it is told."""

    wecom: dict[str, Any]
    status: int = 200
    adds_to_echo: bytes = b""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def app(self) -> Starlette:
        async def hear(request: Request) -> Response:
            query = dict(request.query_params)
            if request.method == "GET":
                plain = self.open(query, query["echostr"])
                return Response(plain + self.adds_to_echo, self.status)
            self.heard.append((query, await request.body()))
            return Response(status_code=self.status)

        return Starlette(routes=[Route("/hooks/wecom", hear, methods=["GET", "POST"])])

    def open(self, query: dict[str, str], sealed: str) -> bytes:
        """Open an envelope as the document describes it, in code of the tests' own."""
        parts = sorted((self.wecom["token"], query["timestamp"], query["nonce"], sealed))
        assert hashlib.sha1("".join(parts).encode()).hexdigest() == query["msg_signature"]
        key = base64.b64decode(self.wecom["encoding_aes_key"] + "=")
        opener = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        whole = opener.update(base64.b64decode(sealed)) + opener.finalize()
        whole = whole[: -whole[-1]]
        (length,) = struct.unpack(">I", whole[16:20])
        assert whole[20 + length :] == self.wecom["corpid"].encode()
        return whole[20 : 20 + length]

    def said(self) -> list[dict[str, str]]:
        """Everything that was heard, opened."""
        found = []
        for query, body in self.heard:
            sealed = ElementTree.fromstring(body).findtext("Encrypt")
            assert sealed is not None
            event = ElementTree.fromstring(self.open(query, sealed))
            found.append({one.tag: one.text or "".join(i.text or "" for i in one) for one in event})
        return found


@dataclass
class Company:
    """A sandbox with a still clock, its merchant, and a client that reaches both."""

    sandbox: Sandbox
    clock: Clock
    office: Office
    http: httpx2.AsyncClient

    @property
    def wecom(self) -> dict[str, Any]:
        part: dict[str, Any] = self.sandbox.credentials["wecom"]
        return part

    @property
    def host(self) -> WecomHost:
        return self.sandbox.others.the(WecomHost)

    @property
    def acts(self) -> Acts:
        return self.host.acts

    def person(self, number: int = 1) -> Person:
        return self.sandbox.people.get(f"p{number}")

    def external(self, number: int = 1) -> str:
        return self.sandbox.people.external_userid(self.person(number))

    async def token(self, secret: str = "contact_secret") -> str:
        query = {"corpid": self.wecom["corpid"], "corpsecret": self.wecom[secret]}
        answer = await self.http.get(self.wecom["base_url"] + "/cgi-bin/gettoken", params=query)
        return str(answer.json()["access_token"])

    async def get(self, path: str, secret: str = "contact_secret", **query: str) -> Any:
        """A call with a fresh token; gives the answer whatever it says."""
        query["access_token"] = await self.token(secret)
        answer = await self.http.get(self.wecom["base_url"] + "/cgi-bin/" + path, params=query)
        assert answer.status_code == 200
        return answer.json()

    async def post(self, path: str, body: Any, secret: str = "contact_secret") -> Any:
        query = {"access_token": await self.token(secret)}
        content = json.dumps(body, ensure_ascii=False).encode()
        url = self.wecom["base_url"] + "/cgi-bin/" + path
        answer = await self.http.post(url, params=query, content=content)
        assert answer.status_code == 200
        return answer.json()

    async def contact(self, name: str, body: Any = None, **query: str) -> Any:
        """A call about customers that must succeed."""
        path = "externalcontact/" + name
        said = await (self.get(path, **query) if body is None else self.post(path, body))
        assert said["errcode"] == 0, said
        return said

    async def refused(self, name: str, body: Any = None, **query: str) -> int:
        """A call about customers that must fail; gives its number."""
        path = "externalcontact/" + name
        said = await (self.get(path, **query) if body is None else self.post(path, body))
        assert said["errcode"] != 0, said
        assert f"e={said['errcode']}" in said["errmsg"]
        return int(said["errcode"])

    async def upload(self, path: str, content: bytes, name: str = "a.png", **query: str) -> Any:
        query["access_token"] = await self.token()
        url = self.wecom["base_url"] + "/cgi-bin/" + path
        answer = await self.http.post(url, params=query, files={"media": (name, content)})
        return answer.json()

    async def way(self, **changes: Any) -> str:
        """A contact way of one guide; gives its id."""
        body = {"type": 1, "scene": 2, "user": ["zhangmin"], "state": "shelf-7", **changes}
        return str((await self.contact("add_contact_way", body))["config_id"])

    def friend(self, number: int = 1, userid: str = "zhangmin") -> Person:
        """A customer of this guide, made by the guide's own code."""
        person = self.person(number)
        self.acts.add(person, self.acts.member(userid).code, self.clock())
        self.acts.accept(userid, person, self.clock())
        return person

    async def told(self) -> list[dict[str, str]]:
        """Let what is due leave, and open everything that was heard so far."""
        await self.sandbox.deliver_due(self.clock())
        return self.office.said()

    async def side(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        url = self.sandbox.credentials["side_doors"]["base_url"] + path
        return await self.http.request(method, url, json=body)


@asynccontextmanager
async def company(state_file: Path | None = None, speed: float = 1.0) -> AsyncIterator[Company]:
    """Everything in one process; nothing is listened for, nothing sleeps."""
    clock, known = Clock(), credentials()
    sandbox = make_sandbox(7, speed, clock, None, known, state_file)
    office = Office(sandbox.credentials["wecom"])
    to_office: dict[str, httpx2.AsyncBaseTransport | None] = {
        "http://shop.test": httpx2.ASGITransport(office.app())
    }
    sandbox.notify_through(lambda: in_process(to_office))
    sandbox.ground.callbacks.set({"wecom": HOOK})
    async with sandbox.client() as http:
        yield Company(sandbox, clock, office, http)
    await sandbox.close()
