"""Tencent Ads (腾讯广告), Marketing API v3: what ads cost, what buyers did, who may be reached.

Each subject is one attribute: `ads.actions`, `ads.audiences`, `ads.reports`, and `ads.grants` for
the advertiser's permission, which a person gives once in the browser.
"""

from __future__ import annotations

import httpx2

from headwater.base.times import Clock
from headwater.connect.tencent_ads.actions import Actions
from headwater.connect.tencent_ads.api import AdsApi, AdsCredentials
from headwater.connect.tencent_ads.audiences import Audiences
from headwater.connect.tencent_ads.grants import GrantKeeper, Grants
from headwater.connect.tencent_ads.reports import Reports
from headwater.connect.tokens import Tokens, in_memory

__all__ = ["AdsCredentials", "TencentAds"]


class TencentAds:
    """One advertiser at Tencent Ads, a subject each; they share one token."""

    def __init__(
        self,
        credentials: AdsCredentials,
        keeper: GrantKeeper,
        http: httpx2.AsyncClient,
        now: Clock,
        tokens: Tokens | None = None,
    ) -> None:
        store = in_memory(now) if tokens is None else tokens
        self.grants = Grants(credentials, keeper, http, now)
        name = f"tencent_ads:{credentials.account_id}:access"
        holder = store.holder(name, self.grants.issue)
        api = AdsApi(http, credentials.api_url, credentials.account_id, holder, now)
        self.actions = Actions(api)
        self.audiences = Audiences(api)
        self.reports = Reports(api, now)
