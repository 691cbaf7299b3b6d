"""The ads host: Marketing API v3.0 of Tencent Ads, over the same simulated people."""

from headwater.sandbox.ads.host import AdsHost, plug

__all__ = ["AdsHost", "plug"]
