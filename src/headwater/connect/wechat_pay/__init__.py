"""WeChat Pay, APIv3: ask for money, look at it, give it back, and believe only what is signed."""

from headwater.connect.wechat_pay.bill_rows import FundRow, TradeRow
from headwater.connect.wechat_pay.bills import Bill, BillKind, Bills, FundAccount
from headwater.connect.wechat_pay.client import WechatPay
from headwater.connect.wechat_pay.exchange import keep_keys_fresh
from headwater.connect.wechat_pay.keys import PlatformKeys
from headwater.connect.wechat_pay.notices import PaymentNotice, RefundNotice, ReplayMemory
from headwater.connect.wechat_pay.orders import (
    AppSheet,
    Browser,
    BrowserKind,
    Extras,
    Goods,
    PaySheet,
    StoreScene,
    h5_link_back_to,
)
from headwater.connect.wechat_pay.profit_sharing import ProfitSharing
from headwater.connect.wechat_pay.sharing_states import (
    AccountKind,
    GiveBack,
    PartResult,
    Receiver,
    Relation,
    ReturnResult,
    ReturnState,
    Share,
    SharingState,
)
from headwater.connect.wechat_pay.signing import MerchantKey, WechatPayCredentials
from headwater.connect.wechat_pay.smart_guide import GuideChanges, NewGuide, SmartGuide
from headwater.connect.wechat_pay.states import PaymentState, RefundState, RefundStatus, TradeState

__all__ = [
    "AccountKind",
    "AppSheet",
    "Bill",
    "BillKind",
    "Bills",
    "Browser",
    "BrowserKind",
    "Extras",
    "FundAccount",
    "FundRow",
    "GiveBack",
    "Goods",
    "GuideChanges",
    "MerchantKey",
    "NewGuide",
    "PartResult",
    "PaySheet",
    "PaymentNotice",
    "PaymentState",
    "PlatformKeys",
    "ProfitSharing",
    "Receiver",
    "RefundNotice",
    "RefundState",
    "RefundStatus",
    "Relation",
    "ReplayMemory",
    "ReturnResult",
    "ReturnState",
    "Share",
    "SharingState",
    "SmartGuide",
    "StoreScene",
    "TradeRow",
    "TradeState",
    "WechatPay",
    "WechatPayCredentials",
    "h5_link_back_to",
    "keep_keys_fresh",
]
