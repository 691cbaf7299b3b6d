"""How the sandbox misbehaves when asked to, as the real servers do now and then."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=1_000)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class Rules(Protocol):
    """A scenario: what is to happen when, apart from what was asked for by hand."""

    def hits(self, name: str) -> float:
        """What the rules say of this occasion: nought when nothing is to happen."""

    def told(self) -> list[dict[str, Any]]:
        """Each rule with how often it could have struck and how often it did."""


class Faults(msgspec.Struct, forbid_unknown_fields=True, dict=True):
    """Everything is well behaved by default; a `next` counter falls by one at each use.

    A host asks `spends` for a counter and `drawn` for a measure, so that a scenario, which lists
    the same names, is obeyed wherever the field is.
    """

    duplicates: Count = 0
    """Further copies of every pay notice, about a second apart."""
    delay_seconds: Seconds = 0.0
    """How late every pay notice leaves."""
    drop_next: Count = 0
    """So many pay notices are lost for good: only a query finds the money."""
    probe_next: Count = 0
    """So many pay notices are preceded by a copy with a WECHATPAY/SIGNTEST/ signature."""
    notices_signed_with: Literal["public_key", "certificate", "both"] = "public_key"
    """In the week of a rotation both serials arrive."""
    fail_next: Count = 0
    """So many requests to the pay host get 500 and have no effect."""
    hang_next: Count = 0
    """So many requests to it have their effect and then get no usable answer."""
    hang_seconds: Seconds = 30.0
    """How long such a request is kept before the line breaks with 502."""
    answer_probe_next: Count = 0
    """So many good answers of the pay host carry a WECHATPAY/SIGNTEST/ signature."""
    slow_seconds: Seconds = 0.0
    """How late every answer of the pay host comes."""
    frequency_next: Count = 0
    """So many requests to the pay host get 429 FREQUENCY_LIMITED and have no effect."""
    abnormal_next: Count = 0
    """So many refunds end as ABNORMAL, for a person to settle."""
    not_enough_next: Count = 0
    """So many refunds and shares are refused with 403 NOT_ENOUGH: the balance is too small."""
    no_certificates: bool = False
    """The list of certificates is empty, as for merchants who joined with a public key."""

    push_duplicates: Count = 0
    """Further copies of every push of the official account, mini program and WeCom."""
    push_delay_seconds: Seconds = 0.0
    """How late every push leaves."""
    push_drop_next: Count = 0
    """So many pushes are lost for good."""
    weixin_fail_next: Count = 0
    """So many requests to the weixin host get -1, system busy."""
    weixin_hang_next: Count = 0
    """So many requests to it have their effect and then get no usable answer."""
    weixin_slow_seconds: Seconds = 0.0
    """How late every answer of the weixin host comes."""
    tokens_die_next: Count = 0
    """So many calls find that their token of the weixin host has died early."""
    hide_unionid: bool = False
    """No answer carries a union id, as for an account without an Open Platform binding."""
    shipping_unknown_seconds: Seconds = 10.0
    """How long after a payment its shipping cannot be uploaded (10060001)."""
    wecom_fail_next: Count = 0
    """So many requests to the WeCom host get -1, system busy."""
    wecom_tokens_die_next: Count = 0
    """So many calls find that their WeCom token has died early."""
    wecom_busy_next: Count = 0
    """So many requests to the WeCom host get 45033, too many at once."""
    wecom_hang_next: Count = 0
    """So many requests to it have their effect and then get no usable answer."""
    welcome_busy_next: Count = 0
    """So many welcome messages get 41096, another app is greeting just now."""
    ads_fail_next: Count = 0
    """So many calls of the ads host get 10000, system busy."""
    ads_tokens_die_next: Count = 0
    """So many calls find that their token of the ads host has died early."""
    ads_frequency_next: Count = 0
    """So many calls of the ads host get 11017, too many a minute."""
    ads_hang_next: Count = 0
    """So many calls of it have their effect and then get no usable answer."""

    def spends(self, counter: str) -> bool:
        """Whether this occasion is hit: the counter falls, or else the scenario says so."""
        left: int = getattr(self, counter)
        if left > 0:
            setattr(self, counter, left - 1)
            return True
        return self._scripted(counter) > 0

    def drawn(self, measure: str) -> float:
        """How much of something this occasion gets: the field, or more if the scenario says so."""
        return max(float(getattr(self, measure)), self._scripted(measure))

    def become(self, wanted: Faults) -> None:
        """Take over what somebody asked for by hand; a scenario goes on beside it."""
        for name in Faults.__struct_fields__:
            setattr(self, name, getattr(wanted, name))

    def obey(self, rules: Rules) -> None:
        """Follow a scenario from now on."""
        vars(self)["rules"] = rules

    def told(self) -> list[dict[str, Any]]:
        """What the scenario did so far; nothing without one."""
        rules: Rules | None = vars(self).get("rules")
        return [] if rules is None else rules.told()

    def _scripted(self, name: str) -> float:
        rules: Rules | None = vars(self).get("rules")
        return 0.0 if rules is None else rules.hits(name)
