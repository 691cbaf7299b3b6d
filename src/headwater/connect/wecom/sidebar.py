"""The sidebar beside a chat: two tickets that must never be taken for each other.

developer.work.weixin.qq.com/document/path/90506 (config) and 94313 (agentConfig)
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated

import msgspec

from headwater.base.times import Clock
from headwater.connect.tokens import Issue, IssuedToken, TokenHolder
from headwater.connect.wecom.api import WecomApi


@dataclass(frozen=True)
class PageSignature:
    """What a page hands to `wx.config`, or to `wx.agentConfig` where the agent is named."""

    corpid: str
    agentid: int | None
    timestamp: int
    nonce: str
    signature: str


class _Ticket(msgspec.Struct):
    ticket: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class Sidebar:
    """Signs pages that run inside WeCom; nothing here is asked twice while a ticket lives."""

    def __init__(
        self,
        corpid: str,
        agentid: int,
        company_ticket: TokenHolder,
        agent_ticket: TokenHolder,
        now: Clock,
    ) -> None:
        self._corpid = corpid
        self._agentid = agentid
        self._company_ticket = company_ticket
        self._agent_ticket = agent_ticket
        self._now = now

    async def config(self, url: str) -> PageSignature:
        """Sign a page for `wx.config`, with the company's ticket; each repeat signs anew."""
        return self._signed(await self._company_ticket.token(), url, None)

    async def agent_config(self, url: str) -> PageSignature:
        """Sign a page for `wx.agentConfig`, with the app's own ticket; each repeat signs anew."""
        return self._signed(await self._agent_ticket.token(), url, self._agentid)

    def _signed(self, ticket: str, url: str, agentid: int | None) -> PageSignature:
        timestamp = int(self._now().timestamp())
        nonce = secrets.token_hex(8)
        signature = page_signature(ticket, nonce, timestamp, url)
        return PageSignature(self._corpid, agentid, timestamp, nonce, signature)


def page_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Sign the address of a page without what follows its hash; both tickets use this formula."""
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    # SHA-1 is the platform's choice; the ticket carries the secrecy.
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def company_ticket_issuer(api: WecomApi) -> Issue:
    """Say how the company's ticket is fetched; at most 400 an hour, so a holder keeps it."""

    async def issue(is_forced: bool) -> IssuedToken:
        wire = await api.get("/cgi-bin/get_jsapi_ticket", {}, _Ticket)
        return IssuedToken(wire.ticket, wire.expires_in)

    return issue


def agent_ticket_issuer(api: WecomApi) -> Issue:
    """Say how the app's own ticket is fetched; at most 100 an hour, so a holder keeps it."""

    async def issue(is_forced: bool) -> IssuedToken:
        wire = await api.get("/cgi-bin/ticket/get", {"type": "agent_config"}, _Ticket)
        return IssuedToken(wire.ticket, wire.expires_in)

    return issue
