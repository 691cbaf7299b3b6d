"""WeChat Pay, APIv3: ask for money, look at it, give it back, and believe only what is signed."""

from headwater.connect.wechat_pay.client import PaySheet, WechatPay
from headwater.connect.wechat_pay.notices import PaymentNotice, RefundNotice
from headwater.connect.wechat_pay.signing import MerchantKey, PlatformKeys, WechatPayCredentials
from headwater.connect.wechat_pay.states import PaymentState, RefundState, RefundStatus, TradeState

__all__ = [
    "MerchantKey",
    "PaySheet",
    "PaymentNotice",
    "PaymentState",
    "PlatformKeys",
    "RefundNotice",
    "RefundState",
    "RefundStatus",
    "TradeState",
    "WechatPay",
    "WechatPayCredentials",
]
