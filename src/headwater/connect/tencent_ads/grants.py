"""The advertiser's permission (OAuth): given once by a person, kept alive by using it.

developers.e.qq.com/docs/api/authorize/oauth/oauth_token
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, Protocol
from urllib.parse import urlencode

import httpx2
import msgspec

from headwater.base import ids
from headwater.base.errors import BadInput, Trouble
from headwater.base.times import Clock
from headwater.connect.errors import NotAuthorised
from headwater.connect.sending import ask
from headwater.connect.tencent_ads import bounds
from headwater.connect.tencent_ads.api import WHOM, AdsCredentials, answered, in_bytes
from headwater.connect.tokens import LEASE_SECONDS, IssuedToken, Kept, Lease, Rows

_Secret = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
_Seconds = Annotated[int, msgspec.Meta(ge=1, le=315_360_000)]
_NO_GRANT: Final = "no_grant"
_LOOK_AGAIN_SECONDS: Final = 0.05
_LOOKS_MOST: Final = 500


@dataclass(frozen=True)
class Grant:
    """The right to ask for tokens; each use makes it last another thirty days."""

    refresh_token: str = field(repr=False)
    until: datetime


class GrantKeeper(Protocol):
    """Where the grant lies, so that it outlives a process."""

    async def read(self) -> Grant | None:
        """Give the grant as it was last kept; None before anybody authorised."""
        ...

    async def keep(self, grant: Grant) -> None:
        """Replace the grant; keeping the same one again changes nothing."""
        ...


class KeptGrant:
    """Keeps a grant where tokens are kept: sealed in the database, or in memory for one process.

    Two who keep at once come one after the other, and the later one stays.
    """

    def __init__(self, rows: Rows, account_id: int, now: Clock) -> None:
        self._rows = rows
        self._name = f"tencent_ads:{account_id}:grant"
        self._now = now

    async def read(self) -> Grant | None:
        """Give the grant as it was last kept; asking again gives the same."""
        _version, kept = await self._rows.read(self._name)
        return None if kept is None else Grant(kept.token, kept.ends_at)

    async def keep(self, grant: Grant) -> None:
        """Replace the grant; Trouble means that it is lost and must be given again."""
        for _look in range(_LOOKS_MOST):
            now = self._now()
            version, _kept = await self._rows.read(self._name)
            lease = Lease(self._name, ids.new(), now + timedelta(seconds=LEASE_SECONDS))
            if await self._rows.take(lease, version, now):
                kept = Kept(version + 1, grant.refresh_token, grant.until, grant.until)
                if await self._rows.put(lease, kept, now):
                    return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise Trouble("the advertiser's permission could not be kept")


class _Tokens(msgspec.Struct):
    access_token: _Secret
    access_token_expires_in: _Seconds
    # A refresh may leave the old refresh token as it is, and then does not repeat it.
    refresh_token: _Secret | None = None
    refresh_token_expires_in: _Seconds = bounds.GRANT_SECONDS


class Grants:
    """Asks the advertiser once, and keeps what was given alive."""

    def __init__(
        self,
        credentials: AdsCredentials,
        keeper: GrantKeeper,
        http: httpx2.AsyncClient,
        now: Clock,
    ) -> None:
        self._credentials = credentials
        self._keeper = keeper
        self._http = http
        self._now = now

    def url(self, redirect_uri: str, state: str) -> str:
        """Say where to send the person who authorises; the same words give the same address.

        Whoever made `state` checks it on return.
        """
        in_bytes("state", state, bounds.STATE_BYTES, least=1)
        query = urlencode(
            {
                "client_id": self._credentials.client_id,
                "redirect_uri": redirect_uri,
                "state": state,
            }
        )
        return f"{self._credentials.authorize_url}?{query}"

    async def until(self) -> datetime | None:
        """Say until when the permission lasts, if nothing uses it before; None without one."""
        grant = await self._keeper.read()
        return None if grant is None or grant.until <= self._now() else grant.until

    async def accept(self, authorization_code: str, redirect_uri: str) -> Grant:
        """Take the permission that this code stands for, and keep it.

        A code works once: a repeat is LoginCodeSpent, and the person authorises again.
        """
        if not authorization_code:
            raise BadInput("authorization_code", "must not be empty")
        asked = {
            "grant_type": "authorization_code",
            "authorization_code": authorization_code,
            "redirect_uri": redirect_uri,
        }
        grant, _token = await self._take(asked, None)
        return grant

    async def issue(self, is_forced: bool) -> IssuedToken:
        """Turn the grant into a fresh token; the grant is kept before the token is used.

        NotAuthorised means that nobody authorised yet, or that thirty days passed without use.
        """
        grant = await self._keeper.read()
        if grant is None or self._now() >= grant.until:
            raise NotAuthorised(_NO_GRANT, "the advertiser must authorise our application")
        asked = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
        _grant, token = await self._take(asked, grant)
        return token

    async def _take(self, asked: dict[str, str], before: Grant | None) -> tuple[Grant, IssuedToken]:
        known = self._credentials
        query = {"client_id": known.client_id, "client_secret": known.client_secret, **asked}
        request = self._http.build_request("GET", known.token_url, params=query)
        secrets = (known.client_secret, *asked.values())
        # Asked once only: a code works once, and each refresh may end the token before it.
        wire = answered(await ask(self._http, request, WHOM), _Tokens, secrets)
        if wire.refresh_token is None and before is None:
            raise NotAuthorised(_NO_GRANT, "the answer holds no lasting permission")
        grant = Grant(
            wire.refresh_token or (before.refresh_token if before else ""),
            self._now() + timedelta(seconds=wire.refresh_token_expires_in),
        )
        await self._keeper.keep(grant)
        lasts = min(wire.access_token_expires_in, bounds.TOKEN_SECONDS)
        return grant, IssuedToken(wire.access_token, lasts)
