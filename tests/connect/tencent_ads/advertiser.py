"""A small Tencent Ads for tests: it gives tokens, checks what every call carries, and answers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from headwater.connect.tencent_ads import AdsCredentials, TencentAds
from headwater.connect.tencent_ads.grants import KeptGrant
from headwater.connect.tencent_ads.people import AdIdentity, AudiencePerson, MeasuredPerson
from headwater.connect.tokens import Kept, MemoryRows

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KNOWN = AdsCredentials(
    client_id="1112",
    client_secret="ads-s3cret",
    account_id=5001,
    api_url="https://ads.example/",
    authorize_url="https://developers.ads.example/oauth/authorize",
    token_url="https://ads.example/oauth/token",
)


@dataclass(frozen=True)
class Said:
    """A yes or a no, as the business keeps it."""

    purpose: str = "measurement"
    is_granted: bool = True
    text_version: str = "2026-11"
    said_at: datetime = NOON


def measured(phone: str = "13800138000", **ids: Any) -> MeasuredPerson:
    return MeasuredPerson(Said(), AdIdentity(phone=phone, **ids))


def wanted(phone: str | None = "13800138000", **ids: Any) -> AudiencePerson:
    return AudiencePerson(Said(purpose="marketing"), AdIdentity(phone=phone, **ids))


class Advertiser:
    """Answers as api.e.qq.com does: 200 whatever happens."""

    def __init__(self) -> None:
        self.now = NOON
        self.asked: list[httpx2.Request] = []
        self.answers: list[Any] = []
        self.dead: dict[str, int] = {}
        self.given = 0
        self.silent = 0
        self.nonces: set[str] = set()
        self.keeper = kept("refresh-0", NOON + timedelta(days=30))
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        self.ads = TencentAds(KNOWN, self.keeper, self.http, lambda: self.now)

    async def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        await asyncio.sleep(0)  # Lets others run, as a network would.
        if self.silent:
            self.silent -= 1
            raise httpx2.ReadTimeout("silence", request=request)
        query = request.url.params
        if request.url.path == "/oauth/token":
            return said(self.token(query))
        assert abs(int(query["timestamp"]) - self.now.timestamp()) <= 300
        assert 1 <= len(query["nonce"]) <= 32
        assert query["nonce"] not in self.nonces
        self.nonces.add(query["nonce"])
        if query["access_token"] in self.dead:
            return said({"code": self.dead[query["access_token"]], "message": "Access token …"})
        return said(self.answers.pop(0))

    def token(self, query: httpx2.QueryParams) -> dict[str, Any]:
        assert (query["client_id"], query["client_secret"]) == ("1112", "ads-s3cret")
        if query["grant_type"] == "refresh_token":
            assert query["refresh_token"] == f"refresh-{self.given}"
        elif query["authorization_code"] != "c0de":
            return {"code": 11013, "message": "Authorization code can only be used once."}
        self.given += 1
        data = {
            "access_token": f"token-{self.given}",
            "access_token_expires_in": 86_400,
            "refresh_token": f"refresh-{self.given}",
            "refresh_token_expires_in": 2_592_000,
        }
        return {"code": 0, "message": "", "message_cn": "", "data": data}

    def will(self, **data: Any) -> None:
        """Answer next with this data."""
        self.answers.append({"code": 0, "message": "", "message_cn": "", "data": data})

    def will_refuse(self, code: int, words: str = "no") -> None:
        self.answers.append({"code": code, "message": words, "message_cn": "", "data": {}})

    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.asked[index].content)


class Given(MemoryRows):
    """What lies in memory, with a permission that was given before the test began."""

    def __init__(self, refresh_token: str, until: datetime) -> None:
        super().__init__()
        self._rows[f"tencent_ads:{KNOWN.account_id}:grant"].kept = Kept(
            0, refresh_token, until, until
        )


def kept(refresh_token: str, until: datetime) -> KeptGrant:
    return KeptGrant(Given(refresh_token, until), KNOWN.account_id, lambda: NOON)


def empty() -> KeptGrant:
    return KeptGrant(MemoryRows(), KNOWN.account_id, lambda: NOON)


def said(body: Any) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(200, content=content)
