"""States and reasons as people read them, each with its tone and its icon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from headwater.increment import verdicts
from headwater.increment.errors import Why
from headwater.increment.ledger import Reading
from headwater.web.kit.filters import percent, yuan, yuan_round
from headwater.web.kit.wording import _, language, mark, refusals

# Beyond so many fen caused for each fen credited, credit is too little to divide by.
SLIGHT: Final = 10.0


@dataclass(frozen=True)
class Interval:
    """A reading as a chart draws it."""

    name: str
    low: int
    point: int
    high: int
    tone: str


@dataclass(frozen=True)
class Ratio:
    """Credit beside increment: the one figure that joins them, its doubt, and which way round."""

    said: str
    doubt: str
    is_turned: bool = False


@dataclass(frozen=True)
class Face:
    """How a state looks: its words, its tone, and an icon, since colour alone says nothing."""

    words: str
    tone: str = ""
    icon: str | None = None

    @property
    def said(self) -> str:
        """The words in the reader's language."""
        return _(self.words)


# Green only for what is proven; an open window has no verdict and so no colour of one.
_VERDICT_TONES: dict[str, tuple[str, str | None]] = {
    "proven": ("ok", "check"),
    "not_enough": ("warn", None),
    "none_seen": ("", None),
    "harmful": ("bad", "alert"),
    "not_readable": ("warn", "alert"),
    "open": ("brand", "clock"),
    "planned": ("", "edit"),
}
_ORDERS = {
    "placed": Face(mark("待付款"), "warn", "clock"),
    "paid": Face(mark("待交付"), "brand", "package"),
    "handed_over": Face(mark("已交付"), "ok", "check"),
    "closed": Face(mark("已关闭")),
    "refunded": Face(mark("已退款"), "bad", "return"),
}
_REFUNDS = {
    "owed": Face(mark("待退"), "warn", "clock"),
    "asked": Face(mark("退款中"), "warn", "clock"),
    "done": Face(mark("已退回"), "ok", "check"),
    "stuck": Face(mark("需人工处理"), "bad", "alert"),
}
_CAMPAIGNS = {
    "draft": Face(mark("草稿"), "", "edit"),
    "launching": Face(mark("正在启动"), "warn", "clock"),
    "running": Face(mark("进行中"), "brand", "send"),
    "ended": Face(mark("已结束"), "", "check"),
    "stopped": Face(mark("已停止"), "bad", "close"),
}
_MESSAGES = {
    "planned": Face(mark("待发送"), "brand", "clock"),
    "later": Face(mark("稍后发送"), "warn", "clock"),
    "refused": Face(mark("不发送"), "", "shield"),
    "sending": Face(mark("正在发送"), "brand", "send"),
    "sent": Face(mark("已发送"), "ok", "check"),
    "unsure": Face(mark("不确定是否送达"), "warn", "alert"),
    "failed": Face(mark("发送失败"), "bad", "failed"),
    "past": Face(mark("历史触达"), "", "history"),
}
_REASONS = {
    "no_member": mark("会员已注销"),
    "no_consent": mark("会员没有同意接收"),
    "no_address": mark("在这个渠道上找不到会员"),
    "held_out": mark("对照组，本次不打扰"),
    "over_budget": mark("近期收到的已经够多"),
    "quiet_hours": mark("夜间静默，早上再发"),
    "too_late": mark("过了该发的时间"),
    "withdrawn": mark("活动停止，没有再发"),
    "not_reached": mark("平台连不上，稍后再试"),
    "unsure": mark("对方没有回应，不重复打扰"),
    "provider_refused": mark("平台拒绝发送"),
}
_KINDS = {
    "normal": mark("普通订单"),
    "scan_and_go": mark("扫码购"),
    "group": mark("拼团"),
    "flash": mark("限时抢购"),
    "drop": mark("首发"),
    "store": mark("门店订单"),
}
_QUESTIONS = {
    "program": mark("全程对照"),
    "campaign": mark("单场活动"),
    "journey": mark("旅程"),
    "guide": mark("导购"),
    "store": mark("门店"),
    "wave": mark("门店波次"),
}
_UNITS = {"member": mark("会员"), "guide": mark("导购"), "store": mark("门店")}
_SCENES = {
    "link": mark("链接"),
    "code": mark("店内码"),
    "poster": mark("海报"),
    "moments": mark("朋友圈"),
    "chat": mark("聊天"),
    "relation": mark("客户关系"),
}
_FULFILMENTS = {
    "pickup": mark("到店自提"),
    "delivery": mark("送货上门"),
    "carried": mark("当场带走"),
}
_CHANNELS = {
    "official_account": mark("服务号"),
    "sms": mark("短信"),
    "wecom": mark("企业微信"),
    "coupon": mark("优惠券"),
    "guide": mark("导购任务"),
    "banner": mark("商城横幅"),
    "mini_program": mark("小程序"),
    "ads": mark("广告人群"),
    "any": mark("全部渠道"),
}
_PURPOSES = {
    "service": mark("服务通知"),
    "marketing": mark("营销消息"),
    "measurement": mark("效果测量"),
}
_PARTS = {
    "member": mark("会员价"),
    "threshold": mark("满减"),
    "coupon": mark("优惠券"),
    "flash": mark("限时价"),
    "points": mark("积分"),
    "group": mark("拼团价"),
    "match": mark("商家配券"),
    "maker": mark("厂商券"),
    "till": mark("收银优惠"),
}
_SOURCES = {
    "official_account": mark("公众号"),
    "website": mark("网站"),
    "mini_program": mark("小程序"),
    "guide": mark("导购"),
    "store": mark("门店"),
    "import": mark("原系统"),
}
_ACCOUNTS = {
    "wechat_pay:receivable": mark("微信支付应收"),
    "wechat_pay:unmatched": mark("微信支付待退回"),
    "sales:store": mark("门店销售"),
    "commission:guide": mark("导购提成（应付）"),
    "commission:expense": mark("导购提成（费用）"),
    "pos:external": mark("原系统收银"),
}
_WHOM = {
    "wechat_pay": mark("微信支付"),
    "member": mark("会员本人"),
    "shopper": mark("会员本人"),
    "clock": mark("到时自动"),
    "import": mark("原系统"),
}
_INCIDENTS = {
    "wrong_amount": mark("支付金额与应付不符"),
    "money_returned": mark("收到的钱没有订单可付，已退回"),
    "different_repeat": mark("同一笔支付通知前后不一"),
    "refund_stuck": mark("退款卡住，需人工处理"),
    "wrong_refund_amount": mark("退款金额与应退不符"),
}
_DETAILS = {
    "asked_fen": mark("应为 {amount}"),
    "paid_fen": mark("实付 {amount}"),
    "amount_fen": mark("金额 {amount}"),
    "refunded_fen": mark("实退 {amount}"),
}


def verdict(state: str) -> Face:
    """The word of a reading."""
    tone, icon = _VERDICT_TONES[state]
    return Face(verdicts.STATES[state].said_in(language()), tone, icon)


def interval(name: str, reading: Reading) -> Interval:
    """A reading that has figures, ready to be drawn."""
    figures = reading.low_fen, reading.estimate_fen, reading.high_fen
    low, point, high = (figure or 0 for figure in figures)
    return Interval(name, low, point, high, _VERDICT_TONES[reading.state][0])


def has_figure(reading: Reading) -> bool:
    """Whether a reading may show its number: an open window only does so at a planned look."""
    if reading.estimate_fen is None:
        return False
    return reading.state != "open" or reading.look_no is not None


def has_lift(reading: Reading) -> bool:
    """Whether a lift may stand beside the figure: it must not say something else.

    Where the base itself is in doubt, the share's interval may hold zero though the figure's does
    not; then the figure counts, and the share stays in the ledger.
    """
    share, fen = reading.lift_share, reading.low_fen
    if share is None or fen is None or reading.high_fen is None:
        return False
    if reading.lift_low_share is None or reading.lift_high_share is None:
        return False
    share_holds = reading.lift_low_share <= 0 <= reading.lift_high_share
    return share_holds == (fen <= 0 <= reading.high_fen)


def because(reading: Reading) -> str:
    """Why a reading has that word; where figures allow none, what they lack as well."""
    said = verdicts.REASONS[reading.why].said_in(language())
    lacks = reading.details.get("cannot")
    return said if lacks is None else f"{said}: {Why.from_row(lacks).said_in(language())}"


def reason_of(why: str) -> str:
    """Say the code of a reason."""
    return verdicts.REASONS[why].said_in(language())


def without_lift(reading: Reading) -> str:
    """Say why a figure in money has no share beside it, or nothing where it has one."""
    if not has_figure(reading) or has_lift(reading):
        return ""
    return _("对照组的人均销售太少或波动太大，说不准百分比，所以只写金额。")


def ratio(share: float | None, low: float | None, high: float | None) -> Ratio | None:
    """How much was caused for each ¥100 of credit; where credit is tiny beside it, the other way.

    ¥4,900 for each ¥100 credited says nothing; that credit is 2 % of what was caused does.
    """
    if share is None or low is None or high is None:
        return None
    if abs(share) <= SLIGHT:
        return Ratio(_hundred(share), _("{low} 至 {high}", low=_hundred(low), high=_hundred(high)))
    if low <= 0:
        return Ratio("—", _("业绩很少，增量的区间又含零，两者比不出来"), is_turned=True)
    ends = {"low": percent(1 / high), "high": percent(1 / low)}
    said = _("增量的 {share}", share=percent(1 / share))
    return Ratio(
        said, _("{low} 至 {high}；业绩太少，按每 100 元折算没有意义", **ends), is_turned=True
    )


def _hundred(share: float) -> str:
    return yuan_round(round(share * 10_000))


def order_state(state: str) -> Face:
    """How an order stands."""
    return _ORDERS.get(state, Face(state))


def order_states() -> dict[str, Face]:
    """Every state an order can be in, in the order of its life."""
    return _ORDERS


def refund_state(state: str) -> Face:
    """How a refund stands."""
    return _REFUNDS.get(state, Face(state))


def campaign_state(state: str) -> Face:
    """How a campaign stands."""
    return _CAMPAIGNS.get(state, Face(state))


def message_state(state: str) -> Face:
    """How a message stands."""
    return _MESSAGES.get(state, Face(state))


def reason(code: str) -> str:
    """Why the gate answered so; a provider's own code stays as it is."""
    return _(_REASONS.get(code, code)) if code else ""


def kind(code: str) -> str:
    """What kind of order it is."""
    return _(_KINDS.get(code, code))


def question_kind(code: str) -> str:
    """What an experiment is about."""
    return _(_QUESTIONS.get(code, code))


def unit(code: str) -> str:
    """What an experiment draws."""
    return _(_UNITS.get(code, code))


def scene(code: str) -> str:
    """Where a guide's share was met."""
    return _(_SCENES.get(code, code))


def fulfilment(code: str) -> str:
    """How the goods reach the shopper."""
    return _(_FULFILMENTS.get(code, code))


def channel(code: str) -> str:
    """By which channel something is said."""
    return _(_CHANNELS.get(code, code))


def purpose(code: str) -> str:
    """What a consent is for."""
    return _(_PURPOSES.get(code, code))


def part(given: Mapping[str, Any]) -> str:
    """Why a line costs less than its shelf price, and by how much; a maker pays for its own."""
    name = _(_PARTS.get(given["kind"], given["kind"]))
    if given.get("paid"):
        return _("{name}，厂商承担 {amount}", name=name, amount=yuan(given["paid"]))
    return f"{name} {yuan(-given['fen'])}"


def source(code: str) -> str:
    """How a member came."""
    return _(_SOURCES.get(code, code))


def account(name: str) -> str:
    """What an account of the books is called; one without words keeps its own name."""
    return _(_ACCOUNTS.get(name, name))


def by_whom(code: str) -> str:
    """Who changed an order's state."""
    kind, _colon, login = code.partition(":")
    return _("员工 {login}", login=login) if kind == "staff" else _(_WHOM.get(code, code))


def details(given: Mapping[str, Any]) -> str:
    """What is known of an incident: amounts as money, the rest as it was written."""
    return " · ".join(
        _(_DETAILS[name], amount=yuan(value)) if name in _DETAILS else f"{name} {value}"
        for name, value in given.items()
    )


def incident(kind: str) -> str:
    """What waits for a person."""
    return _(_INCIDENTS.get(kind, kind))


def refusal(code: str) -> str:
    """Say a refusal that was met earlier, by its code."""
    return refusals().get(code, refusals()["refusal"])[language()]
